// A settlement's fee lines, no more of each than rules of the institution lane look at, taken from the bytes of its cold part: parsing all of
// it would cost them more than everything else they do.
import type { FeeLine, Settlement } from '@yunjian/contracts';

export type LineHead = Pick<FeeLine, 'line' | 'item' | 'name' | 'prescriptionDrug'>;

/** Item codes are few and come again and again: one text of each is enough. Forgotten when there are so many. */
const ITEMS_REMEMBERED = 20_000;
const [QUOTE, COMMA, COLON, BACKSLASH] = [34, 44, 58, 92];
const [OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [91, 93, 123, 125];
const [TRUE, FALSE, NULL] = [116, 102, 110];
const KEY = Buffer.from('"lines":[');

export class FeeLines {
  readonly #items = new Map<number, string>();

  of({ cold }: Settlement): readonly LineHead[] {
    const bytes = cold.unread();
    return (bytes === null ? null : this.#read(bytes)) ?? cold.get().lines;
  }

  /** Null: something is written as the router does not write it. */
  #read(bytes: Buffer): LineHead[] | null {
    let at = beginOfLines(bytes);
    if (at < 0) return null;
    const lines: LineHead[] = [];
    for (;;) {
      if (bytes[at] === CLOSE_LIST && lines.length === 0) return lines;
      if (bytes[at] !== OPEN) return null;
      const line: LineHead = { line: '', item: '', name: null, prescriptionDrug: null };
      at = this.#readLine(bytes, at + 1, line);
      if (at < 0) return null;
      lines.push(line);
      if (bytes[at] === CLOSE_LIST) return lines;
      if (bytes[at++] !== COMMA) return null;
    }
  }

  /** Returns where the line ends; -1: something is written as the router does not write it. */
  #readLine(bytes: Buffer, from: number, into: LineHead): number {
    let at = from;
    for (;;) {
      const key = at + 1;
      if (bytes[at] !== QUOTE) return -1;
      const keyEnd = endOfText(bytes, key);
      if (keyEnd < 0 || bytes[keyEnd + 1] !== COLON) return -1;
      const value = keyEnd + 2;
      at = endOfValue(bytes, value);
      if (at < 0) return -1;
      const first = bytes[key];
      if (keyEnd - key === 4) {
        if (first === 108 /* line */) into.line = textOf(bytes, value, at) ?? '';
        else if (first === 105 /* item */) into.item = this.#item(bytes, value, at);
        else if (first === 110 /* name */) into.name = textOf(bytes, value, at);
      } else if (keyEnd - key === 16 && first === 112 /* prescriptionDrug */) {
        const said = bytes[value];
        if (said !== TRUE && said !== FALSE && said !== NULL) return -1;
        into.prescriptionDrug = said === NULL ? null : said === TRUE;
      }
      if (bytes[at] === CLOSE) return at + 1;
      if (bytes[at++] !== COMMA) return -1;
    }
  }

  #item(bytes: Buffer, from: number, to: number): string {
    let hash = 0;
    for (let i = from; i < to; i++) hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0;
    const known = this.#items.get(hash);
    if (known !== undefined && isText(bytes, from + 1, to - 1, known)) return known;
    const item = textOf(bytes, from, to) ?? '';
    if (this.#items.size >= ITEMS_REMEMBERED) this.#items.clear();
    this.#items.set(hash, item);
    return item;
  }
}

/** Behind the bracket. Within a text the quotes of such a key would be escaped, and it would not be found. */
function beginOfLines(bytes: Buffer): number {
  const at = bytes.indexOf(KEY);
  return at < 0 ? -1 : at + KEY.length;
}

/** Of the closing quote; -1 where something is escaped. */
function endOfText(bytes: Buffer, from: number): number {
  for (let i = from; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) return i;
    if (byte === BACKSLASH) return -1;
  }
  return -1;
}

/** Behind a text, a number, a word, or a list of such. */
function endOfValue(bytes: Buffer, from: number): number {
  const first = bytes[from];
  if (first === QUOTE) return endOfText(bytes, from + 1) + 1 || -1;
  if (first === OPEN) return -1;
  if (first !== OPEN_LIST) {
    for (let i = from; i < bytes.length; i++) if (bytes[i] === COMMA || bytes[i] === CLOSE) return i;
    return -1;
  }
  for (let i = from + 1; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === CLOSE_LIST) return i + 1;
    if (byte === OPEN || byte === OPEN_LIST) return -1;
    if (byte !== QUOTE) continue;
    i = endOfText(bytes, i + 1);
    if (i < 0) return -1;
  }
  return -1;
}

/** A text in quotes; null for the word null. */
function textOf(bytes: Buffer, from: number, to: number): string | null {
  return bytes[from] === QUOTE ? bytes.toString('utf8', from + 1, to - 1) : null;
}

function isText(bytes: Buffer, from: number, to: number, text: string): boolean {
  if (text.length !== to - from) return false;
  for (let i = from; i < to; i++) if (bytes[i] !== text.charCodeAt(i - from)) return false;
  return true;
}
