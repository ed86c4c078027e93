// What is written from the bytes of a lane record is what the decoded record makes, byte for byte, whatever stands in it.
import { type BinaryTable, RowBinary } from '@yunjian/clickhouse';
import { ColdPart, createPseudonymiser, encodeLane, topicNames, type YunjianEvent } from '@yunjian/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeDirect } from './direct-rows.ts';
import { Portion } from './portion.ts';
import { rowsOf } from './rows-of.ts';

const names = topicNames('yj');
const pseudonymiser = createPseudonymiser('test');
const topic = names.lane('institution');
const ARRIVAL = Date.parse('2026-11-01T10:00:00+08:00');

const plain = fc.constantFrom(
  'S1',
  '',
  '32110219',
  '药店 Ω 🧪',
  'x'.repeat(127),
  '药'.repeat(90),
  '[1,{"'.replace('"', ''),
);
/** Now and then with what JSON escapes. */
const text = fc.oneof({ weight: 9, arbitrary: plain }, { weight: 1, arbitrary: fc.string({ unit: 'binary' }) });
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of);
const count = fc.oneof(fc.nat(), fc.integer(), fc.constantFrom(0, -1, 2 ** 40, -(2 ** 40), Number.MAX_SAFE_INTEGER));
const amount = fc.oneof({ weight: 9, arbitrary: count }, { weight: 1, arbitrary: fc.constantFrom(1.5, 1e21, 'much') });
const instant = fc.oneof(fc.constant(ARRIVAL), fc.integer({ min: -2_208_988_800_000, max: 253_402_214_400_000 }));
const real = fc.oneof(fc.nat({ max: 9 }), fc.double({ noNaN: true, noDefaultInfinity: true }));

const extra = fc.dictionary(text, fc.jsonValue(), { maxKeys: 3 });
const line = fc.record(
  {
    line: text,
    item: text,
    name: maybe(text),
    count: amount,
    unitPrice: real,
    amount,
    prescriptionDrug: maybe(fc.boolean()),
    days: maybe(fc.nat()),
    occurredAt: maybe(instant),
    split: fc.boolean(),
    codes: fc.array(text, { maxLength: 3 }),
    extra,
  },
  {
    requiredKeys: [
      'line',
      'item',
      'name',
      'count',
      'unitPrice',
      'amount',
      'prescriptionDrug',
      'days',
      'occurredAt',
      'split',
      'codes',
    ],
  },
);

const KINDS: Record<string, Record<string, fc.Arbitrary<unknown>>> = {
  settlement: {
    settlementId: text,
    person: text,
    certificate: plain,
    medicalType: text,
    total: amount,
    fund: count,
    terminal: maybe(text),
    byAgent: fc.boolean(),
    messageId: maybe(text),
    prescription: maybe(text),
    begin: maybe(instant),
    end: maybe(instant),
    diagnosis: maybe(text),
  },
  reversal: {
    settlementId: text,
    originalId: maybe(text),
    originalMessageId: maybe(text),
    person: text,
    total: count,
    fund: amount,
  },
  identityCheck: {
    device: text,
    result: text,
    method: plain,
    person: maybe(text),
    terminal: maybe(text),
    similarity: maybe(real),
  },
  presence: { device: text, persons: real, terminal: maybe(text) },
  staffPresence: { role: plain, present: fc.boolean(), staff: maybe(text), device: maybe(text) },
  cameraStatus: { device: text, status: plain },
  heartbeat: { device: text },
  trace: {
    action: plain,
    item: text,
    count: amount,
    code: maybe(text),
    batch: maybe(text),
    settlementId: maybe(text),
    insured: maybe(fc.boolean()),
    split: fc.boolean(),
    prescriptionDrug: maybe(fc.boolean()),
  },
};

const rest = (kind: string) =>
  kind === 'settlement'
    ? fc.record({ lines: fc.array(line, { maxLength: 4 }), operator: maybe(text), accountPaid: maybe(count) })
    : fc.record({ extra, evidence: fc.record({ uri: maybe(text) }) }, { requiredKeys: [] });

