// Reading in step: a raw partition far ahead of the slowest waits, so that no feed runs hours ahead of another after a backlog.

/** How far, in arrival, a raw partition may be ahead of the slowest that this router owns, ms (design: reads in step). */
export const STEP_MS = 5 * 60_000;

interface Timed {
  timestamp: number;
}

interface Reading {
  /** Records wait in it, and none has been shown yet: how far behind it is, nobody knows. */
  expected: boolean;
  /** Arrival of the last record read, ms; null before the first. */
  at: number | null;
  /** Arrival of the next record, as far as it has been shown. */
  next: number | null;
  waiting: boolean;
  atEnd: boolean;
}

export interface Steps {
  /** A partition is now read here; `waiting` when it holds records that are still to come. */
  expect(key: string, waiting: boolean): void;
  /** The leading records that may be read now; none makes the partition wait. */
  within<R extends Timed>(key: string, records: readonly R[]): readonly R[];
  /** The leading `count` of the records shown were read; a partition with more of them waits. */
  read(key: string, records: readonly Timed[], count: number, atEnd: boolean): void;
  forget(key: string): void;
  /** Waiting partitions that may go on; they wait no longer. Ask after every other call: the slowest is always among them. */
  takeReleased(): string[];
}

/**
 * @param endHolds whether a partition that has been read to its end holds the others to its last record. Live it does not: what is appended
 * later arrives later. In a replay arrivals are written by the replayer, whose ticks say how far a partition is complete.
 */
export function createSteps(endHolds: boolean, stepMs = STEP_MS): Steps {
  const readings = new Map<string, Reading>();
  const readingOf = (key: string): Reading => {
    let reading = readings.get(key);
    if (reading === undefined) {
      reading = { expected: false, at: null, next: null, waiting: false, atEnd: true };
      readings.set(key, reading);
    }
    return reading;
  };
  const positionOf = ({ expected, at, next, atEnd }: Reading): number => {
    if (expected) return Number.NEGATIVE_INFINITY;
    if (next !== null) return next;
    return at === null || (atEnd && !endHolds) ? Number.POSITIVE_INFINITY : at;
  };
  const limitOf = (key: string): number => {
    let slowest = Number.POSITIVE_INFINITY;
    for (const [other, reading] of readings) if (other !== key) slowest = Math.min(slowest, positionOf(reading));
    return slowest + stepMs;
  };
  return {
    expect: (key, waiting) => {
      const reading = readingOf(key);
      reading.expected = waiting && reading.next === null;
    },
    within: (key, records) => {
      const reading = readingOf(key);
      reading.expected = false;
      reading.next = (records[0] as Timed).timestamp;
      const limit = limitOf(key);
      const end = records.findIndex(({ timestamp }) => timestamp > limit);
      reading.waiting = end === 0;
      return end < 0 ? records : records.slice(0, end);
    },
    read: (key, records, count, atEnd) => {
      const reading = readingOf(key);
      for (let i = 0; i < count; i++) reading.at = Math.max(reading.at ?? 0, (records[i] as Timed).timestamp);
      reading.waiting = count < records.length;
      reading.next = records[count]?.timestamp ?? null;
      reading.atEnd = atEnd && !reading.waiting;
    },
    forget: (key) => void readings.delete(key),
    takeReleased: () => {
      const released: string[] = [];
      for (const [key, reading] of readings)
        if (reading.waiting && (reading.next as number) <= limitOf(key)) released.push(key);
      for (const key of released) readingOf(key).waiting = false;
      return released;
    },
  };
}
