// Thread: lives, one at a time, each asked for by a message.
import { parentPort } from 'node:worker_threads';
import { type LifeOptions, liveAndJudge } from './life.ts';

parentPort?.on('message', async (options: LifeOptions) => parentPort?.postMessage(await liveAndJudge(options)));
