// What a member knows of a partition that it holds.
import type { EachBatchPayload } from 'kafkajs';

/** A partition, from one join (or one doubt about the session) to the next. */
export interface Held {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  /** False once a join has begun, the coordinator has expelled us, or the session may have run out: for good. */
  valid: boolean;
  ready: boolean;
  resting: boolean;
  failures: number;
  /** Next offset to hand over, once ready. */
  next: number;
  /** Counts seeks, so that a batch under way does not move on from where it was sent. */
  seeks: number;
  /** Resolves when the batch that was fetched last has been handled, whatever came of it; `before`: the one before it. */
  handled: Promise<void>;
  before: Promise<void>;
}

export const keyOf = (topic: string, partition: number) => `${topic}/${partition}`;

export function newlyHeld(topic: string, partition: number): Held {
  const key = keyOf(topic, partition);
  const [handled, before] = [Promise.resolve(), Promise.resolve()];
  return {
    topic,
    partition,
    key,
    valid: true,
    ready: false,
    resting: false,
    failures: 0,
    next: 0,
    seeks: 0,
    handled,
    before,
  };
}

/** Its last record's offset: the library moves on behind control records that follow it. */
export function lastOf({ messages }: EachBatchPayload['batch']): string {
  return (messages[messages.length - 1] as { offset: string }).offset;
}
