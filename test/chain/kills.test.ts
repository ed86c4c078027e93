// The chain under load while its services are killed by -9 at random: what stands at the end is what the oracles compute from everything
// that was accepted, nothing is told twice differently, and the archive holds every settlement once.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClickHouse } from '@yunjian/clickhouse';
import {
  type AlertRecord,
  createPseudonymiser,
  FEEDS,
  parseRawEvent,
  toModel,
  type YunjianEvent,
} from '@yunjian/contracts';
import { until } from '@yunjian/infra/local/until.ts';
import { type KafkaSettings, readRange, watermarks } from '@yunjian/kafka';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Expected } from '../oracle/documents.ts';
import { firstDocuments } from '../oracle/documents.ts';
import { identityOracle } from '../oracle/identity.ts';
import { quarterlyOracle } from '../oracle/quarterly.ts';
import { traceOracle } from '../oracle/trace.ts';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { clickhouseUrl, kafkaBrokers, type Namespace, namespace } from '../support/stack.ts';
import { townLoad } from './load.ts';

const SEED = 20261123;
const KILLED = ['detector', 'ingest', 'alerting', 'archiver', 'ledger'] as const;
const JUDGED = new Set(['identity-check-missing', 'verification-unavailable', 'quarterly-spend', 'trace-repeated']);
const BATCH = 60;
/** The longest wait of a judgement whose cameras all speak, with marks and ticks behind it, ms. */
const DUE_MS = 15_000;

let ns: Namespace;
let logs: string;
let kafka: KafkaSettings;
const running = new Map<string, ServiceProcess>();

beforeAll(async () => {
  ns = await namespace({ partitions: 2 });
  logs = await mkdtemp(join(tmpdir(), 'yunjian-kills-'));
  kafka = { brokers: kafkaBrokers(), clientId: `${ns.name}.test` };
  await Promise.all(KILLED.map(start));
  await Promise.all([...running.values()].map((service) => service.ready(60_000)));
}, 120_000);

afterAll(async () => {
  await Promise.all([...running.values()].map((service) => service.stop()));
  await rm(logs, { recursive: true, force: true });
}, 60_000);

async function start(service: string): Promise<void> {
  const env = { ...ns.env, YJ_TICK_MS: '250', YJ_MARK_MS: '250', YJ_CHECKPOINT_MS: '300', YJ_GATHER_MS: '200' };
  running.set(service, await startProcess(service, env, join(logs, `${service}.log`)));
}

async function killAndStart(service: string): Promise<void> {
  await (running.get(service) as ServiceProcess).kill();
  await start(service);
}

/** Sends until ingest has acknowledged: an answer that never came is sent again, and falls as a repeat. */
async function deliver(lines: readonly string[]): Promise<void> {
  await until(
    async () => {
      const { url } = running.get('ingest') as ServiceProcess;
      const response = await fetch(`${url}/v1/events`, {
        method: 'POST',
        headers: { authorization: 'Bearer development', 'content-type': 'application/x-ndjson' },
        body: lines.join('\n'),
        signal: AbortSignal.timeout(15_000),
      }).catch(() => null);
      return response?.status === 202;
    },
    120_000,
    () => 'ingest does not take the load',
  );
}

async function readAll(
  topic: string,
  take: (value: Buffer | null, at: { partition: number; offset: number; timestamp: number; tick: boolean }) => void,
): Promise<void> {
  for (const { partition, low, high } of await watermarks(kafka, topic))
    await readRange(kafka, topic, partition, low, high, ({ value, offset, timestamp, headers }) =>
      take(value, { partition, offset, timestamp, tick: headers['yj-kind'] !== undefined }),
    );
}

async function acceptedEvents(): Promise<YunjianEvent[]> {
  const pseudonymiser = createPseudonymiser('development-pseudonym-key');
  const events: YunjianEvent[] = [];
  for (const feed of FEEDS)
    await readAll(ns.topics.raw(feed), (value, { partition, offset, timestamp, tick }) => {
      if (tick) return;
      const parsed = parseRawEvent(value, { arrival: timestamp, replay: false, feed });
      if (parsed.ok)
        events.push(
          toModel(parsed.event, { arrival: timestamp, origin: { feed, partition, offset, index: 0 } }, pseudonymiser),
        );
    });
  return events;
}

async function alertLog(): Promise<AlertRecord[]> {
  const records: AlertRecord[] = [];
  await readAll(ns.topics.alertLog, (value) => void records.push(JSON.parse(String(value)) as AlertRecord));
  return records;
}

const line = (detector: string, subject: string, tier: unknown, level: unknown) =>
  `${detector} ${subject} ${tier ?? '-'} L${level}`;
const wanted = (list: readonly Expected[]) =>
  list
    .map(({ detector, subject, tier, level, institution }) =>
      line(detector, detector === 'quarterly-spend' ? subject : `${institution}/${subject}`, tier, level),
    )
    .sort();

function standing(log: readonly AlertRecord[]): string[] {
  const newest = new Map<string, AlertRecord>();
  for (const record of log)
    if ((newest.get(record.alert_id)?.version ?? 0) < record.version) newest.set(record.alert_id, record);
  return [...newest.values()]
    .filter(({ state, detector }) => state.raised && JUDGED.has(detector))
    .map(({ detector, subject, facts, level, fixmedins_code }) =>
      line(
        detector,
        detector === 'quarterly-spend' ? subject.ref : `${fixmedins_code}/${subject.ref}`,
        facts.tier,
        level,
      ),
    )
    .sort();
}

test('services killed under load: nothing lost, nothing told twice, nothing made up', async () => {
  const { reference, lines } = townLoad(SEED, Date.now(), 300);
  await deliver(reference);
  let kills = 0;
  for (let from = 0; from < lines.length; from += BATCH) {
    await deliver(lines.slice(from, from + BATCH));
    if ((from / BATCH) % 2 === 1) await killAndStart(KILLED[(kills++ * 7 + SEED) % KILLED.length] as string);
  }
  expect(kills).toBeGreaterThanOrEqual(KILLED.length);
  await Promise.all([...running.values()].map((service) => service.ready(90_000)));

  const events = await acceptedEvents();
  const lastArrival = Math.max(...events.map(({ arrival }) => arrival));
  const expected = wanted([...identityOracle(events), ...quarterlyOracle(events, Date.now()), ...traceOracle(events)]);
  expect(expected.length).toBeGreaterThan(40);
  await until(
    async () =>
      Date.now() > lastArrival + DUE_MS && JSON.stringify(standing(await alertLog())) === JSON.stringify(expected),
    120_000,
    () => 'the alert log does not come to what the oracles say',
  ).catch(async () => expect(standing(await alertLog())).toEqual(expected));

  const versions = new Map<string, string[]>();
  for (const record of await alertLog()) {
    const list = versions.get(record.alert_id) ?? [];
    const known = list[record.version - 1];
    if (known !== undefined) expect(JSON.stringify(record)).toBe(known);
    else {
      expect(record.version).toBe(list.length + 1);
      list.push(JSON.stringify(record));
    }
    versions.set(record.alert_id, list);
  }

  const settlements = firstDocuments(events).filter(({ kind }) => kind === 'settlement' || kind === 'reversal').length;
  const clickhouse = createClickHouse({ url: clickhouseUrl(), database: ns.name });
  await until(
    async () =>
      (await clickhouse.query<{ n: number }>('SELECT count() AS n FROM settlements_current'))[0]?.n === settlements,
    60_000,
    () => `the archive does not hold each of ${settlements} settlements and reversals once`,
  );
  await clickhouse.close();
}, 420_000);
