// What rows of checks and settlements take from a record of the lane: its values as they stand in its bytes, copied and never made into text.
import { encodeLane, hotStarts, type LaneEvent, scanHotLine } from '@yunjian/contracts';
import type { PackedRows } from '@yunjian/detection';

const OPEN = 91;
/** Of a name in the key of a search: 6 characters of 64 are more than 32 bits. */
const KEY_CHARACTERS = 6;

/** The record as the router wrote it. */
export function recordBytes(event: LaneEvent): Buffer {
  const bytes = event.cold.unread();
  return bytes !== null && bytes[0] === OPEN ? bytes : encodeLane(event);
}

/**
 * Where the record's cold part begins, and `hotStarts` then tells where the values of its hot line are, to be copied. 0: they cannot be,
 * something there is escaped, or outside ASCII.
 */
export function coldStart(record: Buffer): number {
  const values = scanHotLine(record);
  return values === 0 ? 0 : (hotStarts[values] as number) + 1;
}

/** Copies the values from one place of the hot line to another, both included, and what separates them. Returns where the next one goes. */
export function copyValues(record: Buffer, first: number, last: number, to: Buffer, at: number): number {
  return at + copy(record, hotStarts[first] as number, hotStarts[last + 1] as number, to, at);
}

/** Buffer.copy costs more than this for what is short. */
export function copy(from: Buffer, start: number, end: number, to: Buffer, at: number): number {
  for (let i = start, j = at; i < end; i++, j++) to[j] = from[i] as number;
  return end - start;
}

/** The end of a name as a 32-bit integer: names that follow each other, and pseudonyms, differ there. */
export function endOf(name: string): number {
  let key = 1;
  for (let i = Math.max(0, name.length - KEY_CHARACTERS); i < name.length; i++)
    key = (Math.imul(key, 31) + name.charCodeAt(i)) | 0;
  return key;
}

/** As `endOf`, of a plain text in quotes from `start` to before `end`. */
export function endOfBytes(bytes: Buffer, start: number, end: number): number {
  let key = 1;
  for (let i = Math.max(start + 1, end - 1 - KEY_CHARACTERS); i < end - 1; i++)
    key = (Math.imul(key, 31) + (bytes[i] as number)) | 0;
  return key;
}

/** Where a row's value begins, counted from 0; the value before it is skipped text by text. */
export function valueStart(rows: PackedRows, number: number, value: number): number {
  const bytes = rows.bufferOf(number);
  let at = rows.startOf(number) + 1;
  for (let left = value; left > 0; left--) {
    if (bytes[at] === QUOTE) while (bytes[++at] !== QUOTE);
    while (bytes[at] !== COMMA) at++;
    at++;
  }
  return at;
}

const [QUOTE, COMMA] = [34, 44];

/** Whether the plain text in quotes that begins there is this one. */
export function isText(bytes: Buffer, start: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[start + 1 + i] !== text.charCodeAt(i)) return false;
  return bytes[start + 1 + text.length] === QUOTE;
}

/** Whether two plain texts in quotes are the same. */
export function isSameText(a: Buffer, atA: number, b: Buffer, atB: number): boolean {
  for (let i = 1; ; i++) {
    const byte = a[atA + i];
    if (byte !== b[atB + i]) return false;
    if (byte === QUOTE) return true;
  }
}

/** A small number for each terminal, from 1; 0 for none. Made anew after a restart. */
export class Terminals {
  readonly #numbers = new Map<string, number>();

  of(terminal: string | null): number {
    if (terminal === null) return 0;
    let number = this.#numbers.get(terminal);
    if (number === undefined) {
      number = this.#numbers.size + 1;
      this.#numbers.set(terminal, number);
    }
    return number;
  }
}
