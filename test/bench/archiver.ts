// The archiver by itself: a lane is filled, the service started on it, and what it does until it has committed the end. Every record of
// the lane is one row of ClickHouse; a settlement's fee lines are arrays of its row.
import { createClickHouse } from '@yunjian/clickhouse';
import {
  createPseudonymiser,
  encodeLane,
  FEED_OF,
  type Feed,
  parseRawEvent,
  type RawEventType,
  toModel,
  topicNames,
  topicRegistry,
} from '@yunjian/contracts';
import { migrate } from '@yunjian/infra/clickhouse/migrate.ts';
import { until } from '@yunjian/infra/local/until.ts';
import { closeAdmin, createProducer, ensureTopics, groupOffsets, type KafkaSettings } from '@yunjian/kafka';
import type { LocalServer } from '../support/broker.ts';
import { startBroker } from '../support/broker.ts';
import { startClickhouse } from '../support/clickhouse.ts';
import { startProcess } from '../support/process.ts';
import { EVENTS_PER_VISIT, visitEvents } from './city.ts';
import { cpuSeconds, rounded } from './figures.ts';
import { START, settlement } from './lane-records.ts';
import type { Bench, Results } from './main.ts';

const PARTITIONS = 4;
const PORTION = 5_000;
const LIMIT_MS = 300_000;
/** Share of the records that is not measured: start-up, and code that is not compiled yet. */
const WARM_UP = 0.1;
const TABLES = ['settlements', 'surveillance', 'heartbeats'];

interface Work {
  namespace: string;
  /** What its figures are called. */
  prefix: string;
  what: string;
  value(n: number): Buffer;
}

/** Settlements of three fee lines each, and the chain's mix: a fifth settlements, the rest checks, presence and heartbeats. */
export async function benchArchiver({ directory, say, options }: Bench): Promise<Results> {
  const [broker, clickhouse] = await Promise.all([startBroker(directory), startClickhouse(directory)]);
  const works: Work[] = [
    { namespace: 'bench_mix', prefix: 'archiver', what: "records of the chain's mix", value: mixed() },
    { namespace: 'bench_settlements', prefix: 'archiver_settlement', what: 'settlements', value: settlement },
  ];
  try {
    let results: Results = {};
    for (const work of works) {
      const log = `${directory}/${work.prefix}.log`;
      results = { ...results, ...(await archived(work, { broker, clickhouse, log, count: options.events, say })) };
    }
    return results;
  } finally {
    await Promise.all([broker.stop(), clickhouse.stop()]);
  }
}

interface Run {
  broker: LocalServer;
  clickhouse: LocalServer;
  log: string;
  count: number;
  say: Bench['say'];
}

async function archived(
  { namespace, prefix, what, value }: Work,
  { broker, clickhouse, log, count, say }: Run,
): Promise<Results> {
  const settings: KafkaSettings = { brokers: [broker.address], clientId: 'bench' };
  const names = topicNames(namespace);
  const topic = names.lane('institution');
  await Promise.all([
    ensureTopics(settings, topicRegistry({ namespace, rawPartitions: PARTITIONS, lanePartitions: PARTITIONS })),
    migrate({ url: clickhouse.address, database: namespace }),
  ]);
  const bytes = await fill(settings, topic, value, count);
  say(`  ${count.toLocaleString('en')} ${what} of ${Math.round(bytes / count)} bytes`);
  const service = await startProcess(
    'archiver',
    {
      YJ_NAMESPACE: namespace,
      KAFKA_BROKERS: broker.address,
      CLICKHOUSE_URL: clickhouse.address,
      YJ_LANE_PARTITIONS: String(PARTITIONS),
    },
    log,
  );
  try {
    const used = () => ({
      archiver: cpuSeconds(service.pid) ?? 0,
      clickhouse: cpuSeconds(clickhouse.pid()) ?? 0,
      broker: cpuSeconds(broker.pid()) ?? 0,
    });
    const reaches = async (least: number) => {
      let next = 0;
      await until(
        async () => {
          const offsets = await groupOffsets(settings, names.group('archiver'), topic);
          next = Object.values(offsets).reduce<number>((sum, offset) => sum + (offset ?? 0), 0);
          return next >= least;
        },
        LIMIT_MS,
        () => `the archiver has committed ${next} of ${count} records after ${LIMIT_MS / 1000} s: see ${log}`,
      );
      return { next, at: performance.now(), cpu: used() };
    };
    const begun = await reaches(Math.ceil(count * WARM_UP));
    const done = await reaches(count);
    await archivedAll(clickhouse.address, namespace, count);
    await merged(clickhouse.address);
    const settled = used();
    const rss = Number(/^yunjian_process_resident_memory_bytes\{[^}]*\} (\S+)$/m.exec(await service.metrics())?.[1]);
    const records = done.next - begun.next;
    const perMillion = (of: keyof typeof settled, after = done.cpu) =>
      rounded(((after[of] - begun.cpu[of]) * 1e6) / records);
    return {
      [`${prefix}_rows_per_second`]: rounded((records * 1000) / (done.at - begun.at), 0),
      [`${prefix}_cpu_seconds_per_million`]: perMillion('archiver'),
      [`${prefix}_clickhouse_cpu_seconds_per_million`]: perMillion('clickhouse'),
      [`${prefix}_clickhouse_merged_cpu_seconds_per_million`]: perMillion('clickhouse', settled),
      [`${prefix}_broker_cpu_seconds_per_million`]: perMillion('broker'),
      [`${prefix}_resident_mib`]: rounded(rss / 2 ** 20, 0),
    };
  } finally {
    await service.stop();
    await closeAdmin(settings).catch(() => {});
  }
}

