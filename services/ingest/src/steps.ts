// Reading in step: a raw partition far ahead of the slowest waits, so that no feed runs hours ahead of another after a backlog.

/** How far, in arrival, a raw partition may be ahead of the slowest that this router owns, ms (design: reads in step). */
export const STEP_MS = 5 * 60_000;

export interface Steps {
  /** The leading records that may be read now; if not all, the partition counts as waiting. */
  within<R extends { timestamp: number }>(key: string, records: readonly R[]): readonly R[];
  /** A partition has been read up to this arrival. */
  reached(key: string, arrival: number): void;
  forget(key: string): void;
  /** Waiting partitions that may go on. */
  takeReleased(): string[];
}

/** A partition counts from its first record on: one that has none cannot hold others back, it has a tick within a second. */
export function createSteps(stepMs = STEP_MS): Steps {
  const arrivals = new Map<string, number>();
  const waiting = new Map<string, number>();
  const slowest = (except: string): number => {
    let least = Number.POSITIVE_INFINITY;
    for (const [key, arrival] of arrivals) if (key !== except) least = Math.min(least, waiting.get(key) ?? arrival);
    return least;
  };
  return {
    within: (key, records) => {
      const limit = slowest(key) + stepMs;
      const end = records.findIndex(({ timestamp }) => timestamp > limit);
      if (end < 0) {
        waiting.delete(key);
        return records;
      }
      waiting.set(key, (records[end] as { timestamp: number }).timestamp);
      return records.slice(0, end);
    },
    reached: (key, arrival) => {
      arrivals.set(key, Math.max(arrivals.get(key) ?? 0, arrival));
    },
    forget: (key) => {
      arrivals.delete(key);
      waiting.delete(key);
    },
    takeReleased: () => {
      const released = [...waiting].filter(([key, next]) => next <= slowest(key) + stepMs).map(([key]) => key);
      for (const key of released) waiting.delete(key);
      return released;
    },
  };
}
