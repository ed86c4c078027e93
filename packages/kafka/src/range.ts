// Bounded reads: a stretch of one partition, for checkpoint chains and single raw records. One reader per topic, kept while in use.
import { randomUUID } from 'node:crypto';
import type { Batch, Consumer } from 'kafkajs';
import { watermarks } from './admin.ts';
import type { KafkaSettings } from './connection.ts';
import { closeSoon, startConsumer } from './consuming.ts';
import { endsBelow } from './positions.ts';
import { type LogRecord, toLogRecord } from './records.ts';

const FETCH_BYTES = 8 * 1024 * 1024;
const SESSION_MS = 30_000;
/** A reader that nobody used for this long is ended. */
const IDLE_MS = 3_000;

interface Request {
  partition: number;
  next: number;
  to: number;
  onRecord(record: LogRecord): void;
  done(): void;
  failed(error: unknown): void;
}

class RangeReader {
  readonly #topic: string;
  readonly #consumer: Consumer;
  readonly #active = new Map<number, Request>();
  readonly #waiting: Request[] = [];
  #joined = false;
  #idle: NodeJS.Timeout | undefined;
  #all: number[] = [];

  constructor(settings: KafkaSettings, topic: string, ended: () => void) {
    this.#topic = topic;
    this.#consumer = startConsumer(settings, {
      groupId: `${settings.clientId}.range.${randomUUID()}`,
      topics: [topic],
      sessionTimeoutMs: SESSION_MS,
      maxBytesPerPartition: FETCH_BYTES,
      concurrency: 4,
      onLeave: () => {
        this.#joined = false;
      },
      onJoin: (assignment) => this.#onJoin(assignment[topic] ?? []),
      isJoined: () => this.#joined,
      eachBatch: async ({ batch, resolveOffset }) => {
        this.#take(batch);
        resolveOffset(batch.lastOffset());
      },
      onFatal: (error) => {
        for (const request of [...this.#active.values(), ...this.#waiting]) request.failed(error);
        ended();
      },
    });
    this.#end = () => {
      ended();
      void closeSoon(this.#consumer);
    };
  }

  readonly #end: () => void;

  read(partition: number, from: number, to: number, onRecord: (record: LogRecord) => void): Promise<void> {
    clearTimeout(this.#idle);
    return new Promise((done, failed) => {
      this.#waiting.push({ partition, next: from, to, onRecord, done, failed });
      this.#startWaiting();
    });
  }

  #onJoin(partitions: number[]): void {
    this.#joined = true;
    this.#all = partitions;
    this.#consumer.pause([{ topic: this.#topic, partitions: this.#all.filter((p) => !this.#active.has(p)) }]);
    for (const request of this.#active.values()) this.#seek(request);
    this.#startWaiting();
  }

  #startWaiting(): void {
    if (!this.#joined) return;
    for (let i = 0; i < this.#waiting.length; ) {
      const request = this.#waiting[i] as Request;
      if (this.#active.has(request.partition)) {
        i++;
        continue;
      }
      this.#waiting.splice(i, 1);
      this.#active.set(request.partition, request);
      this.#seek(request);
      this.#consumer.resume([{ topic: this.#topic, partitions: [request.partition] }]);
    }
  }

  #seek(request: Request): void {
    this.#consumer.seek({ topic: this.#topic, partition: request.partition, offset: String(request.next) });
  }

  #take(batch: Batch): void {
    const { partition, messages } = batch;
    const request = this.#active.get(partition);
    if (request === undefined) return;
    try {
      for (const message of messages) {
        const offset = Number(message.offset);
        if (offset >= request.next && offset < request.to)
          request.onRecord(toLogRecord(this.#topic, partition, message));
      }
      request.next = Math.max(request.next, Number(batch.lastOffset()) + 1);
    } catch (error) {
      request.failed(error);
      this.#finish(request);
      return;
    }
    if (request.next < request.to) return;
    request.done();
    this.#finish(request);
  }

  #finish(request: Request): void {
    this.#active.delete(request.partition);
    this.#consumer.pause([{ topic: this.#topic, partitions: [request.partition] }]);
    this.#startWaiting();
    if (this.#active.size === 0 && this.#waiting.length === 0) {
      this.#idle = setTimeout(this.#end, IDLE_MS);
      this.#idle.unref();
    }
  }
}

const readers = new Map<string, RangeReader>();

/**
 * Reads [from, to) of one partition in order; of what was deleted nothing comes. Waits for a broker that is away.
 * @throws RecordsMissing when `to` lies above the partition's next offset, or what `onRecord` throws.
 */
export async function readRange(
  settings: KafkaSettings,
  topic: string,
  partition: number,
  from: number,
  to: number,
  onRecord: (record: LogRecord) => void,
): Promise<void> {
  const mark = (await watermarks(settings, topic)).find((each) => each.partition === partition);
  const [low, high] = [mark?.low ?? 0, mark?.high ?? 0];
  if (to > high) throw endsBelow(topic, partition, to, high);
  if (Math.max(from, low) >= to) return;
  const key = `${settings.brokers.join(',')}|${topic}`;
  let reader = readers.get(key);
  if (reader === undefined) {
    reader = new RangeReader(settings, topic, () => readers.delete(key));
    readers.set(key, reader);
  }
  await reader.read(partition, Math.max(from, low), to, onRecord);
}
