// Ledger and archiver by themselves: a lane is filled, the service started on it, and the time taken until it has committed the end.
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
import { rounded } from './figures.ts';
import { codeSale, settlement, stockRecord } from './lane-records.ts';
import type { Bench, Results } from './main.ts';

const NAMESPACE = 'bench';
const PARTITIONS = 4;
const PORTION = 5_000;
const LIMIT_MS = 900_000;
const HISTORY_PORTION = 1_000_000;

interface Sink {
  service: 'ledger' | 'archiver';
  lane: 'institution' | 'code';
  group: string;
  value(n: number): Buffer;
}

/** Codes/s: each sale stored, its code's history read back, judged. One code in fifty is sold again. */
export async function benchLedger(bench: Bench): Promise<Results> {
  const fresh = (n: number) => codeSale(n % 50 === 49 ? n - 24 : n, n);
  const { seconds, cpu } = await throughput(bench, {
    service: 'ledger',
    lane: 'code',
    group: 'ledger.code',
    value: fresh,
  });
  return { codes_per_s: rounded(bench.options.events / seconds, 0), cpu_s_per_million: cpu };
}

/** Records/s: settlements and deliveries of lane.institution, each stored, read back with what undoes it, and summed into stocks. */
export async function benchStock(bench: Bench): Promise<Results> {
  const sink: Sink = { service: 'ledger', lane: 'institution', group: 'ledger.institution', value: stockRecord };
  const { seconds, cpu } = await throughput(bench, sink);
  return { records_per_s: rounded(bench.options.events / seconds, 0), cpu_s_per_million: cpu };
}

/** Rows/s: settlements with three fee lines each into ClickHouse. */
export async function benchArchiver(bench: Bench): Promise<Results> {
  const { seconds, cpu } = await throughput(bench, {
    service: 'archiver',
    lane: 'institution',
    group: 'archiver',
    value: settlement,
  });
  return { rows_per_s: rounded(bench.options.events / seconds, 0), cpu_s_per_million: cpu };
}

async function throughput({ directory, say, options }: Bench, sink: Sink): Promise<{ seconds: number; cpu: number }> {
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
    if (sink.lane === 'code' && options.history > 0) {
      const took = await fillHistory(clickhouse.address, options.history);
      say(`  ledger_code holds ${options.history.toLocaleString('en')} rows, made in ${took.toFixed(0)} s`);
    }

    const env = {
      YJ_NAMESPACE: NAMESPACE,
      KAFKA_BROKERS: broker.address,
      CLICKHOUSE_URL: clickhouse.address,
      YJ_LANE_PARTITIONS: String(PARTITIONS),
    };
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
    const used = /^yunjian_process_cpu_seconds_total\{[^}]*\} (\S+)$/m.exec(await service.metrics())?.[1];
    await service.stop();
    return { seconds, cpu: rounded((Number(used) * 1e6) / options.events) };
  } finally {
    await closeAdmin(settings).catch(() => {});
    await Promise.all([broker.stop(), clickhouse.stop()]);
  }
}

/** Sales of other boxes, spread over all codes, made by the engine itself. Returns the seconds it took. */
async function fillHistory(url: string, rows: number): Promise<number> {
  const clickhouse = createClickHouse({ url, database: NAMESPACE });
  const started = performance.now();
  const template = codeSale(0, 0).toString('utf8');
  const code = `8${'0'.repeat(19)}`;
  for (let from = 0; from < rows; from += HISTORY_PORTION)
    await clickhouse.command(
      `INSERT INTO ledger_code (subject, partition, position, items, arrival, record)
       SELECT concat('8', leftPad(toString(cityHash64(number) % 9000000000000000000 + 1000000000000000000), 19, '0')) AS box,
         number % {partitions: UInt16}, number, [], fromUnixTimestamp64Milli(toInt64(1700000000000 + number)),
         replaceAll({template: String}, {code: String}, box)
       FROM numbers({from: UInt64}, {count: UInt64})`,
      { partitions: PARTITIONS, template, code, from, count: Math.min(HISTORY_PORTION, rows - from) },
    );
  await clickhouse.close();
  return (performance.now() - started) / 1000;
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
