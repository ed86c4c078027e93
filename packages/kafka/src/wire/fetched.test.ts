// Record sets as the library's own decoder reads them, cut off anywhere, of several batches, with and without the broker's time.
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OutRecord } from '../records.ts';
import { decodeBatches, decodeFetchedRecordsHere } from './fetched.ts';
import { RecordBatch } from './record-batch.ts';

const require = createRequire(import.meta.url);
const MODULE = 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages';
const Decoder = require('kafkajs/src/protocol/decoder');
const theirs = require(MODULE) as (decoder: unknown) => Promise<Theirs[]>;

interface Theirs {
  offset: string;
  timestamp: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, Buffer>;
  isControlRecord: boolean;
  batchContext: { producerId: string; inTransaction: boolean };
}

const now = 1_764_000_000_000;
const part = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);
const record: fc.Arbitrary<OutRecord> = fc.record(
  {
    value: part,
    key: part,
    timestamp: fc.integer({ min: now - 400 * 86_400_000, max: now + 300_000 }),
    headers: fc.dictionary(
      fc.string({ maxLength: 12 }).map((name) => `h${name}`),
      part.map((value) => value ?? ''),
      { maxKeys: 3 },
    ),
  },
  { requiredKeys: ['value'] },
) as fc.Arbitrary<OutRecord>;
const batch = fc.record({
  records: fc.array(record, { minLength: 1, maxLength: 40 }),
  attributes: fc.constantFrom(0, 0, 8, 16, 16 | 32),
});

interface Made {
  records: OutRecord[];
  attributes: number;
}

function setOf(batches: Made[], first: number): Buffer {
  let offset = first;
  return Buffer.concat(
    batches.map(({ records, attributes }) => {
      const made = new RecordBatch(records, now);
      const buffer = Buffer.alloc(made.size);
      made.writeTo(buffer, 0);
      buffer.writeBigInt64BE(BigInt(offset), 0);
      buffer.writeInt16BE(attributes, 21);
      buffer.writeBigInt64BE(77n, 43);
      offset += records.length;
      return buffer;
    }),
  );
}

const shown = (records: Theirs[]) =>
  records.map(({ offset, timestamp, key, value, headers, isControlRecord, batchContext }) => ({
    offset,
    timestamp,
    key,
    value,
    headers,
    isControlRecord,
    producerId: batchContext.producerId,
    inTransaction: batchContext.inTransaction,
  }));

describe('record sets', () => {
  const sets = fc.tuple(fc.array(batch, { minLength: 1, maxLength: 4 }), fc.nat(2 ** 45), fc.nat(4000));

  test('are read as the library reads them, the last batch cut off or not', async () => {
    await fc.assert(
      fc.asyncProperty(sets, async ([batches, first, cut]) => {
        const whole = setOf(batches, first);
        const set = whole.subarray(0, Math.max(62, whole.length - cut));
        const size = Buffer.alloc(4);
        size.writeInt32BE(set.length);
        const expected = await theirs(new Decoder(Buffer.concat([size, set])));
        expect(shown(decodeBatches(set) as unknown as Theirs[])).toEqual(shown(expected));
      }),
      { numRuns: 100 },
    );
  });

  test('are filtered as an array is by the library’s two questions', () => {
    fc.assert(
      fc.property(sets, fc.nat(60), ([batches, first], behind) => {
        const records = decodeBatches(setOf(batches, first)) as NonNullable<ReturnType<typeof decodeBatches>>;
        const asked = first + behind;
        const kept = records.filter(({ offset }) => Number(offset) >= asked).filter((each) => !each.isControlRecord);
        const plain = [...records].filter((each) => each.position >= asked && !each.isControlRecord);
        expect([...kept]).toEqual(plain);
      }),
      { numRuns: 100 },
    );
  });

  test('that are compressed, or of an older format, are left to the library', () => {
    const set = setOf([{ records: [{ value: 'x' }], attributes: 0 }], 5);
    const compressed = Buffer.from(set);
    compressed.writeInt16BE(1, 21);
    expect(decodeBatches(compressed)).toBeNull();
    const older = Buffer.from(set);
    older[16] = 1;
    expect(decodeBatches(older)).toBeNull();
  });

  test('come to the library’s responses once its module is replaced, and the decoder stands behind them', async () => {
    decodeFetchedRecordsHere();
    const replaced = createRequire(import.meta.url)(MODULE) as typeof theirs;
    const set = setOf([{ records: [{ value: 'x' }, { value: 'y' }], attributes: 0 }], 5);
    const size = Buffer.alloc(4);
    size.writeInt32BE(set.length);
    const decoder = new Decoder(Buffer.concat([size, set, Buffer.from([9])]));
    expect((await replaced(decoder)).map(({ offset, value }) => [offset, String(value)])).toEqual([
      ['5', 'x'],
      ['6', 'y'],
    ]);
    expect(decoder.readInt8()).toBe(9);
    const none = new Decoder(Buffer.alloc(4));
    expect(await replaced(none)).toEqual([]);
  });
});
