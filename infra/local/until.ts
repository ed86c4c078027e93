// Waiting for a condition of another process, with a limit and a reason when it is not met.
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks `condition` every 100 ms until it is true.
 * @throws Error with what `describe` says after `limitMs`, or the reason of `signal` when it is aborted first.
 */
export async function until(
  condition: () => Promise<boolean> | boolean,
  limitMs: number,
  describe: () => string,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    signal?.throwIfAborted();
    if (await condition()) return;
    if (performance.now() > deadline) throw new Error(describe());
    await sleep(100);
  }
}
