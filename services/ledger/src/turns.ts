// Long work leaves the loop to heartbeats and answers now and then.
import { setImmediate as others } from 'node:timers/promises';

const TURN_MS = 20;

/** @returns what long work awaits between two of its pieces: it rests when its turn is over */
export function takingTurns(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since <= TURN_MS) return;
    await others();
    since = performance.now();
  };
}
