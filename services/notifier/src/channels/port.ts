// What a channel is to the notifier, and the ways in which it fails.
import type { Message } from '../message.ts';

export interface Transport {
  /** Most bytes of UTF-8 that the content of a message may come to; what is longer is cut. */
  readonly room: number;
  /**
   * Resolves once the other side has taken the message, with those of the recipients for whom it has not; a robot has none.
   * @throws Refused, Overrun, or anything else: nobody was told, try again later. No message of an error names an address.
   */
  send(message: Message, recipients: readonly string[]): Promise<Missed[]>;
  close(): void;
}

/** A recipient for whom the other side has not taken a message. */
export interface Missed {
  recipient: string;
  /** Without the address. */
  reason: string;
  /** There is no such mailbox; else it is worth another try. */
  forGood: boolean;
}

/** The other side says of this very message that it will never take it: everything else may pass, and is tried again. */
export class Refused extends Error {
  override name = 'Refused';
}

/** The other side wants quiet for a while. */
export class Overrun extends Error {
  override name = 'Overrun';
  readonly waitMs: number;
  constructor(message: string, waitMs: number) {
    super(message);
    this.waitMs = waitMs;
  }
}
