// Rows as a checkpoint has them, one behind the other as bytes: what is kept as bytes is written and read back as it is.

const [LF, ZERO] = [10, 48];
/** Characters of a fixed row's text that are its key: its identity but for the last bits. */
const KEY_CHARACTERS = 21;

export abstract class RowBlock {
  readonly bytes: Buffer;
  readonly rows: number;

  constructor(bytes: Buffer, rows: number) {
    this.bytes = bytes;
    this.rows = rows;
  }

  /** Each row by itself, as a table keeps it that knows nothing of blocks: its key, and a JSON-able value. */
  abstract entries(): IterableIterator<[string, unknown]>;
}

/** Rows of one length. */
export class FixedBlock extends RowBlock {
  *entries(): IterableIterator<[string, unknown]> {
    const width = this.bytes.length / this.rows;
    for (let row = 0; row < this.rows; row++) {
      const text = this.bytes.toString('base64url', row * width, (row + 1) * width);
      yield [text.slice(0, KEY_CHARACTERS), text.slice(KEY_CHARACTERS)];
    }
  }
}

/** Rows that are JSON arrays, each with its number first and a line feed behind. */
export class PackedBlock extends RowBlock {
  *entries(): IterableIterator<[string, unknown]> {
    const rows: [number: number, from: number, to: number][] = [];
    this.each((number, from, to) => void rows.push([number, from, to]));
    for (const [number, from, to] of rows) yield [String(number), JSON.parse(this.bytes.toString('utf8', from, to))];
  }

  /** @param visit each row: its number, and where it begins and ends in `bytes` @throws when the block ends within a row */
  each(visit: (number: number, from: number, to: number) => void): void {
    for (let from = 0; from < this.bytes.length; ) {
      const to = this.bytes.indexOf(LF, from) + 1;
      if (to === 0) throw new Error('a block of rows ends within a row');
      visit(integerAt(this.bytes, from + 1), from, to);
      from = to;
    }
  }
}

/** The whole number that begins there. */
export function integerAt(bytes: Buffer, start: number): number {
  let value = 0;
  for (let at = start; ; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return value;
    value = value * 10 + digit;
  }
}

/** Writes a whole number from 0 on in digits; returns where they end. */
export function writeInteger(value: number, bytes: Buffer, start: number): number {
  let end = start + 1;
  for (let power = 10; power <= value; power *= 10) end++;
  let left = value;
  for (let at = end - 1; at >= start; at--) {
    const tens = Math.floor(left / 10);
    bytes[at] = ZERO + left - tens * 10;
    left = tens;
  }
  return end;
}
