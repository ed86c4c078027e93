// The cold line of a lane record, taken from its bytes: the envelope, the rest as it is, and of a settlement's fee lines what has columns.
import type { RowBinary } from '@yunjian/clickhouse';
import { endOfText, integerOf } from './hot-line.ts';

const [BRACKET, BRACE, QUOTE, BACKSLASH, COMMA, CLOSE, CLOSE_BRACE] = [91, 123, 34, 92, 44, 93, 125];
const [EVENT_ID, SOURCE, LINES] = ['{"eventId":"', '","source":"', '"lines":['].map((text) => Buffer.from(text)) as [
  Buffer,
  Buffer,
  Buffer,
];
/** Keys of a fee line in the order in which the router writes them, with what stands between them. */
const [LINE, ITEM, NAME, COUNT, PRICE, AMOUNT, FLAG, DAYS, OCCURRED, SPLIT, CODES] = [
  '{"line":"',
  '","item":"',
  '","name":',
  ',"count":',
  ',"unitPrice":',
  ',"amount":',
  ',"prescriptionDrug":',
  ',"days":',
  ',"occurredAt":',
  ',"split":',
  ',"codes":[',
].map((text) => Buffer.from(text)) as [
  Buffer,
  Buffer,
  Buffer,
  Buffer,
  Buffer,
  Buffer,
  Buffer,
  Buffer,
  Buffer,
  Buffer,
  Buffer,
];

/** Start and end of a text each. */
type Spans = number[];

/** As with the hot line, what is not as expected makes `ok` false. */
export class ColdLine {
  ok = false;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  readonly #eventId: Spans = [0, 0];
  readonly #source: Spans = [0, 0];
  #rest = 0;
  readonly #ids: Spans = [];
  readonly #items: Spans = [];
  readonly #counts: number[] = [];
  readonly #amounts: number[] = [];
  readonly #codes: Spans = [];
  /** Codes of each line. */
  readonly #codeCounts: number[] = [];

