// Lane records survive their encoding, and documents have one order.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toModel } from '../map.ts';
import type { EventBase, LaneEvent, LaneRecord, Mark } from '../model.ts';
import { createPseudonymiser } from '../pseudonym.ts';
import { NOW, parse, rawEvent, TYPES } from '../testing.ts';
import { FEEDS } from '../topics.ts';
import {
  compareDocuments,
  decodeLane,
  decodeLaneLines,
  encodeLane,
  isMarkValue,
  kindOfValue,
  originAbove,
} from './codec.ts';
import { ColdPart } from './cold.ts';

const number = fc.oneof(fc.integer(), fc.integer({ min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }));
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of);
const code = fc.record({ prefix: text, level: number });
const base = {
  arrival: number,
  origin: fc.record({
    feed: fc.constantFrom(...FEEDS, 'ledger' as const),
    partition: fc.nat(),
    offset: fc.maxSafeNat(),
    index: fc.nat(),
  }),
  eventTime: number,
  institution: text,
  document: text,
  content: text,
  cold: fc.record({ eventId: text, source: text, extra: fc.dictionary(text, fc.jsonValue()) }),
};

/** Own fields of each kind; a kind that is missing here, or a field too many, fails the type check. */
const OWN: {
  [K in LaneEvent['kind']]: {
    [F in Exclude<keyof Extract<LaneEvent, { kind: K }>, keyof EventBase | 'kind'>]: fc.Arbitrary<unknown>;
  };
} = {
  settlement: {
    settlementId: text,
    person: text,
    certificate: text,
    medicalType: text,
    total: number,
    fund: number,
    terminal: maybe(text),
    byAgent: fc.boolean(),
    messageId: maybe(text),
    prescription: maybe(text),
    begin: maybe(number),
    end: maybe(number),
    diagnosis: maybe(text),
  },
  reversal: {
    settlementId: text,
    originalId: maybe(text),
    originalMessageId: maybe(text),
    person: text,
    total: number,
    fund: number,
  },
  identityCheck: {
    device: text,
    result: text,
    method: text,
    person: maybe(text),
    terminal: maybe(text),
    similarity: maybe(number),
  },
  presence: { device: text, persons: number, terminal: maybe(text) },
  staffPresence: { role: text, present: fc.boolean(), staff: maybe(text), device: maybe(text) },
  cameraStatus: { device: text, status: text },
  heartbeat: { device: text },
  trace: {
    action: text,
    item: text,
    count: number,
    code: maybe(text),
    batch: maybe(text),
    settlementId: maybe(text),
    insured: maybe(fc.boolean()),
    split: fc.boolean(),
    prescriptionDrug: maybe(fc.boolean()),
  },
  institution: {
    category: text,
    level: maybe(text),
    grid: fc.array(text),
    longitude: maybe(number),
    latitude: maybe(number),
    counters: fc.array(fc.record({ terminal: maybe(text), device: text })),
  },
  budget: { year: number, quarter: number, amount: number, weights: maybe(fc.tuple(number, number, number)) },
  justification: { year: number, quarter: number, validUntil: maybe(number) },
  personStatus: { person: text, status: text, effectiveAt: number },
  drug: {
    item: text,
    prescriptionDrug: maybe(fc.boolean()),
    packSize: maybe(number),
    maxDays: maybe(number),
    prefixes: fc.array(code),
  },
  codeSale: {
    code: text,
    settlementId: text,
    messageId: maybe(text),
    lines: fc.array(fc.record({ line: text, item: text, count: number, split: fc.boolean() })),
  },
  codeSettlement: { by: text, ref: text, settlementId: text, codes: fc.array(text) },
  codeReversal: { by: text, ref: text, reversalId: text },
  codeReversed: { code: text, settlementId: text, reversalId: text, voided: maybe(text) },
  purchasesSeen: { month: text },
  judged: {},
};

const plain = (record: LaneRecord) =>
  JSON.parse(JSON.stringify('cold' in record ? { ...record, cold: record.cold.get() } : record)) as unknown;

