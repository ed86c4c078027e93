// Where the values of a record's hot line stand in its bytes, so that a reader takes those it wants, as bytes or as values, without parsing
// the rest. Of the plain case alone, which nearly every record is: no list within the line, no escape, nothing outside ASCII.

const [QUOTE, COMMA, POINT, ZERO, NINE, OPEN, CLOSE, BACKSLASH, OUTSIDE_ASCII] = [34, 44, 46, 48, 57, 91, 93, 92, 128];
const [TRUE, NULL] = [116, 110];
const MAX_VALUES = 64;
/** Digits of a half of a number. */
const HALF = 8;
const HALF_FACTOR = 10 ** HALF;

/** Of the line that was scanned last: the first byte of each value, and behind them where the next one would begin. */
export const hotStarts = new Int32Array(MAX_VALUES + 2);
/** The bytes that `hotStarts` tells of. A buffer of its own is a line of its own: lane values are never written to. */
let scanned: Uint8Array | null = null;
let count = 0;

/** Fills `hotStarts` with the values of a record's hot line. Returns their number; 0 where the line is not plain. */
export function scanHotLine(bytes: Uint8Array): number {
  if (bytes === scanned) return count;
  count = scanRow(bytes, 0, MAX_VALUES);
  scanned = bytes;
  return count;
}

/** Fills `hotStarts` with the first `most` values of a positional JSON array that begins at `from`. Returns how many; 0: they are not plain. */
export function scanRow(bytes: Uint8Array, from: number, most: number): number {
  scanned = null;
  if (bytes[from] !== OPEN) return 0;
  let at = from + 1;
  hotStarts[0] = at;
  for (let values = 1; values <= most; values++) {
    let byte = bytes[at];
    if (byte === QUOTE) {
      do {
        byte = bytes[++at];
        if (byte === undefined || byte === BACKSLASH || byte >= OUTSIDE_ASCII) return 0;
      } while (byte !== QUOTE);
      byte = bytes[++at];
    } else
      while (byte !== COMMA && byte !== CLOSE) {
        if (byte === undefined || byte === OPEN) return 0;
        byte = bytes[++at];
      }
    hotStarts[values] = ++at;
    if (byte === CLOSE) return values;
    if (byte !== COMMA) return 0;
  }
  return most === MAX_VALUES ? 0 : most;
}

/** The value from its first byte to before `end`: what JSON.parse would give, of a plain text, a number or a word. */
export function hotValue(bytes: Buffer, start: number, end: number): unknown {
  const first = bytes[start] as number;
  if (first === QUOTE) return bytes.toString('latin1', start + 1, end - 1);
  if (first <= NINE) return hotNumber(bytes, start, end);
  return first === NULL ? null : first === TRUE;
}

/** Up to 15 digits are read in two halves, each a small integer; behind a point they are divided once, which is exact. */
export function hotNumber(bytes: Buffer, start: number, end: number): number {
  if (end - start > HALF + HALF) return Number(bytes.toString('latin1', start, end));
  const middle = end - HALF;
  let high = 0;
  let low = 0;
  let decimals = -1;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) {
      if (digit + ZERO !== POINT || decimals >= 0 || end - start > HALF)
        return Number(bytes.toString('latin1', start, end));
      decimals = end - at - 1;
    } else if (at < middle) high = (high * 10 + digit) | 0;
    else low = (low * 10 + digit) | 0;
  }
  const whole = high === 0 ? low : high * HALF_FACTOR + low;
  return decimals <= 0 ? whole : whole / 10 ** decimals;
}
