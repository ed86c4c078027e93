// Record sets of fetch responses, decoded here instead of by kafkajs 2.2.4, which makes a decoder, two Longs and two strings per record.
// Its module is replaced before the responses that use it are first loaded; compressed sets and the old message format stay its own.
// Layout: https://kafka.apache.org/documentation/#recordbatch
import { createRequire } from 'node:module';

const LIBRARY_MODULE = 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js';

/** The part of the library's decoder that is used here. */
interface SetDecoder {
  buffer: Buffer;
  offset: number;
}

type Decode = (decoder: SetDecoder) => Promise<unknown[]>;

const [MAGIC_AT, ATTRIBUTES_AT, HEADER_BYTES] = [16, 21, 61];
const MAGIC = 2;
const [COMPRESSION, APPEND_TIME, TRANSACTIONAL, CONTROL] = [7, 8, 16, 32];
const NO_HEADERS: Record<string, Buffer | undefined> = Object.freeze({});

interface BatchContext {
  producerId: string;
  inTransaction: boolean;
}

/** What the records of a batch have in common. */
interface Common {
  set: Buffer;
  isControl: boolean;
  context: BatchContext;
}

/**
 * A record as the library passes it on, and with numbers for who knows this class. Key and value are slices of the set, made when somebody
 * asks: a slice costs more than the rest of the record, and few ask for keys.
 */
export class FetchedRecord {
  readonly position: number;
  /** ms */
  readonly time: number;
  readonly headers: Record<string, Buffer | undefined>;
  readonly #common: Common;
  readonly #keyAt: number;
  readonly #keyLength: number;
  readonly #valueAt: number;
  readonly #valueLength: number;
  #value: Buffer | null | undefined;

  /** A length below 0: there is none. */
  constructor(
    common: Common,
    position: number,
    time: number,
    keyAt: number,
    keyLength: number,
    valueAt: number,
    valueLength: number,
    headers: Record<string, Buffer | undefined>,
  ) {
    this.#common = common;
    this.position = position;
    this.time = time;
    this.#keyAt = keyAt;
    this.#keyLength = keyLength;
    this.#valueAt = valueAt;
    this.#valueLength = valueLength;
    this.headers = headers;
  }

