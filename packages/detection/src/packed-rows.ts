// Rows that are written once, asked for by number and forgotten in the order in which they came, kept as JSON texts in a few large buffers:
// as objects they would be most of what the garbage collector walks over, and a checkpoint writes their bytes as they are. A row is an array
// that begins with its number and its arrival in ms, and ends with a line feed.
import { integerAt, PackedBlock, writeInteger } from './blocks.ts';
import { LoadedRows } from './loaded-rows.ts';
import type { Change, Rows } from './state.ts';

const [LF, COMMA, BRACKET] = [10, 44, 91];
const [FIRST_SEGMENT, LARGEST_SEGMENT] = [16 * 1024, 1024 * 1024];
/** A place is the number of its segment and the byte in it. */
const PLACES_OF_SEGMENT = 2 ** 22;
/** Rows of a block, and its bytes: as one entry of a checkpoint, so that a chunk can be filled evenly. */
const [BLOCK_ROWS, BLOCK_BYTES] = [64, 32 * 1024];
/** Room at the front is given back when it is this many rows, and half of all. */
const SLACK = 1024;

export class PackedRows implements Rows {
  readonly hot = false;
  readonly #segments = new Map<number, Buffer>();
  #segment = -1;
  /** Where the next row begins in the last segment. */
  #free = 0;
  #buffer: Buffer = Buffer.alloc(0);
  /** Places by number, from `#origin` on. */
  #places: number[] = [];
  #origin = 0;
  /** Number of the first row that is kept. */
  #first = 0;
  /** From here on no checkpoint has them. */
  #collected = 0;
  /** Taken out before their time. */
  readonly #gone = new Set<number>();
  #removed: number[] = [];
  readonly #loaded = new LoadedRows();

  /** Number of the first row that is kept: all before are forgotten. */
  get first(): number {
    return this.#first;
  }

  /** Number of the next row. */
  get next(): number {
    return this.#origin + this.#places.length;
  }

