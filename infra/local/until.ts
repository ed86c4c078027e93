// Waiting for a condition of another process, with a limit and a reason when it is not met.
import { setTimeout as sleep } from 'node:timers/promises';

/** The message says what was waited for and what is known of it. */
export class NotInTime extends Error {}

/**
 * Asks `condition` every 100 ms until it is true.
 * @throws NotInTime with what `describe` says after `limitMs`, or the reason of `signal` when it is aborted first.
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
    if (performance.now() > deadline) throw new NotInTime(describe());
    await sleep(100);
  }
}
