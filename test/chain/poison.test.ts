// A lane record that our own code cannot read, on real parts: it is in the rejected topic with its stack, an operational alert stands, and
// the partition goes on, also after the detector has been killed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeLane, FEEDS, type RejectedRecord } from '@yunjian/contracts';
import { until } from '@yunjian/infra/local/until.ts';
import { createProducer, type KafkaSettings, type LogProducer, readRange, watermarks } from '@yunjian/kafka';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { kafkaBrokers, type Namespace, namespace } from '../support/stack.ts';
import { alertLog } from './outcome.ts';

let ns: Namespace;
let logs: string;
let kafka: KafkaSettings;
let producer: LogProducer;
let detector: ServiceProcess;
let alerting: ServiceProcess;
let now = Date.now();

const startDetector = () =>
  startProcess('detector', { ...ns.env, YJ_CHECKPOINT_MS: '200' }, join(logs, 'detector.log'));

beforeAll(async () => {
  ns = await namespace({ partitions: 1 });
  logs = await mkdtemp(join(tmpdir(), 'yunjian-poison-'));
  kafka = { brokers: kafkaBrokers(), clientId: `${ns.name}.test` };
  producer = await createProducer(kafka);
  detector = await startDetector();
  alerting = await startProcess('alerting', ns.env, join(logs, 'alerting.log'));
  await Promise.all([detector.ready(60_000), alerting.ready(60_000)]);
}, 120_000);

afterAll(async () => {
  await Promise.all([detector.stop(), alerting.stop(), producer.close()]);
  await rm(logs, { recursive: true, force: true });
}, 60_000);

/** A mark that far behind the last: what a shaken partition waits for. */
async function mark(minutes: number): Promise<void> {
  now += minutes * 60_000;
  const value = encodeLane({
    kind: 'mark',
    entries: FEEDS.map((feed) => ({ feed, partition: 0, next: 1, arrival: now, lastEvent: now })),
    partitions: { settlement: 1, surveillance: 1, trace: 1, reference: 1 },
  });
  await producer.send(ns.topics.lane('institution'), [{ value, partition: 0 }]);
}

async function rejected(): Promise<RejectedRecord[]> {
  const records: RejectedRecord[] = [];
  const [end] = await watermarks(kafka, ns.topics.rejected);
  await readRange(kafka, ns.topics.rejected, 0, 0, end?.high ?? 0, ({ value }) =>
    records.push(JSON.parse(String(value)) as RejectedRecord),
  );
  return records;
}

const reaches = (offset: number) =>
  until(
    async () => ((await detector.readyz())?.body.positions as Record<string, number> | undefined)?.[0] === offset,
    30_000,
    () => `the detector does not reach offset ${offset}`,
  );

test('poison is set aside and said, and the partition goes on through a kill', async () => {
  await mark(0);
  await producer.send(ns.topics.lane('institution'), [{ value: '[99]', partition: 0 }]);
  await mark(0.01);
  await reaches(3);
  await detector.kill();
  detector = await startDetector();
  await mark(2);
  await reaches(4);
  await until(
    async () => (await alertLog(kafka, ns.topics)).length > 0,
    30_000,
    () => 'no operational alert',
  );

  const [record] = await rejected();
  expect(record).toMatchObject({ reason: 'poison', origin: { topic: ns.topics.lane('institution'), offset: 1 } });
  expect(record?.issues[0]?.message).toMatch(/tag must be[\s\S]*at decodeLane/);
  const alerts = await alertLog(kafka, ns.topics);
  expect(alerts).toMatchObject([
    { detector: 'record-poisoned', version: 1, subject: { kind: 'partition', ref: 'institution/0' }, level: 3 },
  ]);
  expect(await detector.metrics()).toContain('yunjian_detector_counted_total{what="poison"');
});