describe('encoding', () => {
  it.each(Object.entries<Record<string, fc.Arbitrary<unknown>>>(OWN))('%s comes back as it was', (kind, own) => {
    fc.assert(
      fc.property(fc.record({ ...base, ...own }), (fields) => {
        const record = { ...fields, kind, cold: ColdPart.of(fields.cold) } as unknown as LaneRecord;
        const value = encodeLane(record);
        expect(plain(decodeLane(value))).toEqual(plain(record));
        const [hot = '', cold = ''] = value.toString('utf8').split('\n');
        expect(plain(decodeLaneLines(hot, cold))).toEqual(plain(record));
        expect(isMarkValue(value)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it.each(TYPES)('%s, as it comes from its smallest raw event', (type) => {
    const parsed = parse(rawEvent(type));
    if (!parsed.ok) throw new Error('expected a valid event');
    const origin = { feed: parsed.feed, partition: 1, offset: 2, index: 3 };
    const event = toModel(parsed.event, { arrival: NOW, origin }, createPseudonymiser('k'));
    expect(plain(decodeLane(encodeLane(event)))).toEqual(plain(event));
  });

  it('marks and rule changes come back as they were', () => {
    const partitions = { settlement: 4, surveillance: 4, trace: 4, reference: 4 };
    const entries = fc.array(
      fc.record({
        feed: fc.constantFrom(...FEEDS),
        partition: fc.nat(),
        next: fc.maxSafeNat(),
        arrival: number,
        lastEvent: maybe(number),
      }),
    );
    fc.assert(
      fc.property(entries, (list) => {
        const mark: Mark = { kind: 'mark', entries: list, partitions };
        const value = encodeLane(mark);
        expect(decodeLane(value)).toEqual(mark);
        expect(isMarkValue(value)).toBe(true);
      }),
    );
    const change: LaneRecord = { kind: 'ruleChange', ruleVersion: 'v', rules: { a: [1] } };
    expect(decodeLane(encodeLane(change))).toEqual(change);
  });

  it('says what is wrong with a value that is none', () => {
    expect(() => decodeLane(Buffer.from('[99]'))).toThrow("a lane record's tag");
  });
});

describe('the kind of a value', () => {
  it.each(TYPES)('is told without reading it: %s', (type) => {
    const parsed = parse(rawEvent(type));
    if (!parsed.ok) throw new Error('refused');
    const origin = { feed: parsed.feed, partition: 0, offset: 1, index: 0 };
    const event = toModel(parsed.event, { arrival: NOW, origin }, createPseudonymiser('k'));
    expect(kindOfValue(encodeLane(event))).toBe(event.kind);
  });

  it('is told of marks, rule changes and of what is none', () => {
    const partitions = { settlement: 1, surveillance: 1, trace: 1, reference: 1 };
    expect(kindOfValue(encodeLane({ kind: 'mark', entries: [], partitions }))).toBe('mark');
    expect(kindOfValue(encodeLane({ kind: 'ruleChange', ruleVersion: 'v', rules: null }))).toBe('ruleChange');
    for (const text of ['', '[', '[99,', '[1', '["x"', '{"a":1}']) expect(kindOfValue(Buffer.from(text))).toBeNull();
  });
});

describe('order', () => {
  const placed = fc.record({
    arrival: fc.integer({ min: 0, max: 2 }),
    origin: fc.record({
      feed: fc.constantFrom(...FEEDS),
      partition: fc.integer({ min: 0, max: 1 }),
      offset: fc.integer({ min: 0, max: 2 }),
      index: fc.integer({ min: 0, max: 1 }),
    }),
  });

  it('of documents is total: arrival, topic, partition, offset, index', () => {
    fc.assert(
      fc.property(placed, placed, placed, (a, b, c) => {
        expect(Math.sign(compareDocuments(a, b))).toBe(-Math.sign(compareDocuments(b, a)) + 0);
        if (compareDocuments(a, b) <= 0 && compareDocuments(b, c) <= 0)
          expect(compareDocuments(a, c)).toBeLessThanOrEqual(0);
        if (compareDocuments(a, b) === 0) expect(a).toEqual(b);
      }),
    );
    const at = (arrival: number, feed: (typeof FEEDS)[number], partition: number, offset: number, index: number) => ({
      arrival,
      origin: { feed, partition, offset, index },
    });
    const sorted = [
      at(1, 'reference', 9, 9, 9),
      at(2, 'settlement', 9, 9, 9),
      at(2, 'surveillance', 0, 9, 9),
      at(2, 'surveillance', 1, 0, 9),
      at(2, 'surveillance', 1, 1, 0),
      at(2, 'surveillance', 1, 1, 1),
    ];
    expect([...sorted].reverse().sort(compareDocuments)).toEqual(sorted);
  });

  it('of origins is by offset, then index', () => {
    expect(originAbove({ offset: 2, index: 0 }, { offset: 1, index: 9 })).toBe(true);
    expect(originAbove({ offset: 1, index: 1 }, { offset: 1, index: 0 })).toBe(true);
    expect(originAbove({ offset: 1, index: 1 }, { offset: 1, index: 1 })).toBe(false);
    expect(originAbove({ offset: 0, index: 2 }, { offset: 1, index: 1 })).toBe(false);
  });
});
