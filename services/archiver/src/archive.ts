// The archiver on Kafka: what the lanes, the alert log and `rejected` hold, gathered, inserted, and only then committed.
import { isoShanghai, type Pseudonymiser, type RejectedRecord, type TopicNames } from '@yunjian/contracts';
import { type GroupConsumer, type KafkaSettings, type LogProducer, type LogRecord, runGroup } from '@yunjian/kafka';
import { type ArchivedRecord, Portion } from './portion.ts';
import type { Sink } from './sink.ts';
import { ARCHIVED_OFFSETS } from './tables.ts';

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

interface Gathered {
  portion: Portion<LogRecord>;
  aside: { from: LogRecord; error: Error }[];
  /** Next offset by topic and partition, once the rows are in. */
  next: Map<string, { topic: string; partition: number; offset: number }>;
  records: number;
}

/**
 * Gathered rows with what is set aside, and bytes of rows, at which they are written, and beyond which reading waits for those under way: while ClickHouse is away
 * twice this and the records they are of are what memory holds.
 */
const MAX_GATHERED_ROWS = 100_000;
const MAX_GATHERED_BYTES = 32 * 2 ** 20;
const LAST_FLUSH_LIMIT_MS = 5_000;
/** A fetch of a partition, and what one waits for: rows are gathered anyway, and an empty log is not asked twenty times a second. */
const FETCH_BYTES = 2 ** 20;
const PATIENCE = { bytes: FETCH_BYTES / 2, ms: 500 };

export async function startArchive(options: ArchiveOptions): Promise<Archive> {
  const { names, sink, settings } = options;
  const newPortion = () => new Portion<LogRecord>(names, options.pseudonymiser);
  const offsets = new Portion<ArchivedRecord>(names, options.pseudonymiser);
  let spare = newPortion();
  let gathered = nothing(newPortion());
  let underWay: Promise<void> | null = null;
  let stopped = false;

  const gather = (record: LogRecord): void => {
    try {
      gathered.portion.add(record);
    } catch (error) {
      gathered.aside.push({ from: record, error: error as Error });
    }
  };

  const flush = async (): Promise<void> => {
    const { portion, aside, next, records } = gathered;
    if (next.size === 0) return;
    gathered = nothing(spare);
    const refused = await sink.write(portion);
    await setAside([...aside, ...refused.map(({ record, error }) => ({ from: record, error }))]);
    const positions = [...next.values()];
    await writeOffsets(positions);
    // An offset that is not committed now is archived again, which changes nothing.
    await Promise.allSettled(
      positions.map(({ topic, partition, offset }) => consumer.commit(topic, partition, offset)),
    );
    for (const { table, from } of portion.tables()) options.onRows(table.name, from.length);
    options.onMoved(records);
    portion.clear();
    spare = portion;
  };

  const writeOffsets = async (positions: { topic: string; partition: number; offset: number }[]): Promise<void> => {
    for (const { topic, partition, offset } of positions)
      offsets.addRow({ table: ARCHIVED_OFFSETS, values: [topic, partition, offset] }, { topic, offset, value: null });
    await sink.write(offsets);
    offsets.clear();
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

  /** One portion at a time: that under way, or the one gathered by now, while the next is gathered. */
  const flushing = (): Promise<void> => {
    if (underWay !== null) return underWay;
    const started = flush().finally(() => {
      underWay = null;
    });
    started.catch(options.onFatal);
    underWay = started;
    return started;
  };

  const isFull = () => {
    const { rows, bytes } = gathered.portion;
    return rows + gathered.aside.length >= MAX_GATHERED_ROWS || bytes >= MAX_GATHERED_BYTES;
  };

  const consumer: GroupConsumer = await runGroup(settings, {
    groupId: names.group('archiver'),
    topics: [names.lane('institution'), names.alertLog, names.rejected],
    maxBytesPerPartition: FETCH_BYTES,
    patience: PATIENCE,
    onBatch: async ({ topic, partition, records }, { owned }) => {
      while (isFull()) await flushing();
      if (!owned()) return;
      for (const record of records) gather(record);
      const offset = (records[records.length - 1] as LogRecord).offset + 1;
      gathered.next.set(`${topic}/${partition}`, { topic, partition, offset });
      gathered.records += records.length;
      if (isFull()) void flushing();
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
      const last = async () => {
        await underWay;
        await flushing();
      };
      await Promise.race([last(), new Promise((resolve) => setTimeout(resolve, LAST_FLUSH_LIMIT_MS).unref())]);
      await consumer.close();
    },
  };
}

function nothing(portion: Portion<LogRecord>): Gathered {
  return { portion, aside: [], next: new Map(), records: 0 };
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
