// Which subjects have never been seen: most boxes and settlements are new, and of a new one there is nothing to read.
import { crc32 } from 'node:zlib';
import { murmurHash3 } from './murmur.ts';

/** Of the first hash; its fraction of the golden ratio spreads numbers that differ in their last digits. */
const SPREAD = 2_654_435_769;
const [LEAST_BITS, MOST_BITS] = [26, 28];
/** Bits set for each subject: with many bits a subject few new ones of a million are mistaken, and a batch of new ones needs no read. */
const PROBES = 4;
/** Twenty bits a subject: one in a thousand new ones is mistaken for one that was seen. */
const BITS_OF_ONE = 20;

/** A Bloom filter: what it does not hold was never added; what it holds may be another subject. */
export class SubjectFilter {
  readonly #shift: number;
  readonly #bytes: Uint8Array;

  /** @param size binary logarithm of the bits; @param bytes words of 64 bits, the highest byte first */
  constructor(size: number, bytes: Uint8Array = new Uint8Array(2 ** (size - 3))) {
    if (bytes.length !== 2 ** (size - 3))
      throw new Error(`a filter of 2^${size} bits has ${2 ** (size - 3)} bytes, got ${bytes.length}`);
    this.#shift = 32 - size;
    this.#bytes = bytes;
  }

  add(subject: string): void {
    const [first, step] = hashesOf(subject);
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = ((first + probe * step) >>> 0) >>> this.#shift;
      const at = byteOf(bit);
      this.#bytes[at] = (this.#bytes[at] as number) | (1 << (bit & 7));
    }
  }

  mayHold(subject: string): boolean {
    const [first, step] = hashesOf(subject);
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = ((first + probe * step) >>> 0) >>> this.#shift;
      if (((this.#bytes[byteOf(bit)] as number) & (1 << (bit & 7))) === 0) return false;
    }
    return true;
  }
}

function hashesOf(subject: string): [first: number, step: number] {
  return [Math.imul(crc32(subject), SPREAD) >>> 0, murmurHash3(subject)];
}

function byteOf(bit: number): number {
  return (bit >>> 6) * 8 + 7 - ((bit & 63) >>> 3);
}

/** Binary logarithm of the bits for so many subjects: 8 to 32 MiB. */
export function filterSize(subjects: number): number {
  return Math.min(MOST_BITS, Math.max(LEAST_BITS, Math.ceil(Math.log2(BITS_OF_ONE * Math.max(1, subjects)))));
}

/** The same in the engine: words that are not empty, by number, 512 to a row in hexadecimal. `{shift}` is 32 - size. */
export const WORDS_OF_A_ROW = 512;
export function filterQuery(table: string): string {
  return `
    SELECT part, arrayStringConcat(arrayMap(bits -> leftPad(hex(bits), 16, '0'), words)) AS bytes
    FROM (
      SELECT intDiv(word, ${WORDS_OF_A_ROW}) AS part, groupArrayInsertAt(toUInt64(0), ${WORDS_OF_A_ROW})(bits, toUInt32(word % ${WORDS_OF_A_ROW})) AS words
      FROM (
        SELECT intDiv(bit, 64) AS word, groupBitOr(bitShiftLeft(toUInt64(1), bit % 64)) AS bits
        FROM (
          SELECT bitAnd(toUInt64(CRC32(subject)) * ${SPREAD}, 4294967295) AS first, toUInt64(murmurHash3_32(subject)) AS step,
            bitShiftRight(bitAnd(first + step * arrayJoin(range(${PROBES})), 4294967295), {shift: UInt8}) AS bit
          FROM ${table} WHERE partition = {partition: UInt16}
        )
        GROUP BY word
      )
      GROUP BY part
    )`;
}
