// MurmurHash3 (x86, 32 bits, seed 0) of a text's UTF-8 bytes: what ClickHouse calls murmurHash3_32.

const [C1, C2] = [0xcc9e2d51, 0x1b873593];
const scratch = Buffer.allocUnsafe(1_024);

export function murmurHash3(text: string): number {
  // A UTF-16 unit is three bytes of UTF-8 at most.
  const bytes = text.length * 3 <= scratch.length ? scratch : Buffer.allocUnsafe(text.length * 3);
  const length = bytes.write(text, 'utf8');
  let hash = 0;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    hash ^= mixed(bytes.readInt32LE(i));
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let n = length - 1; n >= i; n--) tail = (tail << 8) | (bytes[n] as number);
  if (i < length) hash ^= mixed(tail);
  hash ^= length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function mixed(word: number): number {
  const product = Math.imul(word, C1);
  return Math.imul((product << 15) | (product >>> 17), C2);
}