  /** Reads the envelope of the line that begins there and goes to the end, and the fee lines where it has them behind the envelope. */
  read(bytes: Buffer, from: number, lines: boolean): void {
    this.#bytes = bytes;
    this.#at = from;
    this.ok = bytes[bytes.length - 1] === CLOSE_BRACE;
    this.#expect(EVENT_ID);
    this.#text(this.#eventId, 0);
    this.#expect(SOURCE);
    this.#text(this.#source, 0);
    this.#rest = this.#at + 1;
    if (bytes[this.#at] !== QUOTE || (bytes[this.#rest] !== COMMA && this.#rest !== bytes.length - 1)) this.ok = false;
    else if (bytes[this.#rest] === COMMA) this.#rest++;
    if (lines && this.ok) this.#readLines();
  }

  #readLines(): void {
    this.#ids.length = 0;
    this.#items.length = 0;
    this.#counts.length = 0;
    this.#amounts.length = 0;
    this.#codes.length = 0;
    this.#codeCounts.length = 0;
    this.#at = this.#rest;
    this.#expect(LINES);
    const bytes = this.#bytes;
    if (bytes[this.#at] === CLOSE) return;
    for (;;) {
      this.#line();
      if (!this.ok || bytes[this.#at] === CLOSE) return;
      if (bytes[this.#at++] !== COMMA) this.ok = false;
    }
  }

  eventId(out: RowBinary): void {
    out.textOf(this.#bytes, this.#eventId[0] as number, this.#eventId[1] as number);
  }

  source(out: RowBinary): void {
    out.textOf(this.#bytes, this.#source[0] as number, this.#source[1] as number);
  }

  /** Bytes of the rest behind the envelope, without its closing brace. */
  get restLength(): number {
    return this.#bytes.length - 1 - this.#rest;
  }

  rest(out: RowBinary): void {
    out.raw(this.#bytes, this.#rest, this.#bytes.length - 1);
  }

  /** The columns of the fee lines, one array each. */
  lines(out: RowBinary): void {
    const count = this.#counts.length;
    out.size(count);
    this.#texts(out, this.#ids, 0, count);
    out.size(count);
    this.#texts(out, this.#items, 0, count);
    out.size(count);
    for (const value of this.#counts) out.i64(value);
    out.size(count);
    for (const value of this.#amounts) out.i64(value);
    out.size(count);
    let from = 0;
    for (const codes of this.#codeCounts) {
      out.size(codes);
      this.#texts(out, this.#codes, from, from + codes);
      from += codes;
    }
  }

  #texts(out: RowBinary, spans: Spans, from: number, to: number): void {
    for (let i = 2 * from; i < 2 * to; i += 2) out.textOf(this.#bytes, spans[i] as number, spans[i + 1] as number);
  }

  #line(): void {
    this.#expect(LINE);
    this.#text(this.#ids, this.#ids.length);
    this.#expect(ITEM);
    this.#text(this.#items, this.#items.length);
    this.#expect(NAME);
    this.#skip();
    this.#expect(COUNT);
    this.#counts.push(this.#integer());
    this.#expect(PRICE);
    this.#skip();
    this.#expect(AMOUNT);
    this.#amounts.push(this.#integer());
    for (const key of [FLAG, DAYS, OCCURRED, SPLIT]) {
      this.#expect(key);
      this.#skip();
    }
    this.#expect(CODES);
    this.#lineCodes();
    // What the contract does not name may follow.
    if (this.#bytes[this.#at] === COMMA) this.#skipTo(CLOSE_BRACE);
    if (this.#bytes[this.#at++] !== CLOSE_BRACE) this.ok = false;
  }

  #lineCodes(): void {
    const bytes = this.#bytes;
    let count = 0;
    while (this.ok && bytes[this.#at] !== CLOSE) {
      if (count > 0 && bytes[this.#at++] !== COMMA) this.ok = false;
      if (bytes[this.#at++] !== QUOTE) this.ok = false;
      this.#text(this.#codes, this.#codes.length);
      this.#at++;
      count++;
    }
    this.#at++;
    this.#codeCounts.push(count);
  }

  #expect(key: Buffer): void {
    const end = behind(this.#bytes, this.#at, key);
    if (end < 0) this.ok = false;
    else this.#at = end;
  }

  /** Up to its closing quote. */
  #text(into: Spans, index: number): void {
    const end = this.ok ? endOfText(this.#bytes, this.#at) : -1;
    into[index] = this.#at;
    into[index + 1] = end;
    if (end < 0) this.ok = false;
    else this.#at = end;
  }

  #integer(): number {
    const start = this.#at;
    this.#skip();
    const value = integerOf(this.#bytes, start, this.#at);
    if (Number.isNaN(value)) this.ok = false;
    return value;
  }

  /** Over a text, a number or a word. */
  #skip(): void {
    const bytes = this.#bytes;
    if (bytes[this.#at] !== QUOTE) {
      while (this.#at < bytes.length && bytes[this.#at] !== COMMA) this.#at++;
      return;
    }
    this.#at = endOfQuoted(bytes, this.#at);
  }

  /** Up to the byte that closes what is open, whatever stands between. */
  #skipTo(closing: number): void {
    const bytes = this.#bytes;
    let depth = 0;
    while (this.#at < bytes.length) {
      const byte = bytes[this.#at];
      if (byte === QUOTE) {
        this.#at = endOfQuoted(bytes, this.#at);
        continue;
      }
      if (depth === 0 && byte === closing) return;
      if (byte === BRACKET || byte === BRACE) depth++;
      if (byte === CLOSE || byte === CLOSE_BRACE) depth--;
      this.#at++;
    }
  }
}

/** Behind the key when it stands there, else below 0. */
function behind(bytes: Buffer, start: number, key: Buffer): number {
  const { length } = key;
  if (start + length > bytes.length) return -1;
  for (let i = 0; i < length; i++) if (bytes[start + i] !== key[i]) return -1;
  return start + length;
}

/** Behind the closing quote of the text whose opening quote is there, escapes and all. */
function endOfQuoted(bytes: Buffer, quote: number): number {
  let i = quote + 1;
  while (i < bytes.length && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1;
  return i + 1;
}
