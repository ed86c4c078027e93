// The partition of a key: murmur2 as Kafka's Java default has it, so that any producer that keys alike lands alike.

const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** @returns 0 … partitions − 1, the same in every process and language. */
export function partitionFor(key: string | Buffer, partitions: number): number {
  if (partitions === 1) return 0;
  return (murmur2(typeof key === 'string' ? Buffer.from(key) : key) & 0x7fffffff) % partitions;
}

function murmur2(data: Buffer): number {
  const { length } = data;
  let h = SEED ^ length;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    let k = data.readInt32LE(i);
    k = Math.imul(k, M);
    k ^= k >>> 24;
    k = Math.imul(k, M);
    h = Math.imul(h, M) ^ k;
  }
  const left = length - i;
  if (left === 3) h ^= (data[i + 2] as number) << 16;
  if (left >= 2) h ^= (data[i + 1] as number) << 8;
  if (left >= 1) {
    h ^= data[i] as number;
    h = Math.imul(h, M);
  }
  h ^= h >>> 13;
  h = Math.imul(h, M);
  return h ^ (h >>> 15);
}
