// The archiver on Kafka: what the lanes, the alert log and `rejected` hold, gathered, inserted, and only then committed.
import {
  type AlertRecord,
  decodeLane,
  isMarkValue,
  type Pseudonymiser,
  type RejectedRecord,
  type TopicNames,
  type YunjianEvent,
} from '@yunjian/contracts';
import { type GroupConsumer, type KafkaSettings, type LogRecord, runGroup } from '@yunjian/kafka';
import { alertRows, eventRow, rejectedRow, type TableRow } from './rows.ts';
import type { Sink } from './sink.ts';

export interface ArchiveOptions {
  settings: KafkaSettings;
  names: TopicNames;
  sink: Sink;
  pseudonymiser: Pseudonymiser;
  /** Rows are gathered this long before they are inserted: few large inserts instead of many small ones, ms. */
  gatherMs: number;
  onRows(table: string, count: number): void;
  onUnreadable(topic: string, partition: number, offset: number, error: Error): void;
  onMoved(records: number): void;
  onFatal(error: Error): void;
}

export interface Archive {
  close(): Promise<void>;
}

interface Gathered {
  rows: TableRow[];
  /** Next offset by topic and partition, once the rows are in. */
  next: Map<string, { topic: string; partition: number; offset: number }>;
  records: number;
}

/** Gathered rows beyond which reading waits. */
const MAX_GATHERED = 200_000;

export async function startArchive(options: ArchiveOptions): Promise<Archive> {
  const { names, sink, settings } = options;
  let gathered = nothing();
  let writing: Promise<void> = Promise.resolve();
  let stopped = false;

  const rowsOf = (record: LogRecord): TableRow[] => {
    const { topic, value, offset } = record;
    if (value === null) return [];
    if (topic === names.alertLog) return alertRows(JSON.parse(value.toString()) as AlertRecord, offset);
    if (topic === names.rejected)
      return [rejectedRow(JSON.parse(value.toString()) as RejectedRecord, offset, options.pseudonymiser)];
    if (isMarkValue(value)) return [];
    const event = decodeLane(value);
    if (event.kind === 'ruleChange') return [];
    const row = eventRow(event as YunjianEvent);
    return row === null ? [] : [row];
  };

  const safely = (record: LogRecord): TableRow[] => {
    try {
      return rowsOf(record);
    } catch (error) {
      options.onUnreadable(record.topic, record.partition, record.offset, error as Error);
      return [];
    }
  };

  const flush = async (): Promise<void> => {
    const portion = gathered;
    if (portion.next.size === 0) return;
    gathered = nothing();
    await sink.write(portion.rows);
    const positions = [...portion.next.values()];
    await sink.write(
      positions.map(({ topic, partition, offset }) => ({
        table: 'archived_offsets',
        columns: ['topic', 'partition', 'next'],
        values: [topic, partition, offset],
      })),
    );
    for (const { topic, partition, offset } of positions)
      await consumer.commit(topic, partition, offset).catch(() => {});
    const counts = new Map<string, number>();
    for (const { table } of portion.rows) counts.set(table, (counts.get(table) ?? 0) + 1);
    for (const [table, count] of counts) options.onRows(table, count);
    options.onMoved(portion.records);
  };

  /** One portion at a time; a batch that comes while the gathered ones are too many waits here. */
  const flushing = (): Promise<void> => {
    writing = writing.then(flush);
    writing.catch(options.onFatal);
    return writing;
  };

  const consumer: GroupConsumer = await runGroup(settings, {
    groupId: names.group('archiver'),
    topics: [names.lane('institution'), names.alertLog, names.rejected],
    onBatch: async ({ topic, partition, records }, { owned }) => {
      if (gathered.rows.length > MAX_GATHERED) await flushing();
      if (!owned()) return;
      for (const record of records) for (const row of safely(record)) gathered.rows.push(row);
      gathered.next.set(`${topic}/${partition}`, {
        topic,
        partition,
        offset: (records[records.length - 1] as LogRecord).offset + 1,
      });
      gathered.records += records.length;
    },
    onFatal: options.onFatal,
  });

  let timer: NodeJS.Timeout | undefined;
  const again = () => {
    if (!stopped) timer = setTimeout(() => void flushing().then(again, () => {}), options.gatherMs);
  };
  again();
  return {
    close: async () => {
      stopped = true;
      clearTimeout(timer);
      await flushing();
      await consumer.close();
    },
  };
}

function nothing(): Gathered {
  return { rows: [], next: new Map(), records: 0 };
}
