// The hot line of a lane record, its values taken from the bytes: a record that is only copied into columns is never made into objects.
import type { RowBinary } from '@yunjian/clickhouse';

const [BRACKET, BRACE, QUOTE, BACKSLASH, COMMA, CLOSE, LF] = [91, 123, 34, 92, 44, 93, 10];
const [ZERO, MINUS, LETTER_N, LETTER_T, LETTER_F] = [48, 45, 110, 116, 102];
/** So many digits are a safe integer whatever they are. */
const SAFE_DIGITS = 15;
const HALF_DIGITS = 9;
const HALF = 1_000_000_000;
const MAX_VALUES = 64;

/**
 * Writes values by their position. What is not as expected (an escape, a number that is none) makes `ok` false: such a record is read the
 * long way, which says what is wrong with it.
 */
export class HotLine {
  ok = false;
  /** Where the cold line begins. */
  behind = 0;
  /** Values on the line; a position at or above it must not be asked for. */
  count = 0;
  #bytes: Buffer = Buffer.alloc(0);
  readonly #starts = new Int32Array(MAX_VALUES);
  readonly #ends = new Int32Array(MAX_VALUES);
  readonly #quoted = new Uint8Array(MAX_VALUES);

  /** Finds where each value stands; `ok` when all are plain. */
  read(bytes: Buffer): void {
    this.#bytes = bytes;
    this.count = 0;
    this.ok = this.#read(bytes);
  }

  #read(bytes: Buffer): boolean {
    if (bytes[0] !== BRACKET) return false;
    const { length } = bytes;
    for (let i = 1, count = 0; i < length && count < MAX_VALUES; i++) {
      const quoted = bytes[i] === QUOTE;
      const start = quoted ? i + 1 : i;
      const end = quoted ? endOfText(bytes, start) : endOfPlain(bytes, start);
      if (end < 0) return false;
      this.#starts[count] = start;
      this.#ends[count] = end;
      this.#quoted[count++] = quoted ? 1 : 0;
      this.count = count;
      i = quoted ? end + 1 : end;
      if (bytes[i] === COMMA) continue;
      this.behind = i + 2;
      return bytes[i] === CLOSE && bytes[i + 1] === LF;
    }
    return false;
  }

  text(out: RowBinary, position: number): void {
    if (!this.#isText(position)) this.ok = false;
    else out.textOf(this.#bytes, this.#starts[position] as number, this.#ends[position] as number);
  }

  textOrNull(out: RowBinary, position: number): void {
    const none = this.#isNull(position);
    out.u8(none ? 1 : 0);
    if (!none) this.text(out, position);
  }

  /** A text of that many bytes. */
  fixed(out: RowBinary, position: number, length: number): void {
    const start = this.#starts[position] as number;
    if (!this.#isText(position) || (this.#ends[position] as number) - start !== length) this.ok = false;
    else out.raw(this.#bytes, start, start + length);
  }

  /** Of a text of ASCII as it is in JSON, `null` or a number. */
  json(out: RowBinary, position: number): void {
    const quotes = this.#isText(position) ? 1 : 0;
    out.raw(this.#bytes, (this.#starts[position] as number) - quotes, (this.#ends[position] as number) + quotes);
  }

  /** Bytes of what `json` writes. */
  jsonLength(position: number): number {
    return (this.#ends[position] as number) - (this.#starts[position] as number) + (this.#isText(position) ? 2 : 0);
  }

  i64(out: RowBinary, position: number): void {
    out.i64(this.integer(position));
  }

  i64OrNull(out: RowBinary, position: number): void {
    const none = this.#isNull(position);
    out.u8(none ? 1 : 0);
    if (!none) this.i64(out, position);
  }

  /** A number without an exponent, or null. */
  f64OrNull(out: RowBinary, position: number): void {
    const none = this.#isNull(position);
    out.u8(none ? 1 : 0);
    if (none) return;
    const value = Number(this.#bytes.toString('latin1', this.#starts[position], this.#ends[position]));
    if (this.#quoted[position] === 1 || !Number.isFinite(value)) this.ok = false;
    out.f64(value);
  }

  flag(out: RowBinary, position: number): void {
    out.u8(this.truth(position) ? 1 : 0);
  }

  flagOrNull(out: RowBinary, position: number): void {
    const none = this.#isNull(position);
    out.u8(none ? 1 : 0);
    if (!none) this.flag(out, position);
  }

  truth(position: number): boolean {
    if (this.#isWord(position, LETTER_T, 4)) return true;
    if (!this.#isWord(position, LETTER_F, 5)) this.ok = false;
    return false;
  }

  integer(position: number): number {
    const value = this.#isText(position)
      ? Number.NaN
      : integerOf(this.#bytes, this.#starts[position] as number, this.#ends[position] as number);
    if (Number.isNaN(value)) this.ok = false;
    return value;
  }

  #isText(position: number): boolean {
    return this.#quoted[position] === 1;
  }

  #isNull(position: number): boolean {
    return this.#isWord(position, LETTER_N, 4);
  }

  /** Of `null`, `true` and `false` the first letter and the length say which. */
  #isWord(position: number, first: number, length: number): boolean {
    const start = this.#starts[position] as number;
    return !this.#isText(position) && this.#bytes[start] === first && this.#ends[position] === start + length;
  }
}

/** Where a text that begins there ends; below 0 when it holds an escape or has no end. */
export function endOfText(bytes: Buffer, start: number): number {
  const { length } = bytes;
  for (let i = start; i < length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) return i;
    if (byte === BACKSLASH) return -1;
  }
  return -1;
}

function endOfPlain(bytes: Buffer, start: number): number {
  const { length } = bytes;
  if (bytes[start] === BRACKET || bytes[start] === BRACE) return -1;
  for (let i = start; i < length; i++) if (bytes[i] === COMMA || bytes[i] === CLOSE) return i;
  return -1;
}

/** NaN when it is no integer of at most fifteen digits. */
export function integerOf(bytes: Buffer, start: number, end: number): number {
  const negative = bytes[start] === MINUS;
  const first = negative ? start + 1 : start;
  if (end <= first || end - first > SAFE_DIGITS) return Number.NaN;
  // Two halves that the processor holds as 32-bit integers.
  const middle = Math.max(first, end - HALF_DIGITS);
  const [high, low] = [digitsOf(bytes, first, middle), digitsOf(bytes, middle, end)];
  if (high < 0 || low < 0) return Number.NaN;
  const value = high * HALF + low;
  return negative ? -value : value;
}

/** At most nine digits; below 0 when there is something else among them. */
function digitsOf(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = (value * 10 + digit) | 0;
  }
  return value;
}
