// The ledger by itself: a lane is filled, the service started on it, and the time taken until it has committed the end.
import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
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
import { cpuSeconds, machineSeconds, ownBytes, rounded } from './figures.ts';
import { codeSale, mark, stockRecord } from './lane-records.ts';
import { counted, ledgerFigures } from './ledger-figures.ts';
import { boxOf, FIRST_POSITION, type FillHistory, fillCodes, fillPersons, personSettlement } from './ledger-history.ts';
import type { Bench, Results } from './main.ts';

const NAMESPACE = 'bench';
const PARTITIONS = 4;
const PORTION = 5_000;
const LIMIT_MS = 900_000;
const PERSONS_LEAST = 4_000;
/** Marks that stand before everything else, so that history has positions of its own. */
const BEFORE = FIRST_POSITION * PARTITIONS;
/** New boxes lie so many places apart; a prime, so that none meets another. */
const STRIDE = 15_485_863;
/** Places of new boxes where there is little history. */
const MOST_PLACES = 10_000_000;
/** Records of the same kind that are judged before anything is measured: a process that has run for a while. */
const WARMED_UP_BY = 40_000;

interface Sink {
  lane: 'institution' | 'code' | 'person';
  group: string;
  value(n: number): Buffer;
  /** Makes that many rows of the ledger's history. */
  history?: FillHistory;
}

/**
 * Codes/s: each sale stored and judged. One box in a hundred was sold a moment ago, and one in a hundred, where there is a history, at some
 * time in it.
 */
export async function benchLedger(bench: Bench): Promise<Results> {
  const { history } = bench.options;
  const box = (n: number) => {
    if (n % 100 === 49) return boxOf(newNumber(n - 24, history), true);
    return n % 100 === 99 && history > 0 ? boxOf(oldNumber(n, history)) : boxOf(newNumber(n, history), true);
  };
  const value = (n: number) => (n < BEFORE ? mark(n) : codeSale(box(n), n));
  const sink: Sink = { lane: 'code', group: 'ledger.code', value, history: fillCodes };
  const { seconds, figures } = await throughput(bench, sink);
  return { codes_per_s: rounded(bench.options.events / seconds, 0), ...figures };
}

/** Where in the order of the key a new box lies: anywhere, each at a place of its own. */
function newNumber(n: number, history: number): number {
  const places = Math.max(history, MOST_PLACES);
  return (n * STRIDE) % places;
}

/** A box of the history that is of the lane partition to which the record goes. */
function oldNumber(n: number, history: number): number {
  return (scattered(n) % Math.floor(history / PARTITIONS)) * PARTITIONS + (n % PARTITIONS);
}

