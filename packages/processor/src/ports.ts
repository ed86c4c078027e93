// What the lane host needs of the outside: a partition's checkpoint log with its fenced pointer, and somewhere for effects to go.

export interface StoredRecord {
  offset: number;
  value: Buffer;
}

/** One partition of a checkpoint topic. Every promise settles on the broker's word: resolved is acknowledged. */
export interface CheckpointLog {
  /** Appends records in order; resolves to the offset of the first. */
  append(values: Buffer[]): Promise<number>;
  /** Reads [from, to) in order. */
  read(from: number, to: number): Promise<StoredRecord[]>;
  /** First and next offset of the partition. */
  bounds(): Promise<{ low: number; next: number }>;
  /** The committed pointer: the offset of the last COMMIT record that counts; null when there is none. */
  pointer(): Promise<number | null>;
  /**
   * Moves the pointer. Rejects with `Fenced` when the coordinator has expelled this owner: a zombie's checkpoint never counts.
   * @param input next offset of the lane behind that checkpoint, for whoever asks how far the partition is; left out: as told before
   */
  commitPointer(offset: number, input?: number): Promise<void>;
  /** Deletes records below an offset. */
  trim(before: number): Promise<void>;
}

/** This owner has been expelled from the group: it must drop the partition and write no more. */
export class Fenced extends Error {
  override name = 'Fenced';
}

/** A checkpoint that cannot be trusted. The partition stops; the message says what to do. */
export class CheckpointBroken extends Error {
  override name = 'CheckpointBroken';
}
