import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OutRecord } from '../records.ts';
import { encodeProduce } from './produce.ts';
import { RecordBatch } from './record-batch.ts';

// The library's own decoders, as the judge.
const require = createRequire(import.meta.url);
const Decoder = require('kafkajs/src/protocol/decoder');
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder');
const libraryCrc = require('kafkajs/src/protocol/recordBatch/crc32C');

interface Decoded {
  records: { offset: string; timestamp: string; key: Buffer | null; value: Buffer | null; headers: object }[];
  maxTimestamp: string;
}

const part = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: 'grapheme', maxLength: 100 }),
);
const present = part.map((value) => value ?? '');
const now = 1_764_000_000_000;
const record: fc.Arbitrary<OutRecord> = fc.record(
  {
    value: part,
    key: part,
    timestamp: fc.integer({ min: now - 400 * 86_400_000, max: now + 300_000 }),
    headers: fc.dictionary(
      fc.string({ maxLength: 12 }).map((name) => `h${name}`),
      present,
      {
        maxKeys: 3,
      },
    ),
  },
  { requiredKeys: ['value'] },
) as fc.Arbitrary<OutRecord>;

const bytes = (value: Buffer | string | null | undefined) =>
  value === null || value === undefined ? null : Buffer.from(value);

test('the library reads back every batch as it was given, 400 days between two records of one batch included', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 200 }), async (records) => {
      const batch = new RecordBatch(records, now);
      const buffer = Buffer.alloc(batch.size + 7, 0xaa);
      batch.writeTo(buffer, 7);
      const { records: read, maxTimestamp } = (await decodeBatch(new Decoder(buffer.subarray(7)))) as Decoded;
      expect(read).toMatchObject(
        records.map(({ key, value, timestamp, headers }, i) => ({
          offset: String(i),
          timestamp: String(timestamp ?? now),
          key: bytes(key),
          value: bytes(value),
          headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, each]) => [name, bytes(each)])),
        })),
      );
      expect(read).toHaveLength(records.length);
      expect(Number(maxTimestamp)).toBe(Math.max(...records.map(({ timestamp }) => timestamp ?? now)));
    }),
    { numRuns: 60 },
  );
});

test('the checksum is the one that the library computes, at any length', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), (records) => {
      const batch = new RecordBatch(records, now);
      const buffer = Buffer.alloc(batch.size);
      batch.writeTo(buffer, 0);
      expect(buffer.readUInt32BE(17)).toBe(libraryCrc(buffer.subarray(21)));
    }),
  );
});

test('a request holds its topics and partitions one after the other', () => {
  const records: OutRecord[] = [{ value: 'a' }];
  const { size } = new RecordBatch(records, now);
  const request = encodeProduce(
    { acks: -1, timeout: 30_000, topicData: [{ topic: 't', partitions: [{ partition: 3, messages: records }] }] },
    now,
  );
  const decoder = new Decoder(request);
  expect([decoder.readString(), decoder.readInt16(), decoder.readInt32(), decoder.readInt32()]).toEqual([
    null,
    -1,
    30_000,
    1,
  ]);
  expect([decoder.readString(), decoder.readInt32(), decoder.readInt32(), decoder.readInt32()]).toEqual([
    't',
    1,
    3,
    size,
  ]);
  expect(request.length - decoder.offset).toBe(size);
});