/** @throws Error when the archive does not hold each record once */
async function archivedAll(url: string, database: string, count: number): Promise<void> {
  const clickhouse = createClickHouse({ url, database });
  try {
    let rows = 0;
    for (const table of TABLES) {
      const key = table === 'heartbeats' ? 'institution, device, event_time' : 'document';
      const [row] = await clickhouse.query<{ n: number }>(`SELECT uniqExact(${key}) AS n FROM ${table}`);
      rows += row?.n ?? 0;
    }
    if (rows !== count) throw new Error(`the archive holds ${rows} rows, expected ${count}`);
  } finally {
    await clickhouse.close();
  }
}

/** Resolves once ClickHouse has nothing left to merge: what an insert costs ends with its merges. */
async function merged(url: string): Promise<void> {
  const clickhouse = createClickHouse({ url, database: 'default' });
  let quiet = 0;
  try {
    await until(
      async () => {
        const [row] = await clickhouse.query<{ n: number }>('SELECT count() AS n FROM system.merges');
        quiet = row?.n === 0 ? quiet + 1 : 0;
        return quiet > 20;
      },
      LIMIT_MS,
      () => 'ClickHouse still merges',
    );
  } finally {
    await clickhouse.close();
  }
}

/** Lane records of visits in a city, in the order in which a visit's events happen. */
function mixed(): (n: number) => Buffer {
  const pseudonymiser = createPseudonymiser('bench');
  const next = new Map<Feed, number>();
  let visit: Buffer[] = [];
  return (n) => {
    const place = n % EVENTS_PER_VISIT;
    if (place === 0) {
      const at = START + n;
      const { settlement: settled, seen } = visitEvents(n / EVENTS_PER_VISIT, at);
      visit = [...seen, settled].map((raw) => {
        const feed = FEED_OF[raw.event_type as RawEventType];
        const parsed = parseRawEvent(Buffer.from(JSON.stringify(raw)), { arrival: at, replay: false, feed });
        if (!parsed.ok) throw new Error(`a visit's event is refused: ${JSON.stringify(parsed.issues)}`);
        const offset = next.get(feed) ?? 0;
        next.set(feed, offset + 1);
        const origin = { feed, partition: 0, offset, index: 0 };
        return encodeLane(toModel(parsed.event, { arrival: at, origin }, pseudonymiser));
      });
    }
    return visit[place] as Buffer;
  };
}

async function fill(settings: KafkaSettings, topic: string, value: Work['value'], count: number): Promise<number> {
  const producer = await createProducer(settings);
  let bytes = 0;
  for (let from = 0; from < count; from += PORTION) {
    const records = Array.from({ length: Math.min(PORTION, count - from) }, (_, i) => ({
      value: value(from + i),
      partition: (from + i) % PARTITIONS,
    }));
    bytes += records.reduce((sum, record) => sum + record.value.length, 0);
    await producer.send(topic, records);
  }
  await producer.close();
  return bytes;
}
