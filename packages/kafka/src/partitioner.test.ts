import fc from 'fast-check';
import kafkajs from 'kafkajs';
import { expect, test } from 'vitest';
import { partitionFor } from './partitioner.ts';

test('agrees with the library’s partitioner, which follows Java’s default, for keys of any bytes', () => {
  const partitioner = kafkajs.Partitioners.DefaultPartitioner();
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'grapheme', minLength: 1 }), fc.uint8Array({ minLength: 1 }).map(Buffer.from)),
      fc.integer({ min: 1, max: 100 }),
      (key, count) => {
        const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({ partitionId, leader: 1 }));
        expect(partitionFor(key as string | Buffer, count)).toBe(
          partitioner({
            topic: 't',
            partitionMetadata: partitionMetadata as never,
            message: { key, value: '' } as never,
          }),
        );
      },
    ),
  );
});

test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['abc', 479470107],
  ['a-little-bit-long-string', -985981536],
])('murmur2 of %s is what Kafka’s own UtilsTest says', (key, hash) => {
  expect(partitionFor(key, 1_000_003)).toBe((hash & 0x7fffffff) % 1_000_003);
});
