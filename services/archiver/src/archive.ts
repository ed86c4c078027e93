// The archiver on Kafka: what the lanes, the alert log and `rejected` hold, gathered, inserted, and only then committed.
import { setTimeout as sleep } from 'node:timers/promises';
import { isoShanghai, type Pseudonymiser, type RejectedRecord, type TopicNames } from '@yunjian/contracts';
import { type GroupConsumer, type KafkaSettings, type LogProducer, type LogRecord, runGroup } from '@yunjian/kafka';
import { rowsOf } from './rows-of.ts';
import type { Sink } from './sink.ts';
import type { TableRow } from './table-row.ts';

export interface ArchiveOptions {
  settings: KafkaSettings;
  names: TopicNames;
  sink: Sink;
  /** For what cannot be archived: it goes to `rejected`. */
  producer: LogProducer;
  pseudonymiser: Pseudonymiser;
  /** Rows are gathered this long before they are inserted: few large inserts instead of many small ones, ms. */
  gatherMs: number;
  onRows(table: string, count: number): void;
  /** A record that could not be read, or a row that ClickHouse will never take: a defect of ours. */
  onSetAside(topic: string, partition: number, offset: number, error: Error): void;
  onMoved(records: number): void;
  onFatal(error: Error): void;
}

export interface Archive {
  /** Records that wait. */
  lag(): Promise<number>;
  close(): Promise<void>;
}

type GatheredRow = TableRow & { from: LogRecord };

interface Gathered {
  rows: GatheredRow[];
  aside: { from: LogRecord; error: Error }[];
  /** Next offset by topic and partition, once the rows are in. */
  next: Map<string, { topic: string; partition: number; offset: number }>;
  records: number;
}

/** Gathered rows beyond which reading waits: while ClickHouse is away this, and as much under way, is what memory holds. */
const MAX_GATHERED = 50_000;
const LAST_FLUSH_LIMIT_MS = 5_000;
const OFFSETS = ['topic', 'partition', 'next'] as const;

/** At the end of a log there is no hurry: one fetch for what comes in this time instead of one for each record, ms. */
const REST_MS = 100;

export async function startArchive(options: ArchiveOptions): Promise<Archive> {
  const { names, sink, settings } = options;
  let gathered = nothing();
  let writing: Promise<void> = Promise.resolve();
  let stopped = false;

  const gather = (record: LogRecord): void => {
    try {
      for (const row of rowsOf(record, names, options.pseudonymiser)) gathered.rows.push({ ...row, from: record });
    } catch (error) {
      gathered.aside.push({ from: record, error: error as Error });
    }
  };

  const flush = async (): Promise<void> => {
    const { rows, aside, next, records } = gathered;
    if (next.size === 0) return;
    gathered = nothing();
    const refused = await sink.write(rows);
    await setAside([...aside, ...refused.map(({ row, error }) => ({ from: row.from, error }))]);
    const positions = [...next.values()];
    await sink.write(
      positions.map(({ topic, partition, offset }) => ({
        table: 'archived_offsets',
        columns: OFFSETS,
        values: [topic, partition, offset],
      })),
    );
    // An offset that is not committed now is archived again, which changes nothing.
    await Promise.allSettled(
      positions.map(({ topic, partition, offset }) => consumer.commit(topic, partition, offset)),
    );
    for (const [table, list] of Map.groupBy(rows, (row) => row.table)) options.onRows(table, list.length);
    options.onMoved(records);
  };

  /** What came from `rejected` stays there: set aside once more it would come back for ever. */
  const setAside = async (aside: Gathered['aside']): Promise<void> => {
    for (const { from, error } of aside) options.onSetAside(from.topic, from.partition, from.offset, error);
    const records = aside.filter(({ from }) => from.topic !== names.rejected).map(rejectedOf);
    if (records.length > 0)
      await options.producer.send(
        names.rejected,
        records.map((record) => ({ value: JSON.stringify(record), partition: 0 })),
      );
  };

  /** One portion at a time; a batch that comes while too much is gathered waits here. */
  const flushing = (): Promise<void> => {
    writing = writing.then(flush);
    writing.catch(options.onFatal);
    return writing;
  };

  const consumer: GroupConsumer = await runGroup(settings, {
    groupId: names.group('archiver'),
    topics: [names.lane('institution'), names.alertLog, names.rejected],
    onBatch: async ({ topic, partition, records, highWatermark }, { owned }) => {
      if (gathered.rows.length > MAX_GATHERED) await flushing();
      if (!owned()) return;
      for (const record of records) gather(record);
      const offset = (records[records.length - 1] as LogRecord).offset + 1;
      gathered.next.set(`${topic}/${partition}`, { topic, partition, offset });
      gathered.records += records.length;
      if (offset >= highWatermark && !stopped) await sleep(REST_MS);
    },
    onFatal: options.onFatal,
  });

  let timer: NodeJS.Timeout | undefined;
  const again = () => {
    if (!stopped) timer = setTimeout(() => void flushing().then(again, () => {}), options.gatherMs);
  };
  again();
  return {
    lag: () => consumer.lag(),
    close: async () => {
      stopped = true;
      clearTimeout(timer);
      await Promise.race([flushing(), new Promise((resolve) => setTimeout(resolve, LAST_FLUSH_LIMIT_MS).unref())]);
      await consumer.close();
    },
  };
}

function nothing(): Gathered {
  return { rows: [], aside: [], next: new Map(), records: 0 };
}

function rejectedOf({ from, error }: Gathered['aside'][0]): RejectedRecord {
  const { topic, partition, offset, timestamp, value } = from;
  return {
    origin: { topic, partition, offset },
    reason: 'poison',
    issues: [{ path: '', message: error.stack ?? error.message }],
    bytes: (value ?? Buffer.alloc(0)).toString('base64'),
    arrived_at: isoShanghai(timestamp),
  };
}
