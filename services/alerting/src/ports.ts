// What the decider needs of the outside besides its checkpoint log: the alert log, and somewhere for answers and refusals to go.
import type { CommandReply, RejectedRecord } from '@yunjian/contracts';

/** A record of the alert log on its way: key is the alert id. */
export interface Version {
  key: string;
  value: string;
  /** Offset of the lane record that led to it. */
  lane: number;
}

/** A record of the alert log as it stands; `lane` null where it does not say. */
export interface Written {
  value: Buffer;
  lane: number | null;
}

/** The one partition of the alert log. */
export interface AlertLog {
  /** Next offset to be written. */
  end(): Promise<number>;
  /** Records of [from, to) in order. */
  read(from: number, to: number): Promise<Written[]>;
  /** One request, written whole or not at all; resolves to the offset of the first. Rejects when the outcome is not known. */
  append(versions: readonly Version[]): Promise<number>;
}

/** Outlets that may say the same more than once. Resolved means acknowledged. */
export interface Outlets {
  reply(replies: readonly CommandReply[]): Promise<void>;
  refuse(records: readonly RejectedRecord[]): Promise<void>;
}

export interface LaneInput {
  offset: number;
  /** LogAppendTime, ms. */
  timestamp: number;
  value: Buffer | null;
}
