// Fee lines from bytes are those of the parsed cold part, whatever their texts hold; what cannot be told from bytes is parsed.
import { ColdPart, decodeLane, encodeLane, type Settlement } from '@yunjian/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FeeLines } from './fee-lines.ts';

const text = fc.oneof(
  fc.constantFrom('XA02', '"lines":[', '\\', '阿莫西林', '{"a":1}', '],', 'null', ''),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const line = fc.record({
  line: text,
  item: text,
  name: fc.option(text),
  count: fc.integer(),
  unitPrice: fc.double({ noNaN: true, noDefaultInfinity: true }),
  amount: fc.integer(),
  prescriptionDrug: fc.constantFrom(true, false, null),
  days: fc.option(fc.integer()),
  occurredAt: fc.option(fc.integer()),
  split: fc.boolean(),
  codes: fc.array(text, { maxLength: 3 }),
});
const cold = fc.record({
  eventId: text,
  source: text,
  lines: fc.array(line, { maxLength: 4 }),
  operator: fc.option(text),
});

function settlement(of: unknown): Settlement {
  const event = {
    kind: 'settlement',
    arrival: 1,
    origin: { feed: 'settlement', partition: 0, offset: 0, index: 0 },
    eventTime: 1,
    institution: 'P1',
    document: 'd',
    content: 'c',
    cold: ColdPart.of(of),
    settlementId: 'S1',
    person: 'p',
    certificate: '02',
    medicalType: '41',
    total: 1,
    fund: 1,
    terminal: null,
    byAgent: false,
    messageId: null,
    prescription: null,
    begin: null,
    end: null,
    diagnosis: null,
  } as unknown as Settlement;
  return decodeLane(encodeLane(event)) as Settlement;
}

const heads = (
  lines: Settlement['cold'] extends ColdPart<infer C> ? (C extends { lines: infer L } ? L : never) : never,
) => lines.map(({ line, item, name, prescriptionDrug }) => ({ line, item, name, prescriptionDrug }));

test('are those of the whole', () => {
  const lines = new FeeLines();
  fc.assert(
    fc.property(cold, (of) => {
      const read = lines
        .of(settlement(of))
        .map(({ line, item, name, prescriptionDrug }) => ({ line, item, name, prescriptionDrug }));
      expect(read).toEqual(heads(settlement(of).cold.get().lines));
    }),
    { numRuns: 2000 },
  );
});

test('of a plain bill the cold part is not parsed', () => {
  const of = {
    eventId: 's1',
    lines: [{ line: '1', item: 'XA02', name: '阿莫西林', prescriptionDrug: true, codes: ['8', '9'] }],
  };
  const event = settlement(of);
  expect(new FeeLines().of(event)).toEqual([{ line: '1', item: 'XA02', name: '阿莫西林', prescriptionDrug: true }]);
  expect(event.cold.unread()).not.toBeNull();
});
