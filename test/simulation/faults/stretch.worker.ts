// Thread: a stretch of seeds beside another.
import { parentPort, workerData } from 'node:worker_threads';
import { runStretch } from './stretch.ts';

const { first, end, step } = workerData as { first: number; end: number; step: number };
parentPort?.postMessage(await runStretch(first, end, step));
