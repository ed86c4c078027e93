// `bench -- peers`: what a user would pick instead, Kafka Streams and Flink, on the same work in the same run as ours and as the bare library.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createProducer, ensureTopics, type KafkaSettings, type OutRecord } from '@yunjian/kafka';
import { startBroker } from '../support/broker.ts';
import { type Measured, measureOurs, perSecond } from './core.ts';
import { rounded } from './figures.ts';
import type { Bench, Results } from './main.ts';
import { visits } from './peers-work.ts';

const PARTITIONS = 4;
const TOPIC = 'bench.peers';
const ALERTS = 'bench.peers.alerts';
const PORTION = 5_000;
const LIBRARIES = join(import.meta.dirname, '../../node_modules/.cache/yunjian-peers');

const run = promisify(execFile);

/** Records bear the time of their events, which the broker's own retention may have left behind. */
const KEPT = { 'retention.ms': '-1' };
/** A peer that has not seen every record by then never will. */
const LIMIT_MS = 300_000;

export async function benchPeers(bench: Bench): Promise<Results> {
  const { directory, say, options } = bench;
  const broker = await startBroker(directory);
  const settings: KafkaSettings = { brokers: [broker.address], clientId: 'bench' };
  try {
    await fill(settings, options.events);
    const peer = (name: string, program: string, last: string[] = []) =>
      runPeer(name, program, [broker.address, TOPIC, ALERTS, join(directory, name), String(options.events), ...last]);
    const streams = await peer('kafka-streams', 'StreamsPeer', ['exactly_once_v2']);
    const streamsRate = perSecond(streams, 'kafka streams', say);
    const flink = await peer('flink', 'FlinkPeer');
    const flinkRate = perSecond(flink, 'flink', say);
    const ours = await measureOurs(bench, settings);
    return {
      ...ours,
      kafka_streams_events_per_second: streamsRate,
      kafka_streams_cpu_seconds_per_million: perMillion(streams),
      flink_events_per_second: flinkRate,
      flink_cpu_seconds_per_million: perMillion(flink),
    };
  } finally {
    await broker.stop();
  }
}

function perMillion({ cpuSeconds, records }: Measured): number {
  return rounded((cpuSeconds / records) * 1_000_000);
}

/** Keyed by institution and person, so that the peers need not partition anew; with the event's own time. */
async function fill(settings: KafkaSettings, events: number): Promise<void> {
  await ensureTopics(settings, [
    { name: TOPIC, partitions: PARTITIONS, config: KEPT },
    { name: ALERTS, partitions: PARTITIONS, config: KEPT },
  ]);
  const producer = await createProducer(settings);
  let portion: OutRecord[] = [];
  const send = async () => {
    await producer.send(TOPIC, portion);
    portion = [];
  };
  for (const { at, event } of visits(events)) {
    const key = `${event.fixmedins_code}|${event.psn_no}`;
    portion.push({ key, timestamp: at, value: JSON.stringify(event) });
    if (portion.length === PORTION) await send();
  }
  await send();
  await producer.close();
}

/** @throws Error when Maven or a JDK 17 is missing, or with what the peer said */
async function runPeer(name: string, program: string, args: string[]): Promise<Measured> {
  const folder = join(import.meta.dirname, 'peers', name);
  const libraries = join(LIBRARIES, name);
  if (!existsSync(libraries)) {
    mkdirSync(LIBRARIES, { recursive: true });
    await run('mvn', [
      '-q',
      '-B',
      '-f',
      join(folder, 'pom.xml'),
      'dependency:copy-dependencies',
      `-DoutputDirectory=${libraries}`,
    ]);
  }
  const classes = join(LIBRARIES, `${name}-classes`);
  mkdirSync(classes, { recursive: true });
  await run('javac', ['-cp', `${libraries}/*`, '-d', classes, join(folder, `${program}.java`)]);
  const { stdout } = await run('java', ['-Xmx2g', '-cp', `${classes}:${libraries}/*`, program, ...args], {
    maxBuffer: 1 << 24,
    timeout: LIMIT_MS,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) as string) as Measured;
}
