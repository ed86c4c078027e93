// `bench -- core`: one detector process on a full lane, its checkpoints on, against the bare library that only parses.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createPseudonymiser, FEED_OF, type RawEventType, topicNames, topicRegistry } from '@yunjian/contracts';
import { end, launch } from '@yunjian/infra/local/launch.ts';
import { freePorts } from '@yunjian/infra/local/ports.ts';
import { entryOf } from '@yunjian/infra/local/services.ts';
import {
  closeAdmin,
  createProducer,
  ensureTopics,
  type KafkaSettings,
  type LogProducer,
  type OutRecord,
  watermarks,
} from '@yunjian/kafka';
import { route } from '@yunjian/service-ingest';
import { startBroker } from '../support/broker.ts';
import { cpuSeconds, rounded } from './figures.ts';
import type { Bench, Results } from './main.ts';
import { markAt, registrations, type TimedEvent, visits } from './peers-work.ts';

export const PARTITIONS = 4;
const BARE_TOPIC = 'bench.bare';
const PORTION = 5_000;
const MARK_EVERY_MS = 1_000;
/** Share of the records that is not measured: start-up and warm-up. */
const WARM_UP = 0.1;
const LIMIT_MS = 300_000;
/** The identity detector and those that speak what it finds. */
export const IDENTITY = 'identity-check-missing,identity-mismatch,verification-unavailable';

export interface Measured {
  records: number;
  seconds: number;
  cpuSeconds: number;
}

export async function benchCore(bench: Bench): Promise<Results> {
  const broker = await startBroker(bench.directory);
  try {
    return await measureOurs(bench, { brokers: [broker.address], clientId: 'bench' });
  } finally {
    await broker.stop();
  }
}

/** The detector with the identity judgement alone and with everything, and the bare library, on lanes of their own. */
export async function measureOurs({ directory, say, options }: Bench, settings: KafkaSettings): Promise<Results> {
  try {
    const { events } = options;
    const [address = ''] = settings.brokers;
    const bytes = await fillBare(settings, events);
    say(`  ${events.toLocaleString('en')} events of ${Math.round(bytes / events)} bytes, ${PARTITIONS} partitions`);
    await fillLane(settings, 'identity', events);
    await fillLane(settings, 'all', events);
    say('  filled');
    const bare = perSecond(await runBare(address, events), 'bare kafkajs, parsed', say);
    const identity = await runDetector(address, 'identity', { YJ_DETECTORS: IDENTITY }, directory);
    const alone = perSecond(identity, 'identity detector', say);
    const all = perSecond(await runDetector(address, 'all', {}, directory), 'all detectors', say);
    return {
      detector_events_per_second: alone,
      detector_all_events_per_second: all,
      detector_cpu_seconds_per_million: rounded((identity.cpuSeconds / identity.records) * 1_000_000),
      bare_events_per_second: bare,
      detector_share_of_bare: rounded(alone / bare, 3),
    };
  } finally {
    await closeAdmin(settings);
  }
}

export function perSecond({ records, seconds, cpuSeconds: cpu }: Measured, what: string, say: Bench['say']): number {
  const rate = Math.round(records / seconds);
  const millionths = rounded((cpu / records) * 1_000_000);
  say(`  ${what.padEnd(22)} ${rate.toLocaleString('en')} events/s, ${millionths} CPU seconds a million`);
  return rate;
}

async function fillBare(settings: KafkaSettings, events: number): Promise<number> {
  await ensureTopics(settings, [{ name: BARE_TOPIC, partitions: PARTITIONS, config: {} }]);
  let bytes = 0;
  await fill(settings, BARE_TOPIC, events, ({ event }) => {
    const value = Buffer.from(JSON.stringify(event));
    bytes += value.length;
    return [{ key: event.fixmedins_code, value }];
  });
  return bytes;
}

