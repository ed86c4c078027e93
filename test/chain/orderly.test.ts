// An orderly end under load: every service in turn is told to stop. Readiness fails first, it ends within ten seconds, and its successor
// reads nothing again: no lane record, finding or alert is written twice.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AlertRecord, decodeLane, LANES, laneAlertRecord, originAbove } from '@yunjian/contracts';
import { until } from '@yunjian/infra/local/until.ts';
import { type KafkaSettings, readRange, watermarks } from '@yunjian/kafka';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { kafkaBrokers, type Namespace, namespace } from '../support/stack.ts';
import { townLoad } from './load.ts';

const SERVICES = ['detector', 'ingest', 'alerting', 'ledger', 'archiver'] as const;
const DRAIN_MS = 10_000;
const BATCH = 40;

let ns: Namespace;
let logs: string;
let kafka: KafkaSettings;
const running = new Map<string, ServiceProcess>();

beforeAll(async () => {
  ns = await namespace({ partitions: 2 });
  logs = await mkdtemp(join(tmpdir(), 'yunjian-orderly-'));
  kafka = { brokers: kafkaBrokers(), clientId: `${ns.name}.test` };
  await Promise.all(SERVICES.map((service) => start(service)));
  await Promise.all([...running.values()].map((service) => service.ready(60_000)));
}, 120_000);

afterAll(async () => {
  await Promise.all([...running.values()].map((service) => service.stop()));
  await rm(logs, { recursive: true, force: true });
}, 60_000);

async function start(service: string, onPort?: number): Promise<void> {
  const env = { ...ns.env, YJ_TICK_MS: '250', YJ_MARK_MS: '250', YJ_GATHER_MS: '200' };
  running.set(service, await startProcess(service, env, join(logs, `${service}.log`), onPort));
}

interface Ending {
  service: string;
  code: number | null;
  inTime: boolean;
  /** What /readyz answered between the signal and the end. */
  answers: (number | undefined)[];
}

async function stopAndStart(service: string): Promise<Ending> {
  const process = running.get(service) as ServiceProcess;
  const answers: Ending['answers'] = [];
  const began = performance.now();
  let ended = false;
  const stopped = process.stop().finally(() => {
    ended = true;
  });
  while (!ended) {
    const answer = await process.readyz();
    if (answer !== null) answers.push(answer.status);
  }
  const inTime = performance.now() - began < DRAIN_MS;
  const code = await stopped;
  await start(service, Number(new URL(process.url).port));
  return { service, code, inTime, answers };
}

async function deliver(lines: readonly string[]): Promise<void> {
  await until(
    async () => {
      const { url } = running.get('ingest') as ServiceProcess;
      const response = await fetch(`${url}/v1/events`, {
        method: 'POST',
        headers: { authorization: 'Bearer development', 'content-type': 'application/x-ndjson' },
        body: lines.join('\n'),
      }).catch(() => null);
      return response?.status === 202;
    },
    60_000,
    () => 'ingest does not take the load',
  );
}

async function valuesOf(topic: string): Promise<{ partition: number; value: Buffer }[]> {
  const values: { partition: number; value: Buffer }[] = [];
  for (const { partition, low, high } of await watermarks(kafka, topic))
    await readRange(kafka, topic, partition, low, high, ({ value }) => {
      if (value !== null) values.push({ partition, value: Buffer.from(value) });
    });
  return values;
}

/** Lane records whose origin is not above the last of its raw partition: laid a second time. */
async function laidTwice(): Promise<string[]> {
  const twice: string[] = [];
  for (const lane of LANES) {
    const last = new Map<string, { offset: number; index: number }>();
    for (const { partition, value } of await valuesOf(ns.topics.lane(lane))) {
      const record = decodeLane(value);
      if (record.kind === 'mark' || record.kind === 'ruleChange') continue;
      const { origin } = record;
      // What the ledger sends into its own lane has no place in a raw topic.
      if (origin.feed === 'ledger') continue;
      const key = `${partition} ${origin.feed}/${origin.partition}`;
      const before = last.get(key);
      if (before !== undefined && !originAbove(origin, before)) twice.push(`${lane} ${key}@${origin.offset}`);
      else last.set(key, origin);
    }
  }
  return twice;
}

/** Findings whose cause is not above the last of its processor and partition. */
async function foundTwice(): Promise<{ found: number; twice: string[] }> {
  const twice: string[] = [];
  const last = new Map<string, { offset: number; index: number }>();
  let found = 0;
  for (const { value } of await valuesOf(ns.topics.laneAlert)) {
    const record = laneAlertRecord.parse(JSON.parse(value.toString()));
    if (record.type !== 'finding') continue;
    found++;
    const { processor, lane, partition, offset, index } = record.cause;
    const key = `${processor} ${lane}/${partition}`;
    const before = last.get(key);
    if (before !== undefined && !originAbove({ offset, index }, before)) twice.push(`${key}@${offset}.${index}`);
    else last.set(key, { offset, index });
  }
  return { found, twice };
}

async function toldTwice(): Promise<string[]> {
  const told = (await valuesOf(ns.topics.alertLog)).map(({ value }) => {
    const { alert_id, version } = JSON.parse(value.toString()) as AlertRecord;
    return `${alert_id} ${version}`;
  });
  return told.filter((each, i) => told.indexOf(each) !== i);
}

test('told to stop under load, every service fails readiness first, drains in time, and nothing is processed again', async () => {
  const { reference, lines } = townLoad(4, Date.now(), 200);
  await deliver(reference);
  const endings: Ending[] = [];
  for (let from = 0, n = 0; from < lines.length; from += BATCH, n++) {
    const sent = deliver(lines.slice(from, from + BATCH));
    if (n % 3 === 2) endings.push(await stopAndStart(SERVICES[((n - 2) / 3) % SERVICES.length] as string));
    await sent;
  }
  expect(endings.length).toBeGreaterThan(SERVICES.length);
  for (const { service, code, inTime, answers } of endings)
    expect({ service, code, inTime, ready: answers.slice(1).filter((status) => status === 200) }).toEqual({
      service,
      code: 0,
      inTime: true,
      ready: [],
    });

  await Promise.all([...running.values()].map((service) => service.ready(60_000)));
  await until(
    async () => (await foundTwice()).found > 30,
    60_000,
    () => 'too little was found to say anything',
  );
  expect(await laidTwice()).toEqual([]);
  expect((await foundTwice()).twice).toEqual([]);
  expect(await toldTwice()).toEqual([]);
}, 240_000);
