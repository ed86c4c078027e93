// Process: `npm run soak`. One detector process on a town that has lived longer than evidence is kept, and goes on living, an hour a
// minute: its memory must stay where it is. Ends with code 1 when it does not.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPseudonymiser, topicNames, topicRegistry } from '@yunjian/contracts';
import { codeOf, positive, readArguments } from '@yunjian/infra/local/arguments.ts';
import { leaveNobodyBehind } from '@yunjian/infra/local/launch.ts';
import { until } from '@yunjian/infra/local/until.ts';
import {
  closeAdmin,
  createProducer,
  ensureTopics,
  type KafkaSettings,
  type OutRecord,
  watermarks,
} from '@yunjian/kafka';
import { startBroker } from '../support/broker.ts';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { flatness, printed, type Sample } from './memory.ts';
import { TownLife } from './town-life.ts';

const HELP = `npm run soak -- [options]

  A detector on a broker of its own: 49 hours of a town at full speed, so that evidence is dropped as fast as it comes, 49 more after a
  restart, then an hour of its life every minute. Prints its memory, and ends with code 1 when a window lies more than 5 % from the mean.

  --minutes N   length of the measured part (default 30)
`;

const PARTITIONS = 4;
const NAMESPACE = 'soak';
/** Evidence is kept 48 hours behind the clock. */
const PAST_MS = 49 * 3_600_000;
/** Lane time per time. */
const SPEED = 60;
const PORTION = 5_000;
const SAMPLE_MS = 5_000;
/** While everything is replaced: so much lane time every so often, ms. */
const TURN_MS = 600_000;
const TURN_EVERY_MS = 500;
/** Before the measurement: what a process does once, it has done by then. */
const SETTLE_SHARE = 0.2;
const DRAIN_MS = 600_000;
const LAST_LINES = 5;
const START = Date.parse('2026-10-05T08:00:00+08:00');

const started = performance.now();
const say = (line: string) =>
  process.stdout.write(`${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);

leaveNobodyBehind();
process.exit(await codeOf(main));

async function main(): Promise<number> {
  const { values } = readArguments('npm run soak --', {
    options: { minutes: { type: 'string', default: '30' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const minutes = positive('--minutes', values.minutes);
  const directory = mkdtempSync(join(tmpdir(), 'yunjian-soak-'));
  const broker = await startBroker(directory);
  const kafka: KafkaSettings = { brokers: [broker.address], clientId: 'soak' };
  try {
    const samples = await soak(kafka, directory, minutes, () => broker.stop());
    const verdict = flatness(samples);
    process.stdout.write(`\n${printed(verdict)}\n`);
    return verdict.flat ? 0 : 1;
  } finally {
    await closeAdmin(kafka).catch(() => {});
    await broker.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function soak(
  kafka: KafkaSettings,
  directory: string,
  minutes: number,
  stopBroker: () => Promise<void>,
): Promise<Sample[]> {
  const names = topicNames(NAMESPACE);
  const registry = topicRegistry({ namespace: NAMESPACE, rawPartitions: 1, lanePartitions: PARTITIONS });
  await ensureTopics(kafka, registry);
  const producer = await createProducer(kafka);
  const life = new TownLife(
    { pseudonymiser: createPseudonymiser('soak'), lanePartitions: PARTITIONS, replay: true },
    START,
  );
  const live = async (to: number, first: OutRecord[] = []) => {
    let portion = first;
    for (const records of life.until(to)) {
      portion.push(...records);
      if (portion.length < PORTION) continue;
      await producer.send(names.lane('institution'), portion);
      portion = [];
    }
    if (portion.length > 0) await producer.send(names.lane('institution'), portion);
  };

  const env = {
    YJ_NAMESPACE: NAMESPACE,
    KAFKA_BROKERS: kafka.brokers.join(','),
    YJ_LANE_PARTITIONS: String(PARTITIONS),
  };
  const start = async () => {
    const started = await startProcess('detector', env, join(directory, 'detector.log'));
    await started.ready(60_000);
    return started;
  };
  let detector = await start();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void Promise.all([detector.stop(), stopBroker()]).finally(() => process.exit(130)));
  try {
    say('the town lives through 49 hours');
    await live(START + PAST_MS, life.registrations());
    await reads(kafka, names.lane('institution'), detector);
    // What reading at full speed left behind is no part of the measurement, nor is that what was restored is smaller than what was read.
    await detector.stop();
    detector = await start();
    say('it has read them and is restored; everything that it keeps is replaced, at an hour in three seconds');
    for (const past = life.now + PAST_MS; life.now < past; ) {
      await live(Math.min(past, life.now + TURN_MS));
      await sleep(TURN_EVERY_MS);
    }
    await reads(kafka, names.lane('institution'), detector);
    say(`an hour a minute from here on, for ${minutes} minutes`);
    const samples: Sample[] = [];
    const began = performance.now();
    const lane = life.now;
    for (let passed = 0; passed < minutes * 60_000; passed = performance.now() - began) {
      await live(lane + passed * SPEED);
      const sample = { at: passed, ...(await memoryOf(detector)) };
      if (passed > minutes * 60_000 * SETTLE_SHARE) samples.push(sample);
      if (Math.floor(passed / 60_000) !== Math.floor((passed - SAMPLE_MS) / 60_000))
        say(`resident ${mb(sample.resident)}, heap ${mb(sample.heap)}`);
      await sleep(SAMPLE_MS);
    }
    await reads(kafka, names.lane('institution'), detector);
    return samples;
  } catch (error) {
    const code = detector.ended();
    if (code === null) throw error;
    const lines = readFileSync(join(directory, 'detector.log'), 'utf8').trimEnd().split('\n');
    throw new Error(`the detector ended with code ${code}:\n${lines.slice(-LAST_LINES).join('\n')}`);
  } finally {
    await detector.stop();
    await producer.close();
  }
}

async function reads(kafka: KafkaSettings, lane: string, detector: ServiceProcess): Promise<void> {
  const ends = await watermarks(kafka, lane);
  await until(
    async () => {
      const positions = ((await detector.readyz())?.body.positions ?? {}) as Record<string, number>;
      return ends.every(({ partition, high }) => (positions[partition] ?? 0) >= high);
    },
    DRAIN_MS,
    () => `the detector has not read the lane within ${DRAIN_MS / 1000} s`,
  );
}

async function memoryOf(detector: ServiceProcess): Promise<{ resident: number; heap: number }> {
  const text = await detector.metrics();
  const value = (name: string) => Number(new RegExp(`^yunjian_${name}\\{[^}]*\\} (.+)$`, 'm').exec(text)?.[1]);
  return { resident: value('process_resident_memory_bytes'), heap: value('nodejs_heap_size_used_bytes') };
}

function mb(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MB`;
}
