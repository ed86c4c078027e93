// `bench -- recovery`: a detector process that is killed with its state full: how long until another stands where it stood, and what
// checkpoints cost the loop meanwhile.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { topicNames } from '@yunjian/contracts';
import { end, launch } from '@yunjian/infra/local/launch.ts';
import { freePorts } from '@yunjian/infra/local/ports.ts';
import { entryOf } from '@yunjian/infra/local/services.ts';
import { until } from '@yunjian/infra/local/until.ts';
import { closeAdmin, createProducer, groupOffsets, readRange, watermarks } from '@yunjian/kafka';
import { startBroker } from '../support/broker.ts';
import { fillLane, PARTITIONS } from './core.ts';
import { rounded } from './figures.ts';
import type { Bench, Results } from './main.ts';
import { endOf, markAt } from './peers-work.ts';

const NAMESPACE = 'recovery';
const LIMIT_MS = 300_000;
const names = topicNames(NAMESPACE);
const lane = names.lane('institution');

export async function benchRecovery({ directory, say, options }: Bench): Promise<Results> {
  const broker = await startBroker(directory);
  const settings = { brokers: [broker.address], clientId: 'bench' };
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const start = (log: string) =>
    launch(
      {
        file: process.execPath,
        args: [entryOf('detector')],
        env: { YJ_NAMESPACE: NAMESPACE, KAFKA_BROKERS: broker.address, YJ_PORT: String(port) },
      },
      join(directory, log),
    );
  const stands = async (at: readonly number[]) => {
    const response = await fetch(`${url}/readyz`).catch(() => null);
    const { positions = {} } = ((await response?.json()) ?? {}) as { positions?: Record<string, number> };
    return at.every((next, partition) => (positions[partition] ?? 0) >= next);
  };
  const laneEnds = async () => (await watermarks(settings, lane)).map(({ high }) => high);
  let child = start('detector-0.log');
  try {
    await fillLane(settings, NAMESPACE, options.events);
    say(`  ${options.events.toLocaleString('en')} events in the lane`);
    const filled = await laneEnds();
    await until(
      () => stands(filled),
      LIMIT_MS,
      () => 'the detector has not read the lane',
    );
    await until(
      () => checkpointed(filled),
      LIMIT_MS,
      () => 'the detector has not made a checkpoint of the end',
    );
    const bytes = await checkpointBytes();
    const stall = await stallMax();
    say(`  ${(bytes / 1e6).toFixed(0)} MB of checkpoint to be read`);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    const killed = performance.now();
    child = start('detector-1.log');
    const producer = await createProducer(settings);
    const value = markAt(endOf(options.events) + 1_000, options.events * 2);
    await producer.send(
      lane,
      Array.from({ length: PARTITIONS }, (_, partition) => ({ value, partition })),
    );
    await producer.close();
    const after = await laneEnds();
    await until(
      () => stands(after),
      LIMIT_MS,
      () => 'the detector has not come back',
    );
    const recovery = (performance.now() - killed) / 1000;
    return {
      recovery_s: rounded(recovery, 2),
      restore_s: rounded(restoreSeconds(join(directory, 'detector-1.log')), 2),
      checkpoint_bytes: bytes,
      checkpoint_stall_max_ms: rounded(stall * 1000, 1),
    };
  } finally {
    await end(child, 11_000);
    await closeAdmin(settings);
    await broker.stop();
  }

  /** Whether the last checkpoint of every partition is of the end of the lane. */
  async function checkpointed(ends: readonly number[]): Promise<boolean> {
    const pointers = await groupOffsets(settings, names.group('detector'), names.checkpoint('institution'));
    const inputs = await Promise.all(
      ends.map(async (_, partition) => {
        const at = pointers[partition] ?? null;
        let input = -1;
        if (at === null) return input;
        const topic = names.checkpoint('institution');
        await readRange(settings, topic, partition, at, at + 1, ({ value }) => {
          input = (JSON.parse(String(value).split('\n')[0] ?? '{}') as { input?: number }).input ?? -1;
        });
        return input;
      }),
    );
    return inputs.every((input, partition) => input >= (ends[partition] as number));
  }

  async function checkpointBytes(): Promise<number> {
    const topic = names.checkpoint('institution');
    let bytes = 0;
    for (const { partition, low, high } of await watermarks(settings, topic))
      await readRange(settings, topic, partition, low, high, ({ value }) => {
        bytes += value?.length ?? 0;
      });
    return bytes;
  }

  async function stallMax(): Promise<number> {
    const page = await (await fetch(`${url}/metrics`)).text();
    return Number(/^yunjian_detector_checkpoint_stall_max_seconds\{[^}]*\} (\S+)/m.exec(page)?.[1]);
  }
}

/** From where the first partition began to be restored to where the last was, by the process's own log. */
function restoreSeconds(log: string): number {
  const restored = readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line.includes('partition restored'))
    .map((line) => JSON.parse(line) as { time: number | string; seconds: number })
    .map(({ time, seconds }) => ({ at: new Date(time).getTime() / 1000, seconds }));
  if (restored.length === 0) throw new Error(`${log} tells of no partition that was restored`);
  return Math.max(...restored.map(({ at }) => at)) - Math.min(...restored.map(({ at, seconds }) => at - seconds));
}