/** Settlements/s of persons with a history each: every one stored and judged by all of it. */
export async function benchPersons(bench: Bench): Promise<Results> {
  const persons = Math.max(PERSONS_LEAST, Math.round(bench.options.history / bench.options.each));
  const value = (n: number) => (n < BEFORE ? mark(n) : personSettlement(personOf(n, persons), n));
  const sink: Sink = {
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
  const sink: Sink = { lane: 'institution', group: 'ledger.institution', value: stockRecord };
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
  const figures: Results = {};
  try {
    await Promise.all([
      ensureTopics(
        settings,
        topicRegistry({ namespace: NAMESPACE, rawPartitions: PARTITIONS, lanePartitions: PARTITIONS }),
      ),
      migrate({ url: clickhouse.address, database: NAMESPACE }),
    ]);
    if (sink.history !== undefined && options.history > 0) {
      const took = await filled(clickhouse.address, sink.history, options.history);
      figures.fill_s = rounded(took);
      say(`  the ledger holds ${options.history.toLocaleString('en')} rows, made in ${took.toFixed(0)} s`);
    }
    const producer = await createProducer(settings);
    const env = {
      YJ_NAMESPACE: NAMESPACE,
      KAFKA_BROKERS: broker.address,
      CLICKHOUSE_URL: clickhouse.address,
      YJ_LANE_PARTITIONS: String(PARTITIONS),
      YJ_OUTLINES_DIR: `${directory}/outlines`,
    };
    const outlines = join(env.YJ_OUTLINES_DIR, 'outlines.mdb');
    const warm = BEFORE + WARMED_UP_BY;
    await send(producer, topic, sink.value, 0, warm);
    const born = performance.now();
    const service = await startProcess('ledger', env, `${directory}/ledger.log`);
    const done = () =>
      until(
        async () => {
          const [marks, offsets] = [
            await watermarks(settings, topic),
            await groupOffsets(settings, names.group(sink.group), topic),
          ];
          return marks.every(({ partition, high }) => (offsets[partition] ?? 0) >= high);
        },
        LIMIT_MS,
        () => `the ledger has not committed the end of ${topic} after ${LIMIT_MS / 1000} s`,
      );
    await done();
    figures.warm_up_s = rounded((performance.now() - born) / 1000);
    await until(
      async () => unread(await service.metrics()) === 0,
      LIMIT_MS,
      () => 'the ledger has not learnt which subjects there are',
    );
    figures.subjects_known_s = rounded((performance.now() - born) / 1000);
    await atRest(clickhouse.address);
    say('  warm, no merge under way');
    const [before, engineBefore, machineBefore] = [
      await service.metrics(),
      cpuSeconds(clickhouse.pid()) ?? 0,
      machineSeconds(),
    ];
    const ownBefore = process.cpuUsage();
    const brokerBefore = cpuSeconds(broker.pid()) ?? 0;
    const started = performance.now();
    await send(producer, topic, sink.value, warm, warm + options.events);
    figures.sent_s = rounded((performance.now() - started) / 1000);
    await done();
    const seconds = (performance.now() - started) / 1000;
    const after = await service.metrics();
    const own = process.cpuUsage(ownBefore);
    const engine = (cpuSeconds(clickhouse.pid()) ?? 0) - engineBefore;
    const kafka = (cpuSeconds(broker.pid()) ?? 0) - brokerBefore;
    const stretch = counted(before, after);
    const used = Number(/^yunjian_process_cpu_seconds_total\{[^}]*\} (\S+)$/m.exec(stretch)?.[1]);
    const memory = ownBytes(service.pid);
    const load = (own.user + own.system) / 1e6;
    const others = machineSeconds() - machineBefore - used - engine - kafka - load;
    await producer.close();
    await service.stop();
    const perMillion = (cpu: number) => rounded((cpu * 1e6) / options.events);
    Object.assign(figures, {
      cpu_s_per_million: perMillion(used),
      clickhouse_cpu_s_per_million: perMillion(engine),
      broker_cpu_s_per_million: perMillion(kafka),
      sender_cpu_s_per_million: perMillion(load),
      // Cores that were busy with something else meanwhile.
      others_cores: rounded(Math.max(0, others / seconds), 2),
      memory_mib: mebibytes(memory),
      clickhouse_memory_mib: mebibytes(ownBytes(clickhouse.pid())),
      outlines_file_mib: mebibytes(existsSync(outlines) ? statSync(outlines).size : 0),
      ...ledgerFigures(stretch, sink.lane),
    });
    return { seconds, figures };
  } finally {
    await closeAdmin(settings).catch(() => {});
    await Promise.all([broker.stop(), clickhouse.stop()]);
  }
}

function mebibytes(bytes: number | null): number {
  return rounded((bytes ?? Number.NaN) / 2 ** 20, 0);
}

async function filled(url: string, fill: FillHistory, rows: number): Promise<number> {
  const clickhouse = createClickHouse({ url, database: NAMESPACE });
  const started = performance.now();
  await fill(clickhouse, { rows, partitions: PARTITIONS });
  await clickhouse.close();
  return (performance.now() - started) / 1000;
}

/** Partitions whose subjects are not known yet. */
function unread(metrics: string): number {
  const values = [...metrics.matchAll(/^yunjian_ledger_partitions_unread\{[^}]*\} (\S+)$/gm)];
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
}

/** Resolves when the engine merges nothing any more, and what was filled in is written out. */
async function atRest(url: string): Promise<void> {
  const clickhouse = createClickHouse({ url, database: NAMESPACE });
  await until(
    async () => (await clickhouse.query<{ n: number }>('SELECT count() AS n FROM system.merges'))[0]?.n === 0,
    LIMIT_MS,
    () => 'ClickHouse goes on merging',
  );
  await clickhouse.close();
  await promisify(execFile)('sync');
}

/** A person of the lane partition to which the record goes; the same for the same number. */
function personOf(n: number, persons: number): number {
  return (scattered(n) % Math.floor(persons / PARTITIONS)) * PARTITIONS + (n % PARTITIONS);
}

function scattered(n: number): number {
  return Math.imul(n, 0x9e3779b1) >>> 0;
}

async function send(
  producer: LogProducer,
  topic: string,
  value: (n: number) => Buffer,
  begin: number,
  end: number,
): Promise<void> {
  for (let from = begin; from < end; from += PORTION)
    await producer.send(
      topic,
      Array.from({ length: Math.min(PORTION, end - from) }, (_, i) => ({
        value: value(from + i),
        partition: (from + i) % PARTITIONS,
      })),
    );
}
