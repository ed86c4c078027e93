// Work done again and again with a pause between, and work that is waited for only so long.

export interface Repeated {
  /** Resolves when a run under way has ended; no other begins. */
  stop(): Promise<void>;
}

/** Runs `act`, waits `everyMs` after its start (or for its end, where that is later), and so on; a failure is the next run's business. */
export function repeat(everyMs: number, act: () => Promise<void>): Repeated {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const run = (): void => {
    const started = performance.now();
    running = act()
      .catch(() => {})
      .then(() => {
        if (!stopped) timer = setTimeout(run, Math.max(0, everyMs - (performance.now() - started)));
      });
  };
  timer = setTimeout(run, everyMs);
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

/** Resolves when `work` has ended, well or not, or after `ms`. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.then(() => {}).catch(() => {}), limit]);
  clearTimeout(timer);
}
