// Documents of a partition, 64 bytes each, in typed arrays: a city's settlements of 400 days are millions, and as objects they would be
// most of what the garbage collector walks over.
import { DAY_MS, FEEDS, type Origin } from '@yunjian/contracts';
import { FixedBlock } from './blocks.ts';
import { readContent, readIdentity } from './document-words.ts';
import { FixedRows } from './fixed-rows.ts';
import type { Change, Rows } from './state.ts';

/** Settlements, reversals and reference are known for 400 days (contract: older events are refused), the rest for 48 h of arrival. */
const LONG_MS = 400 * DAY_MS;
const SHORT_MS = 2 * DAY_MS;

/** What is kept of a document. Times in ms, money in fen. */
export interface KnownDocument {
  eventTime: number;
  fund: number;
  arrival: number;
  origin: Origin;
  /** Kept for 400 days instead of 48 hours. */
  lasting: boolean;
}

/** Documents are spread over this many shards by their identity, so that growing and sweeping stop nobody for long. */
const SHARDS = 64;
const FIRST_ROWS = 4;
/** Words of a row: identity 4, content 2, place (feed, lasting, partition), index within the raw record. */
const WORDS = 8;
/** Numbers of a row: event time, fund, arrival, offset. */
const NUMBERS = 4;
const ROW_BYTES = WORDS * 4 + NUMBERS * 8;
const [PLACE, INDEX] = [6, 7];
const NUMBERS_AT = (WORDS * 4) / 8;
/** A row counted in words, and in numbers. */
const [ROW_WORDS, ROW_NUMBERS] = [ROW_BYTES / 4, ROW_BYTES / 8];
const [EVENT_TIME, FUND, ARRIVAL, OFFSET] = [0, 1, 2, 3];
const FEED_NAMES: readonly Origin['feed'][] = [...FEEDS, 'ledger'];
const LASTING = 8;
/** A shard is swept when it has grown by one in so many. */
const SWEPT_SHARE = 4;

/** Rows in one entry of a slice of everything. */
const SLICE_ROWS = 64;

const scratch = Buffer.alloc(ROW_BYTES);
const scratchRow = new Uint32Array(scratch.buffer, scratch.byteOffset, ROW_WORDS);
const scratchWords = new Uint32Array(scratch.buffer, scratch.byteOffset, WORDS);
const scratchNumbers = new Float64Array(scratch.buffer, scratch.byteOffset + WORDS * 4, NUMBERS);

/** The words of an identity and of a content, of which one is looked up at a time, and the texts that they were read from. */
const sought = new Uint32Array(6);
let [soughtDocument, soughtContent] = ['', ''];

/** Who looks one up and does not find it keeps it next. */
function seek(document: string, content: string): void {
  if (document === soughtDocument && content === soughtContent) return;
  readIdentity(document, sought);
  readContent(content, sought);
  soughtDocument = document;
  soughtContent = content;
}

export class DocumentPages implements Rows {
  readonly hot = false;
  readonly #shards = Array.from({ length: SHARDS }, () => new Shard());
  /** What was kept since the last checkpoint collected it, in that order. */
  readonly #changed = new FixedRows(ROW_BYTES);
  /** Arrival clock, ms: what should have been forgotten by it is not known. */
  #clock = Number.NEGATIVE_INFINITY;
  #sweepNext = -1;

  /** What is known under an identity, and whether it has this content; null when nothing is. */
  find(document: string, content: string): { known: KnownDocument; same: boolean } | null {
    seek(document, content);
    const shard = this.#shard();
    const row = shard.find(this.#clock);
    if (row < 0) return null;
    return { known: shard.read(row), same: shard.hasContent(row) };
  }

  /** Keeps a document in the place of what is known under its identity. */
  keep(document: string, content: string, known: KnownDocument): void {
    seek(document, content);
    const { feed, partition, offset, index } = known.origin;
    scratchWords.set(sought);
    scratchWords[PLACE] = FEED_NAMES.indexOf(feed) | (known.lasting ? LASTING : 0) | (partition << 4);
    scratchWords[INDEX] = index;
    scratchNumbers[EVENT_TIME] = known.eventTime;
    scratchNumbers[FUND] = known.fund;
    scratchNumbers[ARRIVAL] = known.arrival;
    scratchNumbers[OFFSET] = offset;
    this.#shard().put();
    this.#changed.add(scratchRow);
  }

  /** Forgets what is past its time: at once for whoever asks, and one shard after the other in memory. */
  prune(clock: number): void {
    this.#clock = clock;
    this.#sweepNext = (this.#sweepNext + 1) % SHARDS;
    (this.#shards[this.#sweepNext] as Shard).sweep(clock);
  }

  get size(): number {
    let size = 0;
    for (const shard of this.#shards) size += shard.rows;
    return size;
  }

  get dirtyCount(): number {
    return this.#changed.rows;
  }

  collect(table: string, changes: Change[]): void {
    for (const block of this.#changed.take()) changes.push({ table, key: '', value: block, rows: block.rows });
  }

  load(key: string, packed: unknown): void {
    const loaded = packed instanceof FixedBlock ? packed.bytes : Buffer.from(`${key}${packed as string}`, 'base64url');
    for (let from = 0; from < loaded.length; from += ROW_BYTES) {
      loaded.copy(scratch, 0, from, from + ROW_BYTES);
      for (let i = 0; i < sought.length; i++) sought[i] = scratchWords[i] as number;
      this.#shard().put();
    }
    soughtDocument = '';
  }

  *packed(): IterableIterator<[string, unknown]> {
    for (const shard of this.#shards) {
      let swept = shard.swept;
      for (let row = 0; row < shard.rows; ) {
        if (shard.swept !== swept) {
          swept = shard.swept;
          row = 0;
          if (shard.rows === 0) break;
        }
        const rows = Math.min(SLICE_ROWS, shard.rows - row);
        const bytes = Buffer.allocUnsafe(rows * ROW_BYTES);
        shard.copyTo(bytes, 0, row, row + rows);
        row += rows;
        yield ['', new FixedBlock(bytes, rows)];
      }
    }
  }

  #shard(): Shard {
    return this.#shards[(sought[1] as number) % SHARDS] as Shard;
  }
}

function wordsOf({ buffer, byteOffset, length }: Buffer): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length / 4);
}

function numbersOf({ buffer, byteOffset, length }: Buffer): Float64Array {
  return new Float64Array(buffer, byteOffset, length / 8);
}

class Shard {
  rows = 0;
  /** Counts the sweeps that moved rows. */
  swept = 0;
  /** Rows that the last sweep left. */
  #left = 0;
  /** A row's words and its numbers lie beside each other. */
  #bytes = Buffer.alloc(FIRST_ROWS * ROW_BYTES);
  #words = wordsOf(this.#bytes);
  #numbers = numbersOf(this.#bytes);
  /** Open addressing, twice as many slots as rows fit: row + 1, or 0. */
  #slots = new Int32Array(FIRST_ROWS * 2);