/** The lane as the router would have written it: the institutions, the events, and a mark for each second of arrival. */
export async function fillLane(
  settings: KafkaSettings,
  namespace: string,
  events: number,
  lanePartitions = PARTITIONS,
): Promise<void> {
  const names = topicNames(namespace);
  const registry = topicRegistry({ namespace, rawPartitions: 1, lanePartitions });
  await ensureTopics(settings, registry);
  const pseudonymiser = createPseudonymiser(createHash('sha256').update(namespace).digest('hex'));
  let offset = 0;
  let marked = 0;
  const laid = ({ at, event }: TimedEvent): OutRecord[] => {
    const feed = FEED_OF[event.event_type as RawEventType];
    const raw = { feed, partition: 0, offset: offset++, arrival: at, value: Buffer.from(JSON.stringify(event)) };
    const routed = route(raw, { pseudonymiser, lanePartitions, replay: false });
    if (!routed.ok) throw new Error(`the work holds an invalid event: ${JSON.stringify(routed.issues)}`);
    const records: OutRecord[] = routed.outputs
      .filter(({ lane }) => lane === 'institution')
      .map(({ key, value, partition }) => ({ key, value, partition }));
    if (at < marked + MARK_EVERY_MS) return records;
    marked = at;
    const value = markAt(at, offset);
    for (let partition = 0; partition < lanePartitions; partition++) records.push({ value, partition });
    return records;
  };
  await fill(settings, names.lane('institution'), events, laid, registrations());
}

async function fill(
  settings: KafkaSettings,
  topic: string,
  events: number,
  recordsOf: (event: TimedEvent) => OutRecord[],
  first: readonly TimedEvent[] = [],
): Promise<void> {
  const producer: LogProducer = await createProducer(settings);
  let portion: OutRecord[] = first.flatMap(recordsOf);
  for (const event of visits(events)) {
    portion.push(...recordsOf(event));
    if (portion.length < PORTION) continue;
    await producer.send(topic, portion);
    portion = [];
  }
  await producer.send(topic, portion);
  await producer.close();
}

async function runBare(brokers: string, events: number): Promise<Measured> {
  const script = join(import.meta.dirname, 'bare.process.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, brokers, BARE_TOPIC, String(events)]);
  return JSON.parse(stdout) as Measured;
}

/** Starts detectors on a lane that is full and watches them to the end of it; what is measured begins when each holds partitions. */
export async function runDetector(
  brokers: string,
  namespace: string,
  env: Record<string, string>,
  directory: string,
  processes = 1,
): Promise<Measured> {
  const ports = await freePorts(processes);
  const logs = ports.map((port) => join(directory, `detector-${namespace}-${port}.log`));
  const children = ports.map((port, i) => {
    const own = { ...env, YJ_NAMESPACE: namespace, KAFKA_BROKERS: brokers, YJ_PORT: String(port) };
    return launch({ file: process.execPath, args: [entryOf('detector')], env: own }, logs[i] as string);
  });
  const ends = await laneRecords(brokers, namespace);
  const at = async () => {
    const held = await Promise.all(ports.map(positionsAt));
    return {
      records: held.flat().reduce((sum, next) => sum + next, 0),
      shared: held.every((positions) => positions.length > 0),
      at: performance.now(),
      cpu: children.reduce((sum, { pid }) => sum + (cpuSeconds(pid as number) ?? Number.NaN), 0),
    };
  };
  try {
    const deadline = performance.now() + LIMIT_MS;
    let from: Awaited<ReturnType<typeof at>> | null = null;
    for (;;) {
      const now = await at();
      if (from === null && now.shared && now.records >= ends * WARM_UP) from = now;
      if (from !== null && now.records >= ends)
        return {
          records: now.records - from.records,
          seconds: (now.at - from.at) / 1000,
          cpuSeconds: now.cpu - from.cpu,
        };
      if (children.some(({ exitCode }) => exitCode !== null) || performance.now() > deadline)
        throw new Error(
          `the detectors stand at ${now.records} of ${ends}; the ends of their logs: ${logs.map(tailOf).join('\n')}`,
        );
      await sleep(50);
    }
  } finally {
    await Promise.all(children.map((child) => end(child, 11_000)));
  }
}

/** Next offset of each partition that the detector at that port holds. */
async function positionsAt(port: number): Promise<number[]> {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
  const { positions = {} } = ((await response?.json()) ?? {}) as { positions?: Record<string, number> };
  return Object.values(positions);
}

export async function laneRecords(brokers: string, namespace: string): Promise<number> {
  const marks = await watermarks({ brokers: [brokers], clientId: 'bench' }, topicNames(namespace).lane('institution'));
  return marks.reduce((sum, { low, high }) => sum + high - low, 0);
}

function tailOf(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-3).join('\n');
}
