// A member of a consumer group that keeps its own positions: it seeks at every join, because the library goes back to group offsets
// there, hands over whole batches, and never skips or drops what could not be processed yet.
import { type Consumer, type EachBatchPayload, PartitionAssigners } from 'kafkajs';
import { type KafkaSettings, pauseBeforeRetry } from './connection.ts';
import { closeSoon, startConsumer } from './consuming.ts';
import { type LogRecord, toLogRecord } from './records.ts';

export interface LogBatch {
  topic: string;
  partition: number;
  records: LogRecord[];
  /** Next offset to be written, as of this fetch. */
  highWatermark: number;
}

export interface BatchControl {
  heartbeat(): Promise<void>;
  /** False once the partition has been taken away: drop what is left. */
  owned(): boolean;
}

export interface GroupOptions {
  groupId: string;
  topics: string[];
  sessionTimeoutMs?: number;
  maxBytesPerPartition?: number;
  /** Partitions handled side by side; a partition's batches always follow one another. */
  concurrency?: number;
  /** Lanes have no holes: a jump in offsets stops the process. Raw topics may have some. */
  strict?: boolean;
  /** At every join, for each partition now held, before any of its records. `group`: the group's committed offset, else the beginning. */
  onAssigned?(topic: string, partition: number): Promise<{ seek: number | 'group' }>;
  onRevoked?(topic: string, partition: number): Promise<void>;
  /** Throw to have the same records again after a pause: an infrastructure fault waits. */
  onBatch(batch: LogBatch, control: BatchControl): Promise<void>;
  onFatal?(error: Error): void;
}

export interface GroupConsumer {
  /** Commits an offset as this member: refused when the coordinator has expelled it. The topic need not be one it consumes. */
  commit(topic: string, partition: number, offset: number): Promise<void>;
  pause(topic: string, partition: number): void;
  resume(topic: string, partition: number): void;
  seek(topic: string, partition: number, offset: number): void;
  assignment(): { topic: string; partition: number }[];
  state(): 'joining' | 'running' | 'stopped';
  close(): Promise<void>;
}

interface Held {
  topic: string;
  partition: number;
  /** The join it belongs to; a batch of an earlier join is not ours any more. */
  join: number;
  /** Next offset to hand over; null: wherever the group's offset says. */
  next: number | null;
  /** Counts seeks, so that a batch under way does not move on from where it was sent. */
  seeks: number;
  ready: Promise<void>;
}

const SESSION_MS = 10_000;
const FETCH_BYTES = 512 * 1024;
const HEARTBEAT_MS = 1_000;

