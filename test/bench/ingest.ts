// Ingest alone on a real broker: a backlog at the Kafka door routed into the lanes, and NDJSON through both doors; what each costs.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeLane, FEED_OF, FEEDS, type RawEventType, topicNames, topicRegistry } from '@yunjian/contracts';
import { end, launch } from '@yunjian/infra/local/launch.ts';
import { freePorts } from '@yunjian/infra/local/ports.ts';
import { entryOf } from '@yunjian/infra/local/services.ts';
import { closeAdmin, createProducer, ensureTopics, type KafkaSettings, tail, watermarks } from '@yunjian/kafka';
import { startBroker } from '../support/broker.ts';
import { EVENTS_PER_VISIT, type RawEvent, visitEvents } from './city.ts';
import { cpuSeconds, rounded } from './figures.ts';
import type { Bench, Results } from './main.ts';

const PARTITIONS = 4;
const API_KEY = 'bench-api-key';
/** Events of one request, requests under way. */
const [BATCH, REQUESTS] = [500, 4];
const NAMES = topicNames('bench');

/** Next raw offset merged into lane.institution, by `feed/partition`, as marks tell it. */
type Merged = Map<string, number>;

export async function benchIngest({ directory, say, options }: Bench): Promise<Results> {
  const broker = await startBroker(directory);
  const settings: KafkaSettings = { brokers: [broker.address], clientId: 'bench' };
  try {
    await ensureTopics(
      settings,
      topicRegistry({ namespace: 'bench', rawPartitions: PARTITIONS, lanePartitions: PARTITIONS }),
    );
    return await measure(settings, directory, options.events, say);
  } finally {
    await closeAdmin(settings);
    await broker.stop();
  }
}

async function measure(
  settings: KafkaSettings,
  directory: string,
  events: number,
  say: (line: string) => void,
): Promise<Results> {
  const producer = await createProducer(settings);
  const merged: Merged = new Map();
  const marks = await tail(settings, {
    topics: [NAMES.lane('institution')],
    from: 'latest',
    onBatch: ({ records }) => {
      for (const { value } of records) {
        const record = value?.[1] === 0x22 ? decodeLane(value) : null;
        if (record?.kind === 'mark') for (const e of record.entries) merged.set(`${e.feed}/${e.partition}`, e.next);
      }
    },
  });
  const all = cityEvents(events);
  say(
    `  ${all.length} events, ${Math.round(bytesOf(all) / all.length)} bytes each: a fifth settlements with lines and codes`,
  );
  for (const part of chunks(all, 5_000))
    await Promise.all(
      FEEDS.map((feed) =>
        producer.send(
          NAMES.raw(feed),
          part.flatMap((event) =>
            feedOf(event) === feed ? [{ key: event.fixmedins_code, value: JSON.stringify(event) }] : [],
          ),
        ),
      ),
    );
  const ingest = await startIngest(settings, directory);
  try {
    const backlog = await timed(ingest.pid, async () => await allMerged(settings, merged));
    say(`  Kafka door: ${Math.round(all.length / backlog.seconds)} events/s with the start of the process`);
    const bodies = chunks(all, BATCH).map((part) => part.map((event) => JSON.stringify(event)).join('\n'));
    const both = await timed(ingest.pid, async () => {
      await postAll(ingest.url, bodies);
      await allMerged(settings, merged);
    });
    say(`  both doors: ${Math.round(all.length / both.seconds)} events/s`);
    const perCore = (cpu: number) => Math.round(all.length / cpu);
    const perMillion = (cpu: number) => rounded((cpu / all.length) * 1e6);
    return {
      ingest_router_events_per_second: Math.round(all.length / backlog.seconds),
      ingest_router_events_per_cpu_second: perCore(backlog.cpu),
      ingest_router_cpu_seconds_per_million: perMillion(backlog.cpu),
      ingest_both_doors_events_per_second: Math.round(all.length / both.seconds),
      ingest_both_doors_cpu_seconds_per_million: perMillion(both.cpu),
      ingest_events_per_second: perCore(both.cpu),
    };
  } finally {
    await ingest.stop();
    await marks.close();
    await producer.close();
  }
}

function cityEvents(count: number): RawEvent[] {
  const now = Date.now();
  return Array.from({ length: Math.ceil(count / EVENTS_PER_VISIT) }, (_, visit) => {
    const { settlement, seen } = visitEvents(visit, now - 60_000 + visit);
    return [settlement, ...seen];
  }).flat();
}

const feedOf = (event: RawEvent) => FEED_OF[event.event_type as RawEventType];
const bytesOf = (events: readonly RawEvent[]) => events.reduce((sum, event) => sum + JSON.stringify(event).length, 0);

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

async function startIngest(settings: KafkaSettings, directory: string) {
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  mkdirSync(directory, { recursive: true });
  const env = {
    YJ_NAMESPACE: 'bench',
    KAFKA_BROKERS: settings.brokers.join(','),
    YJ_PORT: String(port),
    YJ_RAW_PARTITIONS: String(PARTITIONS),
    YJ_LANE_PARTITIONS: String(PARTITIONS),
    YJ_API_KEYS: JSON.stringify([{ key: API_KEY, name: 'bench', institutions: '*' }]),
  };
  const child = launch({ file: process.execPath, args: [entryOf('ingest')], env }, join(directory, 'ingest.log'));
  return { url, pid: child.pid as number, stop: () => end(child, 15_000) };
}

async function timed(pid: number, act: () => Promise<void>): Promise<{ seconds: number; cpu: number }> {
  const [started, cpu] = [performance.now(), cpuSeconds(pid) ?? 0];
  await act();
  return { seconds: (performance.now() - started) / 1000, cpu: (cpuSeconds(pid) ?? Number.NaN) - cpu };
}

/** Everything that stands in the raw topics now is in the lanes. */
async function allMerged(settings: KafkaSettings, merged: Merged): Promise<void> {
  const wanted = new Map<string, number>();
  for (const feed of FEEDS)
    for (const { partition, high } of await watermarks(settings, NAMES.raw(feed)))
      if (high > 0) wanted.set(`${feed}/${partition}`, high);
  while ([...wanted].some(([key, next]) => (merged.get(key) ?? 0) < next)) await sleep(20);
}

async function postAll(url: string, bodies: string[]): Promise<void> {
  const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/x-ndjson' };
  const waiting = bodies.values();
  const send = async (): Promise<void> => {
    for (const body of waiting) {
      const response = await fetch(`${url}/v1/events`, { method: 'POST', headers, body });
      const answer = (await response.json()) as { rejected?: unknown[] };
      if (response.status !== 202 || answer.rejected?.length !== 0)
        throw new Error(`POST /v1/events answered ${response.status} ${JSON.stringify(answer).slice(0, 400)}`);
    }
  };
  await Promise.all(Array.from({ length: REQUESTS }, send));
}
