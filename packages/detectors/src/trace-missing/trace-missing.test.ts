// Fixtures of trace-missing: what must be scanned, what is exempt, and what was undone in time.
import { ColdPart, type FeeLine, type LaneEvent, type Reversal, type Settlement } from '@yunjian/contracts';
import { ledgerReference } from '@yunjian/detection';
import { describe, expect, test } from 'vitest';
import { A, B, DRUG, OTHER, orders } from '../code-history.testing.ts';
import { detector } from './index.ts';

const AT = Date.parse('2026-11-01T10:00:00+08:00');
const FIRST_DAY = Date.parse('2025-07-01T00:00:00+08:00');
let made = 0;
const base = (institution: string, eventTime: number) => {
  const n = made++;
  const origin = { feed: 'settlement' as const, partition: 0, offset: n, index: 0 };
  return { arrival: AT + n, origin, eventTime, institution, document: `d${n}`, content: `c${n}` };
};
const line = (rest: Partial<FeeLine> = {}): FeeLine => ({
  line: '1',
  item: DRUG,
  name: '盐酸氨溴索口服溶液',
  count: 10_000,
  unitPrice: 18.5,
  amount: 1_850,
  prescriptionDrug: false,
  days: 5,
  occurredAt: AT,
  split: false,
  codes: [],
  ...rest,
});
const settlement = (lines: FeeLine[], rest: Partial<Settlement> = {}): Settlement => ({
  ...base(A, AT),
  kind: 'settlement',
  settlementId: 'S1',
  person: 'p',
  certificate: '03',
  medicalType: '41',
  total: 1_850,
  fund: 1_300,
  terminal: null,
  byAgent: false,
  messageId: null,
  prescription: null,
  begin: null,
  end: null,
  diagnosis: null,
  cold: ColdPart.of({
    eventId: 'e',
    source: 's',
    lines,
    operator: null,
    insurance: null,
    accountPaid: null,
    cashPaid: null,
    visit: null,
    area: null,
    insuredArea: null,
    pharmacist: null,
  }),
  ...rest,
});
const reversal = (at: number): Reversal => ({
  ...base(A, at),
  cold: ColdPart.of({ eventId: 'e', source: 's' }),
  kind: 'reversal',
  settlementId: 'R1',
  originalId: 'S1',
  originalMessageId: null,
  person: 'p',
  total: -1_850,
  fund: -1_300,
});

interface World {
  declared?: [institution: string, item: string, since: number][];
  catalogue?: string[];
}
const referenceOf = ({ declared = [], catalogue = [] }: World) =>
  ledgerReference({
    uncodedSince: (institution, item) => declared.find(([i, d]) => i === institution && d === item)?.[2] ?? null,
    drug: (item) =>
      catalogue.includes(item) ? { prescriptionDrug: null, packSize: null, maxDays: null, prefixes: [] } : null,
  });
const judge = (documents: LaneEvent[], world: World = {}, params = {}) => {
  const says = orders(documents).map(
    (each) => detector.claims(each, referenceOf(world), detector.params.parse(params))[0] ?? null,
  );
  for (const each of says) expect(each).toEqual(says[0]);
  return says[0] ?? null;
};
const awaits = (documents: LaneEvent[], world: World = {}) =>
  detector.awaits?.(documents, referenceOf(world), detector.params.parse({}));