  /** Row of the identity sought, or -1. */
  find(clock: number): number {
    const row = this.#rowOf();
    return row >= 0 && !this.#over(row, clock) ? row : -1;
  }

  hasContent(row: number): boolean {
    const at = row * ROW_WORDS;
    return this.#words[at + 4] === sought[4] && this.#words[at + 5] === sought[5];
  }

  read(row: number): KnownDocument {
    const place = this.#words[row * ROW_WORDS + PLACE] as number;
    const at = row * ROW_NUMBERS + NUMBERS_AT;
    return {
      eventTime: this.#numbers[at + EVENT_TIME] as number,
      fund: this.#numbers[at + FUND] as number,
      arrival: this.#numbers[at + ARRIVAL] as number,
      origin: {
        feed: FEED_NAMES[place & 7] as Origin['feed'],
        partition: place >>> 4,
        offset: this.#numbers[at + OFFSET] as number,
        index: this.#words[row * ROW_WORDS + INDEX] as number,
      },
      lasting: (place & LASTING) !== 0,
    };
  }

  /** Writes the scratch row under the identity sought. */
  put(): void {
    let row = this.#rowOf();
    if (row < 0) {
      if ((this.rows + 1) * 2 > this.#slots.length) this.#grow();
      row = this.rows++;
      this.#place(row, sought[0] as number);
    }
    const at = row * ROW_WORDS;
    for (let i = 0; i < ROW_WORDS; i++) this.#words[at + i] = scratchRow[i] as number;
  }

  /** Copies rows from one to before another. */
  copyTo(bytes: Buffer, at: number, from: number, to: number): void {
    this.#bytes.copy(bytes, at, from * ROW_BYTES, to * ROW_BYTES);
  }

  /** Closes the gaps of what is over, once a quarter has been added to what was left the last time: a row is walked over a few times, not with every mark. */
  sweep(clock: number): void {
    if (this.rows * SWEPT_SHARE < this.#left * (SWEPT_SHARE + 1)) return;
    let kept = 0;
    for (let row = 0; row < this.rows; row++) {
      if (this.#over(row, clock)) continue;
      if (kept !== row) this.#bytes.copyWithin(kept * ROW_BYTES, row * ROW_BYTES, (row + 1) * ROW_BYTES);
      kept++;
    }
    this.#left = kept;
    if (kept === this.rows) return;
    this.rows = kept;
    this.swept++;
    this.#slots.fill(0);
    for (let row = 0; row < kept; row++) this.#place(row, this.#words[row * ROW_WORDS] as number);
  }

  #over(row: number, clock: number): boolean {
    const lasting = ((this.#words[row * ROW_WORDS + PLACE] as number) & LASTING) !== 0;
    return (this.#numbers[row * ROW_NUMBERS + NUMBERS_AT + ARRIVAL] as number) + (lasting ? LONG_MS : SHORT_MS) < clock;
  }

  #rowOf(): number {
    const mask = this.#slots.length - 1;
    const words = this.#words;
    for (let slot = (sought[0] as number) & mask; ; slot = (slot + 1) & mask) {
      const row = (this.#slots[slot] as number) - 1;
      if (row < 0) return -1;
      const at = row * ROW_WORDS;
      if (
        words[at] === sought[0] &&
        words[at + 1] === sought[1] &&
        words[at + 2] === sought[2] &&
        words[at + 3] === sought[3]
      )
        return row;
    }
  }

  #place(row: number, first: number): void {
    const mask = this.#slots.length - 1;
    let slot = first & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = row + 1;
  }

  #grow(): void {
    const room = this.#slots.length;
    const bytes = Buffer.alloc(room * ROW_BYTES);
    this.#bytes.copy(bytes);
    this.#bytes = bytes;
    this.#words = wordsOf(bytes);
    this.#numbers = numbersOf(bytes);
    this.#slots = new Int32Array(room * 2);
    for (let row = 0; row < this.rows; row++) this.#place(row, this.#words[row * ROW_WORDS] as number);
  }
}