export async function runGroup(settings: KafkaSettings, options: GroupOptions): Promise<GroupConsumer> {
  const held = new Map<string, Held>();
  let joins = 0;
  let state: 'joining' | 'running' | 'stopped' = 'joining';
  const key = (topic: string, partition: number) => `${topic}/${partition}`;

  const prepare = async (entry: Held): Promise<void> => {
    if (options.onAssigned === undefined) return;
    for (let attempt = 0; state !== 'stopped' && held.get(key(entry.topic, entry.partition)) === entry; attempt++) {
      try {
        const { seek } = await options.onAssigned(entry.topic, entry.partition);
        if (seek !== 'group') {
          entry.next = seek;
          consumer.seek({ topic: entry.topic, partition: entry.partition, offset: String(seek) });
        } else entry.next = null;
        return;
      } catch (error) {
        if (attempt === 0)
          settings.logger?.warn(
            { topic: entry.topic, partition: entry.partition, reason: (error as Error).message },
            'partition not ready, waiting',
          );
        await pauseBeforeRetry(attempt);
      }
    }
  };

  const onJoin = (assignment: Record<string, number[]>): void => {
    const join = ++joins;
    const now = new Set<string>();
    for (const [topic, partitions] of Object.entries(assignment))
      for (const partition of partitions) now.add(key(topic, partition));
    for (const [name, entry] of held)
      if (!now.has(name)) {
        held.delete(name);
        void options
          .onRevoked?.(entry.topic, entry.partition)
          .catch((error: Error) => settings.logger?.warn({ reason: error.message }, 'revocation failed'));
      }
    for (const [topic, partitions] of Object.entries(assignment))
      for (const partition of partitions) {
        const entry: Held = {
          topic,
          partition,
          join,
          next: held.get(key(topic, partition))?.next ?? null,
          seeks: 0,
          ready: Promise.resolve(),
        };
        held.set(key(topic, partition), entry);
        entry.ready = prepare(entry);
      }
    state = 'running';
  };

  const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
    const { topic, partition, messages, highWatermark } = payload.batch;
    const entry = held.get(key(topic, partition));
    if (entry === undefined) return;
    const beat = setInterval(() => void payload.heartbeat().catch(() => {}), HEARTBEAT_MS);
    try {
      await entry.ready;
      const owned = () => held.get(key(topic, partition)) === entry && payload.isRunning() && !payload.isStale();
      if (!owned()) return;
      const records = fresh(
        entry,
        messages.map((message) => toLogRecord(topic, partition, message)),
      );
      if (records === 'elsewhere') {
        consumer.seek({ topic, partition, offset: String(entry.next) });
        return;
      }
      if (records.length > 0) await hand(entry, records, Number(highWatermark), payload, owned);
      if (owned()) payload.resolveOffset(String((entry.next as number) - 1));
    } finally {
      clearInterval(beat);
    }
  };

  /** Records from the expected offset on; `elsewhere` when the fetch began somewhere we have not asked for. */
  const fresh = (entry: Held, records: LogRecord[]): LogRecord[] | 'elsewhere' => {
    const first = records[0];
    if (first === undefined) return [];
    entry.next ??= first.offset;
    const expected = entry.next;
    if (first.offset > expected) {
      if (options.strict === true) {
        fail(
          new Error(
            `${entry.topic}/${entry.partition}: expected offset ${expected}, got ${first.offset}: records are missing; see docs/operations.md "A gap in a lane"`,
          ),
        );
        return [];
      }
      return records;
    }
    const last = records[records.length - 1] as LogRecord;
    if (last.offset < expected) return 'elsewhere';
    return first.offset === expected ? records : records.filter(({ offset }) => offset >= expected);
  };

  const hand = async (
    entry: Held,
    records: LogRecord[],
    highWatermark: number,
    payload: EachBatchPayload,
    owned: () => boolean,
  ): Promise<void> => {
    const { topic, partition } = entry;
    const heartbeat = () => payload.heartbeat();
    for (let attempt = 0; owned(); attempt++) {
      const { seeks } = entry;
      try {
        await options.onBatch({ topic, partition, records, highWatermark }, { heartbeat, owned });
        const after = (records[records.length - 1] as LogRecord).offset + 1;
        if (owned() && entry.seeks === seeks) entry.next = after;
        return;
      } catch (error) {
        if (attempt === 0)
          settings.logger?.warn(
            { topic, partition, reason: (error as Error).message },
            'batch not processed, waiting to try again',
          );
        await pauseBeforeRetry(attempt);
      }
    }
  };

  const fail = (error: Error): void => {
    state = 'stopped';
    if (options.onFatal !== undefined) options.onFatal(error);
    else throw error;
  };

  const consumer: Consumer = startConsumer(settings, {
    groupId: options.groupId,
    sessionTimeoutMs: options.sessionTimeoutMs ?? SESSION_MS,
    maxBytesPerPartition: options.maxBytesPerPartition ?? FETCH_BYTES,
    topics: options.topics,
    concurrency: options.concurrency ?? 4,
    assigners: [PartitionAssigners.roundRobin],
    eachBatch,
    onJoin,
    onFatal: fail,
  });

  return {
    commit: (topic, partition, offset) => consumer.commitOffsets([{ topic, partition, offset: String(offset) }]),
    pause: (topic, partition) => consumer.pause([{ topic, partitions: [partition] }]),
    resume: (topic, partition) => consumer.resume([{ topic, partitions: [partition] }]),
    seek: (topic, partition, offset) => {
      const entry = held.get(key(topic, partition));
      if (entry === undefined) return;
      entry.next = offset;
      entry.seeks++;
      consumer.seek({ topic, partition, offset: String(offset) });
    },
    assignment: () => [...held.values()].map(({ topic, partition }) => ({ topic, partition })),
    state: () => state,
    close: async () => {
      state = 'stopped';
      await closeSoon(consumer);
    },
  };
}