describe('fires', () => {
  test('a drug without a code, with the lines concerned', () => {
    const lines = [line(), line({ line: '2', item: OTHER, codes: ['81234567890123456789'] })];
    expect(judge([settlement(lines)])).toMatchObject({
      subject: { kind: 'settlement', ref: 'S1' },
      institution: A,
      anchor: 'S1',
      eventTime: AT,
      amount: 1_300,
      facts: { lines_without_code: 1, lines_amount: '18.50', lines: [{ line: '1', item: DRUG, count: 1 }] },
      evidence: [{ kind: 'settlement', ref: 'S1' }],
    });
  });

  test.each<[string, Settlement, World]>([
    ['a Chinese patent medicine', settlement([line({ item: 'ZA01BAJ0123010100001' })]), {}],
    ['what the catalogue has as a drug', settlement([line({ item: '8600123' })]), { catalogue: ['8600123'] }],
    ['at the first instant of the first day', settlement([line()], { eventTime: FIRST_DAY }), {}],
    ['a whole pack of an inpatient', settlement([line()], { medicalType: '21' }), {}],
    ['a split pack of an outpatient', settlement([line({ split: true })], { medicalType: '11' }), {}],
    ['granules that are no herbal granules', settlement([line({ name: '板蓝根颗粒' })]), {}],
    ['stock declared a millisecond after the sale', settlement([line()]), { declared: [[A, DRUG, AT + 1]] }],
    ['stock declared by another institution', settlement([line()]), { declared: [[B, DRUG, AT - 1]] }],
    ['stock of another drug declared', settlement([line()]), { declared: [[A, OTHER, AT - 1]] }],
  ])('%s', (_, document, world) => {
    expect(judge([document], world)).not.toBeNull();
  });

  test('a reversal a millisecond after the settlement: the act happened, the reversal is in the evidence', () => {
    expect(judge([settlement([line()]), reversal(AT + 1)])).toMatchObject({
      facts: { reversed_by: 'R1' },
      evidence: [{ ref: 'S1' }, { ref: 'R1' }],
    });
  });

  test('and waits for a stocktake that declares the drug', () => {
    expect(awaits([settlement([line(), line({ line: '2' })])])).toEqual([
      { kind: 'uncoded', institution: A, item: DRUG },
    ]);
  });

  test('a bill of many lines stays a record that the log takes', () => {
    const claim = judge([settlement(Array.from({ length: 2_000 }, (_, n) => line({ line: String(n) })))]);
    expect(claim?.facts.lines_without_code).toBe(2_000);
    expect(JSON.stringify(claim).length).toBeLessThan(50_000);
  });
});

describe('stays silent', () => {
  test.each<[string, LaneEvent[], World]>([
    ['every line scanned', [settlement([line({ codes: ['8'] })])], {}],
    ['no lines at all', [settlement([])], {}],
    ['a service, not a drug', [settlement([line({ item: '110200001', name: '普通门诊诊察费' })])], {}],
    ['herbal slices by their code', [settlement([line({ item: 'T000700321' })])], {}],
    ['herbal slices by their name', [settlement([line({ name: '黄芪饮片' })])], {}],
    ['herbal granules', [settlement([line({ item: 'ZT0001', name: '黄芪配方颗粒' })])], { catalogue: ['ZT0001'] }],
    ['before the first day', [settlement([line()], { eventTime: FIRST_DAY - 1 })], {}],
    ['a split pack of an inpatient', [settlement([line({ split: true })], { medicalType: '21' })], {}],
    ['stock declared at the instant of the sale', [settlement([line()])], { declared: [[A, DRUG, AT]] }],
    ['reversed at the instant of the settlement', [settlement([line()]), reversal(AT)], {}],
    ['reversed earlier, by its event time', [settlement([line()]), reversal(AT - 1)], {}],
    ['a reversal alone', [reversal(AT)], {}],
  ])('%s', (_, documents, world) => {
    expect(judge(documents, world)).toBeNull();
  });

  test('what is declared waits for nothing', () => {
    expect(awaits([settlement([line()])], { declared: [[A, DRUG, AT]] })).toEqual([]);
    expect(awaits([reversal(AT)])).toEqual([]);
  });

  test('kinds of drugs are settings', () => {
    expect(judge([settlement([line()])], {}, { coded: ['Z'] })).toBeNull();
    expect(judge([settlement([line()])], {}, { from: '2026-12-01' })).toBeNull();
  });
});