  /** Begins a row that takes at most so many bytes behind its number. Write from `free` on into `buffer`, then `close`. */
  open(bytes: number): void {
    this.#makeRoom(bytes + 20);
    this.#buffer[this.#free] = BRACKET;
    this.#place(this.#free);
    const end = writeInteger(this.next - 1, this.#buffer, this.#free + 1);
    this.#buffer[end] = COMMA;
    this.#free = end + 1;
  }

  get buffer(): Buffer {
    return this.#buffer;
  }

  get free(): number {
    return this.#free;
  }

  /** @param end behind the row's last bracket. Returns its number. */
  close(end: number): number {
    this.#buffer[end] = LF;
    this.#free = end + 1;
    return this.next - 1;
  }

  /** The buffer that holds a row, which begins there at `startOf`. */
  bufferOf(number: number): Buffer {
    return this.#segments.get(Math.floor(this.#placeOf(number) / PLACES_OF_SEGMENT)) as Buffer;
  }

  startOf(number: number): number {
    return this.#placeOf(number) % PLACES_OF_SEGMENT;
  }

  /** The row, parsed. */
  read(number: number): unknown[] {
    const buffer = this.bufferOf(number);
    const start = this.startOf(number);
    return JSON.parse(buffer.toString('utf8', start, buffer.indexOf(LF, start))) as unknown[];
  }

  holds(number: number): boolean {
    return number >= this.#first && number < this.next && !this.#gone.has(number);
  }

  remove(number: number): void {
    if (!this.holds(number)) return;
    this.#gone.add(number);
    this.#removed.push(number);
  }

  /** Forgets rows from the first on for as long as they arrived before, ms. A restart forgets the same: nothing is written of it. */
  prune(before: number): void {
    const end = this.next;
    let number = this.#first;
    while (number < end && (this.#gone.delete(number) || this.#arrivalOf(number) < before)) number++;
    if (number === this.#first) return;
    this.#first = number;
    const kept = number < end ? Math.floor(this.#placeOf(number) / PLACES_OF_SEGMENT) : this.#segment;
    for (const segment of this.#segments.keys()) {
      if (segment >= kept) break;
      this.#segments.delete(segment);
    }
    const left = number - this.#origin;
    if (left <= SLACK || left * 2 <= this.#places.length) return;
    this.#places = this.#places.slice(left);
    this.#origin = number;
  }

  get size(): number {
    return this.next - this.#first - this.#gone.size + this.#loaded.size;
  }

  get dirtyCount(): number {
    return this.next - Math.max(this.#collected, this.#first) + this.#removed.length;
  }

  collect(table: string, changes: Change[]): void {
    for (const number of this.#removed) changes.push({ table, key: String(number), value: undefined });
    this.#removed = [];
    const end = this.next;
    for (let number = Math.max(this.#collected, this.#first); number < end; ) {
      const { block, next } = this.#blockFrom(number);
      if (block !== null) changes.push({ table, key: '', value: block, rows: block.rows });
      number = next;
    }
    this.#collected = end;
  }

  load(key: string, packed: unknown): void {
    if (packed === undefined) this.#loaded.remove(Number(key));
    else if (packed instanceof PackedBlock) this.#loaded.add(packed);
    else this.#loaded.add(new PackedBlock(Buffer.from(`${JSON.stringify(packed)}\n`), 1));
  }

  /** Takes what a checkpoint brought; call before the first row is added. @param visit each row, in the order of their numbers */
  settle(visit: (number: number) => void): void {
    if (this.#loaded.size === 0) return;
    this.#loaded.each((number, bytes, from, to) => {
      if (this.#segment < 0) this.#origin = number;
      while (this.next < number) {
        this.#gone.add(this.next);
        this.#place(this.#free);
      }
      this.#makeRoom(to - from);
      this.#place(this.#free);
      this.#free += bytes.copy(this.#buffer, this.#free, from, to);
    });
    this.#loaded.clear();
    this.#first = this.#origin;
    this.#collected = this.next;
    for (let number = this.#first; number < this.next; number++) if (!this.#gone.has(number)) visit(number);
  }

  *packed(): IterableIterator<[string, unknown]> {
    const loaded: PackedBlock[] = [];
    this.#loaded.each((_, bytes, from, to) => void loaded.push(new PackedBlock(bytes.subarray(from, to), 1)));
    for (const row of loaded) yield ['', row];
    for (let number = this.#first; number < this.next; ) {
      const { block, next } = this.#blockFrom(number);
      if (block !== null) yield ['', block];
      number = Math.max(next, this.#first);
    }
  }

  /** Rows that lie behind each other from that number on. */
  #blockFrom(number: number): { block: PackedBlock | null; next: number } {
    if (this.#gone.has(number)) return { block: null, next: number + 1 };
    const buffer = this.bufferOf(number);
    const start = this.startOf(number);
    const place = this.#placeOf(number);
    let next = number + 1;
    let end = -1;
    while (next < this.next && next - number < BLOCK_ROWS && !this.#gone.has(next)) {
      const behind = this.#placeOf(next) - place;
      if (behind < 0 || behind > BLOCK_BYTES) break;
      next++;
    }
    // A gone row, or the next segment, lies behind the last: its own end is looked for.
    const last = this.startOf(next - 1);
    end = buffer.indexOf(LF, last) + 1;
    return { block: new PackedBlock(buffer.subarray(start, end), next - number), next };
  }

  #placeOf(number: number): number {
    return this.#places[number - this.#origin] as number;
  }

  #place(at: number): void {
    this.#places.push(this.#segment * PLACES_OF_SEGMENT + at);
  }

  #arrivalOf(number: number): number {
    const buffer = this.bufferOf(number);
    let at = this.startOf(number) + 1;
    while (buffer[at] !== COMMA) at++;
    return integerAt(buffer, at + 1);
  }

  #makeRoom(bytes: number): void {
    if (this.#free + bytes <= this.#buffer.length) return;
    const size = Math.max(bytes, Math.min(LARGEST_SEGMENT, Math.max(FIRST_SEGMENT, this.#buffer.length * 2)));
    this.#buffer = Buffer.allocUnsafeSlow(size);
    this.#segments.set(++this.#segment, this.#buffer);
    this.#free = 0;
  }
}
