// Lives beside each other, one on each core: they know nothing of one another.
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { JudgedLife, LifeOptions } from './life.ts';

/** Yields what was judged in the order asked for, whichever ended first: the result does not depend on the number of cores. */
export async function* judgedLives(asked: readonly LifeOptions[]): AsyncGenerator<JudgedLife> {
  const waiting = [...asked.entries()];
  const judged = asked.map(() => Promise.withResolvers<JudgedLife>());
  const threads = Array.from({ length: Math.min(availableParallelism(), asked.length) }, async () => {
    const thread = new Worker(new URL('life.worker.ts', import.meta.url));
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, options] = next;
      thread.postMessage(options);
      const [life] = (await once(thread, 'message')) as [JudgedLife];
      judged[index]?.resolve(life);
    }
    await thread.terminate();
  });
  const ended = Promise.all(threads);
  for (const { promise } of judged) yield await Promise.race([promise, ended.then(() => promise)]);
}
