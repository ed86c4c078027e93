// What a channel is to the notifier, and the two ways in which it fails.
import type { Message } from '../message.ts';

export interface Transport {
  /** Most bytes of UTF-8 that the content of a message may come to; what is longer is cut. */
  readonly room: number;
  /** Resolves once the other side has taken the message. @throws Refused, Overrun, or anything else: try again later. */
  send(message: Message, recipients: readonly string[]): Promise<void>;
  close(): void;
}

/** The other side will never take this message: no such mailbox, a bad address of a robot. Told in log and metrics. */
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