  get key(): Buffer | null {
    if (this.#keyLength < 0) return null;
    return this.#common.set.subarray(this.#keyAt, this.#keyAt + this.#keyLength);
  }

  get value(): Buffer | null {
    if (this.#value === undefined)
      this.#value =
        this.#valueLength < 0 ? null : this.#common.set.subarray(this.#valueAt, this.#valueAt + this.#valueLength);
    return this.#value;
  }

  get offset(): string {
    return String(this.position);
  }

  get timestamp(): string {
    return String(this.time);
  }

  get magicByte(): number {
    return MAGIC;
  }

  get attributes(): number {
    return 0;
  }

  get isControlRecord(): boolean {
    return this.#common.isControl;
  }

  get batchContext(): BatchContext {
    return this.#common.context;
  }
}

/** From now on, for every consumer of this process. */
export function decodeFetchedRecordsHere(): void {
  const require = createRequire(import.meta.url);
  const theirs = require(LIBRARY_MODULE) as Decode;
  const ours: Decode = async (decoder) => decodeRecordSet(decoder) ?? theirs(decoder);
  (require.cache[require.resolve(LIBRARY_MODULE)] as { exports: unknown }).exports = ours;
}

/** Reads the set that the decoder stands at and moves it on; null, and nothing moved, when the set is left to the library. */
function decodeRecordSet(decoder: SetDecoder): unknown[] | null {
  const start = decoder.offset + 4;
  const size = decoder.buffer.readInt32BE(decoder.offset);
  if (size <= 0 || start + size > decoder.buffer.length) return null;
  const records = decodeBatches(decoder.buffer.subarray(start, start + size));
  if (records !== null) decoder.offset = start + size;
  return records;
}

/**
 * Records of whole batches; one cut off at the end, as a fetch may bring it, is left out. Null: compressed, or of an older format.
 */
export function decodeBatches(set: Buffer): FetchedRecord[] | null {
  const records: FetchedRecord[] = [];
  let ordinary = true;
  for (let start = 0; start + HEADER_BYTES <= set.length; ) {
    if (set[start + MAGIC_AT] !== MAGIC) return null;
    const end = start + 12 + set.readInt32BE(start + 8);
    if (end > set.length) break;
    const attributes = set.readInt16BE(start + ATTRIBUTES_AT);
    if ((attributes & COMPRESSION) !== 0) return null;
    if ((attributes & (TRANSACTIONAL | CONTROL)) !== 0) ordinary = false;
    new BatchReader(set, start, attributes).readInto(records);
    start = end;
  }
  return ordinary ? keptWhole(records) : records;
}

class BatchReader {
  readonly #set: Buffer;
  readonly #start: number;
  readonly #attributes: number;
  #at: number;

  constructor(set: Buffer, start: number, attributes: number) {
    this.#set = set;
    this.#start = start;
    this.#attributes = attributes;
    this.#at = start + HEADER_BYTES;
  }

  readInto(records: FetchedRecord[]): void {
    const set = this.#set;
    const first = readInt64(set, this.#start);
    const firstTime = readInt64(set, this.#start + 27);
    const lastTime = readInt64(set, this.#start + 35);
    const appended = (this.#attributes & APPEND_TIME) !== 0;
    const common: Common = {
      set,
      isControl: (this.#attributes & CONTROL) !== 0,
      context: {
        producerId: set.readBigInt64BE(this.#start + 43).toString(),
        inTransaction: (this.#attributes & TRANSACTIONAL) !== 0,
      },
    };
    const count = set.readInt32BE(this.#start + 57);
    for (let i = 0; i < count; i++) {
      const length = this.#varInt();
      const next = this.#at + length;
      this.#at++;
      const delta = this.#varLong();
      const position = first + this.#varInt();
      const keyLength = this.#varInt();
      const keyAt = this.#at;
      this.#at += Math.max(0, keyLength);
      const valueLength = this.#varInt();
      const valueAt = this.#at;
      this.#at += Math.max(0, valueLength);
      const time = appended ? lastTime : firstTime + delta;
      records.push(new FetchedRecord(common, position, time, keyAt, keyLength, valueAt, valueLength, this.#headers()));
      this.#at = next;
    }
  }

  #varInt(): number {
    const set = this.#set;
    let byte = set[this.#at++] as number;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = set[this.#at++] as number;
      value |= (byte & 0x7f) << shift;
    }
    return (value >>> 1) ^ -(value & 1);
  }

  /** Exact below 2^52: a difference of times. */
  #varLong(): number {
    const set = this.#set;
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = set[this.#at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
      factor *= 0x80;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  #bytes(): Buffer | null {
    const length = this.#varInt();
    if (length < 0) return null;
    const from = this.#at;
    this.#at += length;
    return this.#set.subarray(from, this.#at);
  }

  #headers(): Record<string, Buffer | undefined> {
    const count = this.#varInt();
    if (count === 0) return NO_HEADERS;
    const headers: Record<string, Buffer | undefined> = {};
    for (let i = 0; i < count; i++) {
      const name = (this.#bytes() as Buffer).toString('utf8');
      headers[name] = this.#bytes() ?? undefined;
    }
    return headers;
  }
}

function readInt64(set: Buffer, at: number): number {
  return set.readInt32BE(at) * 0x1_0000_0000 + set.readUInt32BE(at + 4);
}

/**
 * The library filters each set twice, by "not before the offset asked for", which is true of all when it is of the first, and by "no
 * control record", of which there are none here.
 */
function keptWhole(records: FetchedRecord[]): FetchedRecord[] {
  const filter = (test: (record: FetchedRecord) => boolean): FetchedRecord[] =>
    records[0] === undefined || test(records[0]) ? records : Array.prototype.filter.call(records, test);
  return Object.defineProperty(records, 'filter', { value: filter });
}
