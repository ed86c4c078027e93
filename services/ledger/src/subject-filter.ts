// Which subjects have never been seen: most boxes and settlements are new, and of a new one there is nothing to read.
import { crc32 } from 'node:zlib';
import { murmurHash3 } from './murmur.ts';

/** Of the first hash; its fraction of the golden ratio spreads numbers that differ in their last digits. */
const SPREAD = 2_654_435_769;
const [LEAST_BITS, MOST_BITS] = [26, 29];
/** Bits set for each subject: with many bits a subject few new ones of a million are mistaken, and a batch of new ones needs no read. */
const PROBES = 4;
/** Twenty bits a subject: one in a thousand new ones is mistaken for one that was seen. */
const BITS_OF_ONE = 20;

/** A Bloom filter: what it does not hold was never added; what it holds may be another subject. */
export class SubjectFilter {
  readonly #shift: number;
  readonly #bytes: Uint8Array;

  /** @param size binary logarithm of the bits */
  constructor(size: number) {
    this.#shift = 32 - size;
    this.#bytes = new Uint8Array(2 ** (size - 3));
  }

  add(subject: string): void {
    this.addHashed(crc32(subject), murmurHash3(subject));
  }

  /** @param crc CRC32, @param murmur MurmurHash3 of a subject */
  addHashed(crc: number, murmur: number): void {
    const first = spread(crc);
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = ((first + probe * murmur) >>> 0) >>> this.#shift;
      const at = bit >>> 3;
      this.#bytes[at] = (this.#bytes[at] as number) | (1 << (bit & 7));
    }
  }

  mayHold(subject: string): boolean {
    const first = spread(crc32(subject));
    const step = murmurHash3(subject);
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = ((first + probe * step) >>> 0) >>> this.#shift;
      if (((this.#bytes[bit >>> 3] as number) & (1 << (bit & 7))) === 0) return false;
    }
    return true;
  }
}

function spread(crc: number): number {
  return Math.imul(crc, SPREAD) >>> 0;
}

/** Binary logarithm of the bits for so many subjects: 8 to 64 MiB. */
export function filterSize(subjects: number): number {
  return Math.min(MOST_BITS, Math.max(LEAST_BITS, Math.ceil(Math.log2(BITS_OF_ONE * Math.max(1, subjects)))));
}
