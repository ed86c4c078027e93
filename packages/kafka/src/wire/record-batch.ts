// A record batch (magic 2) written in one go into a buffer of its exact size. The library allocates and copies several times per record.
// Layout: https://kafka.apache.org/documentation/#recordbatch
import { crc32c } from '@node-rs/crc32';
import type { OutRecord } from '../records.ts';

const HEADER_BYTES = 61;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;

/** Of records for one partition, at least one. `now` (ms) stands where a record has no timestamp. */
export class RecordBatch {
  readonly size: number;
  readonly #records: readonly OutRecord[];
  readonly #now: number;
  readonly #first: number;
  /** Bytes of key, value and whole body of each record; -1 for an absent key or value. */
  readonly #sizes: Int32Array;

  constructor(records: readonly OutRecord[], now: number) {
    this.#records = records;
    this.#now = now;
    this.#first = records[0]?.timestamp ?? now;
    this.#sizes = new Int32Array(records.length * 3);
    let size = HEADER_BYTES;
    for (let i = 0; i < records.length; i++) {
      const record = records[i] as OutRecord;
      const key = lengthOf(record.key);
      const value = lengthOf(record.value);
      const body =
        1 +
        sizeOfVarLong((record.timestamp ?? now) - this.#first) +
        sizeOfVarInt(i) +
        sizeOfBytes(key) +
        sizeOfBytes(value) +
        sizeOfHeaders(record.headers);
      this.#sizes[i * 3] = key;
      this.#sizes[i * 3 + 1] = value;
      this.#sizes[i * 3 + 2] = body;
      size += sizeOfVarInt(body) + body;
    }
    this.size = size;
  }

  /** Writes `size` bytes at `start`. */
  writeTo(buffer: Buffer, start: number): void {
    const records = this.#records;
    let last = this.#first;
    let at = start + HEADER_BYTES;
    for (let i = 0; i < records.length; i++) {
      const record = records[i] as OutRecord;
      const timestamp = record.timestamp ?? this.#now;
      if (timestamp > last) last = timestamp;
      at = writeVarInt(buffer, at, this.#sizes[i * 3 + 2] as number);
      buffer[at++] = 0;
      at = writeVarLong(buffer, at, timestamp - this.#first);
      at = writeVarInt(buffer, at, i);
      at = writeBytes(buffer, at, record.key, this.#sizes[i * 3] as number);
      at = writeBytes(buffer, at, record.value, this.#sizes[i * 3 + 1] as number);
      at = writeHeaders(buffer, at, record.headers);
    }
    buffer.fill(0, start, start + HEADER_BYTES);
    buffer.writeInt32BE(this.size - 12, start + 8);
    buffer[start + 16] = 2;
    buffer.writeInt32BE(records.length - 1, start + 23);
    buffer.writeBigInt64BE(BigInt(this.#first), start + 27);
    buffer.writeBigInt64BE(BigInt(last), start + 35);
    // No producer id, epoch or sequence: the producer is not idempotent.
    buffer.fill(0xff, start + 43, start + 57);
    buffer.writeInt32BE(records.length, start + 57);
    buffer.writeUInt32BE(crc32c(buffer.subarray(start + ATTRIBUTES_AT, start + this.size)), start + CRC_AT);
  }
}

function lengthOf(part: Buffer | string | null | undefined): number {
  if (part === null || part === undefined) return -1;
  return typeof part === 'string' ? Buffer.byteLength(part) : part.length;
}

const zigZag = (value: number) => (value << 1) ^ (value >> 31);

function sizeOfVarInt(value: number): number {
  const rest = zigZag(value) >>> 0;
  return rest < 0x80 ? 1 : rest < 0x4000 ? 2 : rest < 0x20_0000 ? 3 : rest < 0x1000_0000 ? 4 : 5;
}

function sizeOfVarLong(value: number): number {
  let size = 1;
  for (let rest = zigZagLong(value); rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
}

/** Exact for differences of times: far below 2^52. */
const zigZagLong = (value: number) => (value >= 0 ? value * 2 : -value * 2 - 1);

const sizeOfBytes = (length: number) => sizeOfVarInt(length) + Math.max(0, length);

function sizeOfHeaders(headers: OutRecord['headers']): number {
  if (headers === undefined) return 1;
  const entries = Object.entries(headers);
  let size = sizeOfVarInt(entries.length);
  for (const [name, value] of entries) size += sizeOfBytes(lengthOf(name)) + sizeOfBytes(lengthOf(value));
  return size;
}

function writeVarInt(buffer: Buffer, start: number, value: number): number {
  let at = start;
  let rest = zigZag(value) >>> 0;
  while (rest >= 0x80) {
    buffer[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  buffer[at++] = rest;
  return at;
}

function writeVarLong(buffer: Buffer, start: number, value: number): number {
  let at = start;
  let rest = zigZagLong(value);
  while (rest >= 0x80) {
    buffer[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  buffer[at++] = rest;
  return at;
}

function writeBytes(buffer: Buffer, start: number, part: Buffer | string | null | undefined, length: number): number {
  const at = writeVarInt(buffer, start, length);
  if (length <= 0) return at;
  if (typeof part === 'string') buffer.write(part, at, length, 'utf8');
  else buffer.set(part as Buffer, at);
  return at + length;
}

function writeHeaders(buffer: Buffer, start: number, headers: OutRecord['headers']): number {
  const entries = headers === undefined ? [] : Object.entries(headers);
  let at = writeVarInt(buffer, start, entries.length);
  for (const [name, value] of entries) {
    at = writeBytes(buffer, at, name, lengthOf(name));
    at = writeBytes(buffer, at, value, lengthOf(value));
  }
  return at;
}
