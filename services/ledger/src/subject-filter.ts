// Which subjects have never been seen: most boxes and settlements are new, and of a new one there is nothing to read.
import { crc32 } from 'node:zlib';
import { murmurHash3 } from './murmur.ts';

/** Of the first hash; its fraction of the golden ratio spreads numbers that differ in their last digits. */
export const SPREAD = 2_654_435_769;
const [LEAST_BITS, MOST_BITS] = [26, 29];
/** Bits set for each subject: with many bits a subject few new ones of a million are mistaken, and a batch of new ones needs no read. */
export const PROBES = 4;
/** Twenty bits a subject: one in a thousand new ones is mistaken for one that was seen. */
const BITS_OF_ONE = 20;

/** A Bloom filter: what it does not hold was never added; what it holds may be another subject. */
export class SubjectFilter {
  readonly #shift: number;
  readonly #bytes: Uint8Array;

  /** Words of 64 bits, the highest byte first. @param size binary logarithm of the bits */
  constructor(size: number) {
    this.#shift = 32 - size;
    this.#bytes = new Uint8Array(2 ** (size - 3));
  }

  add(subject: string): void {
    const [first, step] = hashesOf(subject);
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = ((first + probe * step) >>> 0) >>> this.#shift;
      const at = byteOf(bit);
      this.#bytes[at] = (this.#bytes[at] as number) | (1 << (bit & 7));
    }
  }

  /** Another one's words, from a byte on. */
  join(bytes: Uint8Array, from: number): void {
    for (let i = 0; i < bytes.length; i++)
      this.#bytes[from + i] = (this.#bytes[from + i] as number) | (bytes[i] as number);
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

/** Binary logarithm of the bits for so many subjects: 8 to 64 MiB. */
export function filterSize(subjects: number): number {
  return Math.min(MOST_BITS, Math.max(LEAST_BITS, Math.ceil(Math.log2(BITS_OF_ONE * Math.max(1, subjects)))));
}
