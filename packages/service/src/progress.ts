// Whether a processor works: `stuck` (work waits and nothing moves) told from `idle` (nothing waits) and `never-ran`.
import type { Metrics } from './metrics.ts';

export type ProgressState = 'never-ran' | 'idle' | 'moving' | 'stuck';

export interface Progress {
  /** `count` records were processed. */
  moved(count: number): void;
  /** Records that wait, as last measured. */
  lag(count: number): void;
  state(): ProgressState;
}

/** Without a record for this long, work that waits counts as stuck, ms. */
const STUCK_AFTER_MS = 30_000;
const STATES: readonly ProgressState[] = ['never-ran', 'idle', 'moving', 'stuck'];

export function createProgress(metrics: Metrics, now: () => number = () => performance.now()): Progress {
  let lastMoved: number | null = null;
  let waiting = 0;
  let waitingSince: number | null = null;
  const state = (): ProgressState => {
    if (waitingSince !== null && now() - Math.max(waitingSince, lastMoved ?? 0) > STUCK_AFTER_MS) return 'stuck';
    if (lastMoved === null) return 'never-ran';
    return now() - lastMoved < STUCK_AFTER_MS ? 'moving' : 'idle';
  };
  metrics.gauge(
    'progress_state',
    'One for the state that the processor is in: never-ran, idle, moving or stuck.',
    ['state'],
    (gauge) => {
      const current = state();
      for (const each of STATES) gauge.set({ state: each }, each === current ? 1 : 0);
    },
  );
  metrics.gauge('lag_records', 'Records that wait to be processed, as last measured.', [], (gauge) =>
    gauge.set(waiting),
  );
  return {
    moved: (count) => {
      if (count > 0) lastMoved = now();
    },
    lag: (count) => {
      waiting = count;
      if (count === 0) waitingSince = null;
      else waitingSince ??= now();
    },
    state,
  };
}
