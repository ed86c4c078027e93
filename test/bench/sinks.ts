// The ledger by itself: a lane is filled, the service started on it, and the time taken until it has committed the end.
import { createClickHouse } from '@yunjian/clickhouse';
import { topicNames, topicRegistry } from '@yunjian/contracts';
import { migrate } from '@yunjian/infra/clickhouse/migrate.ts';
import { until } from '@yunjian/infra/local/until.ts';
import {
  closeAdmin,
  createProducer,
  ensureTopics,
  groupOffsets,
  type KafkaSettings,
  type LogProducer,
  watermarks,
} from '@yunjian/kafka';
import { startBroker } from '../support/broker.ts';
import { startClickhouse } from '../support/clickhouse.ts';
import { startProcess } from '../support/process.ts';
import { cpuSeconds, rounded } from './figures.ts';
import { codeSale, mark, stockRecord } from './lane-records.ts';
import { ledgerFigures } from './ledger-figures.ts';
import { FIRST_POSITION, type FillHistory, fillCodes, fillPersons, personSettlement } from './ledger-history.ts';
import type { Bench, Results } from './main.ts';

const NAMESPACE = 'bench';
const PARTITIONS = 4;
const PORTION = 5_000;
const LIMIT_MS = 900_000;
const PERSONS_LEAST = 4_000;

interface Sink {
  service: 'ledger';
  lane: 'institution' | 'code' | 'person';
  group: string;
  value(n: number): Buffer;
  /** Makes that many rows of the ledger's history. */
  history?: FillHistory;
}

/** Codes/s: each sale stored, its code's history read back, judged. One code in fifty is sold again. */
export async function benchLedger(bench: Bench): Promise<Results> {
  const fresh = (n: number) => codeSale(n % 50 === 49 ? n - 24 : n, n);
  const sink: Sink = { service: 'ledger', lane: 'code', group: 'ledger.code', value: fresh, history: fillCodes };
  const { seconds, figures } = await throughput(bench, sink);
  return { codes_per_s: rounded(bench.options.events / seconds, 0), ...figures };
}

/** Settlements/s of persons with a history each: every one stored, the person's whole history judged. */
export async function benchPersons(bench: Bench): Promise<Results> {
  const persons = Math.max(PERSONS_LEAST, Math.round(bench.options.history / bench.options.each));
  const value = (n: number) => (n < FIRST_POSITION * PARTITIONS ? mark(n) : personSettlement(personOf(n, persons), n));
  const sink: Sink = {
    service: 'ledger',
    lane: 'person',
    group: 'ledger.person',
    value,
    history: fillPersons(persons),
  };
  const { seconds, figures } = await throughput(bench, sink);
  return { settlements_per_s: rounded(bench.options.events / seconds, 0), persons, ...figures };
}

/** Records/s: settlements and deliveries of lane.institution, each stored, read back with what undoes it, and summed into stocks. */
export async function benchStock(bench: Bench): Promise<Results> {
  const sink: Sink = { service: 'ledger', lane: 'institution', group: 'ledger.institution', value: stockRecord };
  const { seconds, figures } = await throughput(bench, sink);
  return { records_per_s: rounded(bench.options.events / seconds, 0), ...figures };
}

async function throughput(
  { directory, say, options }: Bench,
  sink: Sink,
): Promise<{ seconds: number; figures: Results }> {
  const [broker, clickhouse] = await Promise.all([startBroker(directory), startClickhouse(directory)]);
  const settings: KafkaSettings = { brokers: [broker.address], clientId: 'bench' };
  const names = topicNames(NAMESPACE);
  const topic = names.lane(sink.lane);
  try {
    await Promise.all([
      ensureTopics(
        settings,
        topicRegistry({ namespace: NAMESPACE, rawPartitions: PARTITIONS, lanePartitions: PARTITIONS }),
      ),
      migrate({ url: clickhouse.address, database: NAMESPACE }),
    ]);
    const producer = await createProducer(settings);
    await fill(producer, topic, sink.value, options.events);
    await producer.close();
    say(`  ${topic} holds ${options.events.toLocaleString('en')} records`);
    if (sink.history !== undefined && options.history > 0) {
      const took = await filled(clickhouse.address, sink.history, options.history);
      say(`  the ledger holds ${options.history.toLocaleString('en')} rows, made in ${took.toFixed(0)} s`);
    }
    const env = {
      YJ_NAMESPACE: NAMESPACE,
      KAFKA_BROKERS: broker.address,
      CLICKHOUSE_URL: clickhouse.address,
      YJ_LANE_PARTITIONS: String(PARTITIONS),
    };
    const engineBefore = cpuSeconds(clickhouse.pid()) ?? 0;
    const service = await startProcess(sink.service, env, `${directory}/${sink.service}.log`);
    const started = performance.now();
    await until(
      async () => {
        const [marks, offsets] = [
          await watermarks(settings, topic),
          await groupOffsets(settings, names.group(sink.group), topic),
        ];
        return marks.every(({ partition, high }) => (offsets[partition] ?? 0) >= high);
      },
      LIMIT_MS,
      () => `${sink.service} has not committed the end of ${topic} after ${LIMIT_MS / 1000} s`,
    );
    const seconds = (performance.now() - started) / 1000;
    const metrics = await service.metrics();
    const engine = (cpuSeconds(clickhouse.pid()) ?? 0) - engineBefore;
    const used = Number(/^yunjian_process_cpu_seconds_total\{[^}]*\} (\S+)$/m.exec(metrics)?.[1]);
    const rss = Number(/^yunjian_process_resident_memory_bytes\{[^}]*\} (\S+)$/m.exec(metrics)?.[1]);
    await service.stop();
    const perMillion = (cpu: number) => rounded((cpu * 1e6) / options.events);
    const figures = {
      cpu_s_per_million: perMillion(used),
      clickhouse_cpu_s_per_million: perMillion(engine),
      resident_mib: rounded(rss / 2 ** 20, 0),
      ...ledgerFigures(metrics, sink.lane),
    };
    return { seconds, figures };
  } finally {
    await closeAdmin(settings).catch(() => {});
    await Promise.all([broker.stop(), clickhouse.stop()]);
  }
}

async function filled(url: string, fill: FillHistory, rows: number): Promise<number> {
  const clickhouse = createClickHouse({ url, database: NAMESPACE });
  const started = performance.now();
  await fill(clickhouse, { rows, partitions: PARTITIONS });
  await clickhouse.close();
  return (performance.now() - started) / 1000;
}

/** A person of the lane partition to which the record goes; the same for the same number. */
function personOf(n: number, persons: number): number {
  const scattered = Math.imul(n, 0x9e3779b1) >>> 0;
  return (scattered % Math.floor(persons / PARTITIONS)) * PARTITIONS + (n % PARTITIONS);
}

async function fill(producer: LogProducer, topic: string, value: (n: number) => Buffer, count: number): Promise<void> {
  for (let from = 0; from < count; from += PORTION)
    await producer.send(
      topic,
      Array.from({ length: Math.min(PORTION, count - from) }, (_, i) => ({
        value: value(from + i),
        partition: (from + i) % PARTITIONS,
      })),
    );
}
