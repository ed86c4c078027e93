// Documents of a partition, 64 bytes each, in typed arrays: a city's settlements of 400 days are millions, and as objects they would be
// most of what the garbage collector walks over.
import { DAY_MS, FEEDS, type Origin } from '@yunjian/contracts';
import { readContent, readIdentity } from './document-words.ts';
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
const [EVENT_TIME, FUND, ARRIVAL, OFFSET] = [0, 1, 2, 3];
const FEED_NAMES: readonly Origin['feed'][] = [...FEEDS, 'ledger'];
const LASTING = 8;

/** Characters of a text that hold the first row's identity but for its last two bits: the key of a change. */
const KEY_LENGTH = 21;
/** Rows in one entry of what changed. */
const BLOCK_ROWS = 64;

const scratch = Buffer.alloc(ROW_BYTES);
const scratchWords = new Uint32Array(scratch.buffer, scratch.byteOffset, WORDS);
const scratchNumbers = new Float64Array(scratch.buffer, scratch.byteOffset + WORDS * 4, NUMBERS);

const block = Buffer.alloc(BLOCK_ROWS * ROW_BYTES);

/** The words of an identity and of a content, of which one is looked up at a time. */
const sought = new Uint32Array(6);

export class DocumentPages implements Rows {
  readonly hot = false;
  readonly #shards = Array.from({ length: SHARDS }, () => new Shard());
  /** Arrival clock, ms: what should have been forgotten by it is not known. */
  #clock = Number.NEGATIVE_INFINITY;
  #sweepNext = -1;

  /** What is known under an identity, and whether it has this content; null when nothing is. */
  find(document: string, content: string): { known: KnownDocument; same: boolean } | null {
    readIdentity(document, sought);
    const shard = this.#shard();
    const row = shard.find(this.#clock);
    if (row < 0) return null;
    readContent(content, sought);
    return { known: shard.read(row), same: shard.hasContent(row) };
  }

  /** Keeps a document in the place of what is known under its identity. */
  keep(document: string, content: string, known: KnownDocument): void {
    readIdentity(document, sought);
    readContent(content, sought);
    const { feed, partition, offset, index } = known.origin;
    scratchWords.set(sought);
    scratchWords[PLACE] = FEED_NAMES.indexOf(feed) | (known.lasting ? LASTING : 0) | (partition << 4);
    scratchWords[INDEX] = index;
    scratchNumbers[EVENT_TIME] = known.eventTime;
    scratchNumbers[FUND] = known.fund;
    scratchNumbers[ARRIVAL] = known.arrival;
    scratchNumbers[OFFSET] = offset;
    this.#shard().put(true);
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
    let count = 0;
    for (const shard of this.#shards) count += shard.dirty.length;
    return count;
  }

  /** Rows that changed, many in one entry. */
  collect(table: string, changes: Change[]): void {
    let rows = 0;
    const end = () => {
      const text = block.toString('base64url', 0, rows * ROW_BYTES);
      changes.push({ table, key: text.slice(0, KEY_LENGTH), value: text.slice(KEY_LENGTH), rows });
      rows = 0;
    };
    for (const shard of this.#shards) {
      if (shard.dirty.length === 0) continue;
      for (const row of shard.dirty) {
        shard.copy(row);
        scratch.copy(block, rows++ * ROW_BYTES);
        if (rows === BLOCK_ROWS) end();
      }
      shard.dirty.length = 0;
    }
    if (rows > 0) end();
  }

  load(key: string, packed: unknown): void {
    const loaded = Buffer.from(`${key}${packed as string}`, 'base64url');
    for (let from = 0; from < loaded.length; from += ROW_BYTES) {
      loaded.copy(scratch, 0, from, from + ROW_BYTES);
      sought.set(scratchWords.subarray(0, sought.length));
      this.#shard().put(false);
    }
  }

  *packed(): IterableIterator<[string, unknown]> {
    for (const shard of this.#shards) {
      let swept = shard.swept;
      for (let row = 0; row < shard.rows; row++) {
        if (shard.swept !== swept) {
          swept = shard.swept;
          row = 0;
          if (shard.rows === 0) break;
        }
        shard.copy(row);
        const text = scratch.toString('base64url');
        yield [text.slice(0, KEY_LENGTH), text.slice(KEY_LENGTH)];
      }
    }
  }

  #shard(): Shard {
    return this.#shards[(sought[1] as number) % SHARDS] as Shard;
  }
}

class Shard {
  rows = 0;
  /** Counts the sweeps that moved rows. */
  swept = 0;
  /** Rows that changed since they were collected. */
  readonly dirty: number[] = [];
  #words = new Uint32Array(FIRST_ROWS * WORDS);
  #numbers = new Float64Array(FIRST_ROWS * NUMBERS);
  /** Open addressing, twice as many slots as rows fit: row + 1, or 0. */
  #slots = new Int32Array(FIRST_ROWS * 2);

