// Records as this package gives and takes them.
import type { KafkaMessage } from 'kafkajs';
import { FetchedRecord } from './wire/fetched.ts';

export interface LogRecord {
  topic: string;
  partition: number;
  offset: number;
  /** ms: the broker's or the producer's, by the topic's setting. */
  timestamp: number;
  /** Slices that pin the whole fetch buffer: copy what goes into state. */
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, Buffer | undefined>;
}

export interface OutRecord {
  key?: Buffer | string | null;
  value: Buffer | string | null;
  /** Default: by the key. */
  partition?: number;
  /** ms; only where the topic keeps CreateTime. */
  timestamp?: number;
  headers?: Record<string, string | Buffer>;
}

/** Over a record of ours: what nobody asks for is not made. */
class ReadRecord implements LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly #fetched: FetchedRecord;

  constructor(topic: string, partition: number, fetched: FetchedRecord) {
    this.topic = topic;
    this.partition = partition;
    this.#fetched = fetched;
  }

  get offset(): number {
    return this.#fetched.position;
  }

  get timestamp(): number {
    return this.#fetched.time;
  }

  get key(): Buffer | null {
    return this.#fetched.key;
  }

  get value(): Buffer | null {
    return this.#fetched.value;
  }

  get headers(): Record<string, Buffer | undefined> {
    return this.#fetched.headers;
  }
}

export function toLogRecord(topic: string, partition: number, message: KafkaMessage): LogRecord {
  if (message instanceof FetchedRecord) return new ReadRecord(topic, partition, message);
  return {
    topic,
    partition,
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers: (message.headers ?? {}) as Record<string, Buffer | undefined>,
  };
}

/** Bytes of a record on the wire, roughly and from above. */
export function sizeOf(record: OutRecord): number {
  const length = (part: Buffer | string | null | undefined) =>
    part === null || part === undefined ? 0 : Buffer.byteLength(part);
  let size = 40 + length(record.key) + length(record.value);
  for (const [name, value] of Object.entries(record.headers ?? {})) size += name.length + length(value) + 4;
  return size;
}
