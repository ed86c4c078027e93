// The chain under load while its services are killed by -9 at random: what stands at the end is what the oracles compute from everything
// that was accepted, nothing is told twice differently, and the archive holds every settlement once.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClickHouse } from '@yunjian/clickhouse';
import { until } from '@yunjian/infra/local/until.ts';
import type { KafkaSettings } from '@yunjian/kafka';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstDocuments } from '../oracle/documents.ts';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { clickhouseUrl, kafkaBrokers, type Namespace, namespace } from '../support/stack.ts';
import { townLoad } from './load.ts';
import { acceptedEvents, alertLog, contradictions, expectedOf, standing } from './outcome.ts';

const SEED = 20261123;
const KILLED = ['detector', 'ingest', 'alerting', 'archiver', 'ledger'] as const;
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

  const events = await acceptedEvents(kafka, ns.topics);
  const lastArrival = Math.max(...events.map(({ arrival }) => arrival));
  const expected = expectedOf(events);
  expect(expected.length).toBeGreaterThan(40);
  await until(
    async () =>
      Date.now() > lastArrival + DUE_MS &&
      JSON.stringify(standing(await alertLog(kafka, ns.topics))) === JSON.stringify(expected),
    120_000,
    () => 'the alert log does not come to what the oracles say',
  ).catch(async () => expect(standing(await alertLog(kafka, ns.topics))).toEqual(expected));

  expect(contradictions(await alertLog(kafka, ns.topics))).toEqual([]);

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