  /** Row of the identity sought, or -1. */
  find(clock: number): number {
    const row = this.#rowOf();
    return row >= 0 && !this.#over(row, clock) ? row : -1;
  }

  hasContent(row: number): boolean {
    const at = row * WORDS;
    return this.#words[at + 4] === sought[4] && this.#words[at + 5] === sought[5];
  }

  read(row: number): KnownDocument {
    const place = this.#words[row * WORDS + PLACE] as number;
    const at = row * NUMBERS;
    return {
      eventTime: this.#numbers[at + EVENT_TIME] as number,
      fund: this.#numbers[at + FUND] as number,
      arrival: this.#numbers[at + ARRIVAL] as number,
      origin: {
        feed: FEED_NAMES[place & 7] as Origin['feed'],
        partition: place >>> 4,
        offset: this.#numbers[at + OFFSET] as number,
        index: this.#words[row * WORDS + INDEX] as number,
      },
      lasting: (place & LASTING) !== 0,
    };
  }

  /** Writes the scratch row under the identity sought. */
  put(changed: boolean): void {
    let row = this.#rowOf();
    if (row < 0) {
      if ((this.rows + 1) * 2 > this.#slots.length) this.#grow();
      row = this.rows++;
      this.#place(row, sought[0] as number);
    }
    this.#words.set(scratchWords, row * WORDS);
    this.#numbers.set(scratchNumbers, row * NUMBERS);
    if (changed) this.dirty.push(row);
  }

  /** Copies a row into the scratch row. */
  copy(row: number): void {
    for (let i = 0, from = row * WORDS; i < WORDS; i++) scratchWords[i] = this.#words[from + i] as number;
    for (let i = 0, from = row * NUMBERS; i < NUMBERS; i++) scratchNumbers[i] = this.#numbers[from + i] as number;
  }

  /** Closes the gaps of what is over. Rows not collected yet are left where they are, until the next time. */
  sweep(clock: number): void {
    if (this.dirty.length > 0) return;
    let kept = 0;
    for (let row = 0; row < this.rows; row++) {
      if (this.#over(row, clock)) continue;
      if (kept !== row) {
        this.#words.copyWithin(kept * WORDS, row * WORDS, (row + 1) * WORDS);
        this.#numbers.copyWithin(kept * NUMBERS, row * NUMBERS, (row + 1) * NUMBERS);
      }
      kept++;
    }
    if (kept === this.rows) return;
    this.rows = kept;
    this.swept++;
    this.#slots.fill(0);
    for (let row = 0; row < kept; row++) this.#place(row, this.#words[row * WORDS] as number);
  }

  #over(row: number, clock: number): boolean {
    const lasting = ((this.#words[row * WORDS + PLACE] as number) & LASTING) !== 0;
    return (this.#numbers[row * NUMBERS + ARRIVAL] as number) + (lasting ? LONG_MS : SHORT_MS) < clock;
  }

  #rowOf(): number {
    const mask = this.#slots.length - 1;
    const words = this.#words;
    for (let slot = (sought[0] as number) & mask; ; slot = (slot + 1) & mask) {
      const row = (this.#slots[slot] as number) - 1;
      if (row < 0) return -1;
      const at = row * WORDS;
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
    const words = new Uint32Array(room * WORDS);
    words.set(this.#words);
    this.#words = words;
    const numbers = new Float64Array(room * NUMBERS);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    this.#slots = new Int32Array(room * 2);
    for (let row = 0; row < this.rows; row++) this.#place(row, words[row * WORDS] as number);
  }
}
