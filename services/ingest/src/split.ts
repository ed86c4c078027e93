// Splits a request body into the exact bytes of its records: NDJSON by lines, a JSON array by its elements.

import { MAX_BODY_BYTES } from './body.ts';

export interface Part {
  bytes: Buffer;
  /** Set when the body breaks here: what follows cannot be told apart. */
  broken: string | null;
}

const [LF, QUOTE, BACKSLASH, COMMA, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [
  10, 34, 92, 44, 91, 93, 123, 125,
];

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Records that one request is taken apart into at most; what follows is refused in one piece. No valid event is shorter than 128 bytes, so
 * that a body within its limit holds more only where it is rubbish: millions of refusals would cost gigabytes.
 */
export const MAX_RECORDS = MAX_BODY_BYTES / 128;
const TOO_MANY = `expected at most ${MAX_RECORDS} records in a request`;

/** Lines that hold more than white space, in order. */
export function splitLines(body: Buffer): Part[] {
  const parts: Part[] = [];
  for (let from = 0; from < body.length; ) {
    if (parts.length === MAX_RECORDS) {
      const rest = trim(body.subarray(from));
      if (rest.length > 0) parts.push({ bytes: rest, broken: TOO_MANY });
      break;
    }
    const found = body.indexOf(LF, from);
    const end = found < 0 ? body.length : found;
    const bytes = trim(body.subarray(from, end));
    if (bytes.length > 0) parts.push({ bytes, broken: null });
    from = end + 1;
  }
  return parts;
}

/** Elements of a JSON array with their own bytes; a single JSON value counts as one element. A byte order mark is no part of them. */
export function splitArray(body: Buffer): Part[] {
  const whole = trim(
    body.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? body.subarray(BYTE_ORDER_MARK.length) : body,
  );
  if (whole[0] !== OPEN_ARRAY) return whole.length === 0 ? [] : [{ bytes: whole, broken: null }];
  const parts: Part[] = [];
  let depth = 0;
  let inText = false;
  let from = 1;
  const element = (end: number): void => {
    parts.push({ bytes: trim(whole.subarray(from, end)), broken: null });
    from = end + 1;
  };
  for (let i = 1; i < whole.length; i++) {
    const byte = whole[i] as number;
    if (inText) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) depth++;
    else if (byte === CLOSE_OBJECT) depth--;
    else if (byte === CLOSE_ARRAY && depth > 0) depth--;
    else if (byte === COMMA && depth === 0) {
      element(i);
      if (parts.length === MAX_RECORDS) {
        parts.push({ bytes: trim(whole.subarray(from)), broken: TOO_MANY });
        return parts;
      }
    } else if (byte === CLOSE_ARRAY) {
      if (parts.length > 0 || trim(whole.subarray(from, i)).length > 0) element(i);
      if (i + 1 < whole.length)
        parts.push({
          bytes: whole.subarray(i + 1),
          broken: 'expected nothing behind the closing bracket of the array',
        });
      return parts;
    }
    if (depth < 0) break;
  }
  parts.push({
    bytes: whole.subarray(Math.min(from, whole.length)),
    broken: 'expected a JSON array, got text that ends or breaks before its closing bracket',
  });
  return parts;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 32 || byte === 9 || byte === 10 || byte === 13;
}

function trim(bytes: Buffer): Buffer {
  let from = 0;
  let end = bytes.length;
  while (from < end && isSpace(bytes[from])) from++;
  while (end > from && isSpace(bytes[end - 1])) end--;
  return bytes.subarray(from, end);
}