const event = fc.constantFrom(...Object.keys(KINDS)).chain((kind) =>
  fc
    .record({
      base: fc.record({
        arrival: fc.oneof(fc.constant(ARRIVAL), fc.nat(), fc.integer()),
        origin: fc.record({
          feed: fc.constantFrom('settlement' as const, 'surveillance' as const, 'trace' as const, 'reference' as const),
          partition: fc.oneof(fc.nat({ max: 4_095 }), fc.constant(65_535)),
          offset: fc.oneof(fc.nat(), fc.maxSafeNat()),
          index: fc.nat({ max: 65_535 }),
        }),
        eventTime: instant,
        institution: text,
        document: fc.constantFrom('d'.repeat(22), 'D'.repeat(22), 'short'),
        content: fc.constant('c'.repeat(11)),
      }),
      own: fc.record(KINDS[kind] as Record<string, fc.Arbitrary<unknown>>),
      envelope: fc.record({ eventId: text, source: text }),
      rest: rest(kind),
    })
    .map(({ base, own, envelope, rest: more }) => {
      const cold = ColdPart.of({ ...envelope, ...more });
      return { kind, ...base, ...own, cold } as unknown as YunjianEvent;
    }),
);

type Written = { table: string; bytes: string } | 'refused';

function decoded(value: Buffer): Written {
  try {
    const [row] = rowsOf({ topic, value, offset: 0 }, names, pseudonymiser);
    if (row === undefined) throw new Error('no row');
    const out = new RowBinary();
    row.table.write(out, row.values);
    return { table: row.table.name, bytes: out.slice(0, 1).toString('hex') };
  } catch {
    return 'refused';
  }
}

function gathered(portion: Portion<{ topic: string; value: Buffer; offset: number }>, value: Buffer): Written {
  portion.clear();
  try {
    portion.add({ topic, value, offset: 0 });
  } catch {
    return 'refused';
  }
  const [of] = portion.tables();
  return of === undefined ? 'refused' : { table: of.table.name, bytes: of.rows.slice(0, 1).toString('hex') };
}

describe('rows from bytes', () => {
  const portion = new Portion<{ topic: string; value: Buffer; offset: number }>(names, pseudonymiser);

  test('are those of the decoded record, or it is refused either way', () => {
    const seen = { direct: 0, decoded: 0, refused: 0 };
    fc.assert(
      fc.property(event, (of) => {
        const value = encodeLane(of);
        const expected = decoded(value);
        expect(gathered(portion, value)).toEqual(expected);
        const direct = writeDirect(value, () => new RowBinary()) !== null;
        seen[direct ? 'direct' : expected === 'refused' ? 'refused' : 'decoded']++;
      }),
      { numRuns: 1_000 },
    );
    for (const way of Object.values(seen)) expect(way).toBeGreaterThan(20);
  });

  test('of a record that is cut off anywhere are none', () => {
    const [sample] = fc.sample(
      event.filter((of) => of.kind === 'settlement' && decoded(encodeLane(of)) !== 'refused'),
      { numRuns: 1, seed: 1 },
    );
    const value = encodeLane(sample as YunjianEvent);
    for (let length = 0; length < value.length; length++)
      expect(gathered(portion, value.subarray(0, length))).toBe('refused');
  });

  test('leave the rows before them when they are refused', () => {
    const base = {
      arrival: ARRIVAL,
      eventTime: ARRIVAL,
      institution: 'P1',
      document: 'd'.repeat(22),
      content: 'c'.repeat(11),
    };
    const cold = ColdPart.of({ eventId: 'e', source: 's' });
    const origin = { feed: 'surveillance' as const, partition: 0, offset: 1, index: 0 };
    const status = (over: object) =>
      encodeLane({
        ...base,
        origin,
        cold,
        kind: 'cameraStatus',
        device: 'D',
        status: 'online',
        ...over,
      } as YunjianEvent);
    portion.clear();
    const add = (value: Buffer) => portion.add({ topic, value, offset: 0 });
    add(status({}));
    expect(() => add(status({ document: 'short' }))).toThrow(/surveillance\.document: expected a text of 22 bytes/);
    add(status({ device: 'E' }));
    const [of] = portion.tables() as [{ table: BinaryTable; rows: RowBinary; from: unknown[] }];
    expect([of.rows.rows, of.from.length]).toEqual([2, 2]);
    expect(of.rows.slice(1, 2).length).toBe(of.rows.slice(0, 1).length);
  });
});
