// What a review says of a settlement: only what the settlement itself brings, with its amount and the documents that speak against it.
import { type CodeSale, ColdPart, type FeeLine, type LaneEvent, type Settlement } from '@yunjian/contracts';
import { defineLedgerRule, type LedgerRule } from '@yunjian/detection';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ReferenceBook } from '../reference.ts';
import { LedgerRules } from '../rules.ts';
import { knownBy } from './catalogue.ts';
import { review, type Touched } from './judge.ts';
import { REVIEWED, type ReviewedRule } from './reviewed.ts';

const NOW = Date.parse('2026-11-23T10:00:00+08:00');
const BOX = '81234567890123456701';
const [SHOP, OTHER] = ['P32110000001', 'P32110000002'];
const NOTHING_KNOWN = knownBy(new ReferenceBook(), new LedgerRules(REVIEWED.map(({ rule }) => rule)));
const REPEATED = REVIEWED.find(({ rule }) => rule.id === 'trace-repeated') as ReviewedRule;

let made = 0;
function base(institution: string) {
  const n = made++;
  return {
    arrival: NOW + n,
    origin: { feed: 'settlement' as const, partition: 0, offset: n, index: 0 },
    eventTime: NOW + n,
    institution,
    document: `d${n}`,
    content: `c${n}`,
  };
}
const cold = ColdPart.of({ eventId: 'e', source: 's' });
const sale = (settlementId: string, institution = SHOP): CodeSale => ({
  ...base(institution),
  cold,
  kind: 'codeSale',
  code: BOX,
  settlementId,
  messageId: null,
  lines: [{ line: '1', item: 'X', count: 10_000, split: false }],
});
const reversed = (settlementId: string, institution = SHOP): LaneEvent => ({
  ...base(institution),
  cold,
  kind: 'codeReversed',
  code: BOX,
  settlementId,
  reversalId: 'R',
  voided: null,
});

function settlement(
  lines: (Pick<FeeLine, 'amount' | 'codes'> & Partial<Pick<FeeLine, 'days'>> & { extra?: object })[],
): Settlement {
  const whole = lines.map((line, i) => ({
    line: `${i}`,
    item: 'X',
    name: null,
    count: 10_000,
    unitPrice: 1,
    prescriptionDrug: null,
    days: null,
    occurredAt: null,
    split: false,
    ...line,
  }));
  return {
    ...base(SHOP),
    kind: 'settlement',
    settlementId: 'NEW',
    person: 'person',
    certificate: '02',
    medicalType: '41',
    total: 5_000,
    fund: 4_000,
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
      lines: whole,
      operator: null,
      insurance: null,
      accountPaid: null,
      cashPaid: null,
      visit: null,
      area: null,
      insuredArea: null,
      pharmacist: null,
    }),
  };
}

const ofBox = (history: LaneEvent[]): Touched[] => [{ lane: 'code', history, hypothetical: sale('NEW') }];
const findings = (history: LaneEvent[], of = settlement([{ amount: 2_000, codes: [BOX] }])) =>
  review(of, ofBox(history), [REPEATED], NOTHING_KNOWN).judged.findings;

describe('a box', () => {
  test('never sold, or only sold and reversed, is no finding', () => {
    expect(findings([])).toEqual([]);
    expect(findings([sale('S1'), reversed('S1')])).toEqual([]);
  });

  test('sold before, or twice before, is one, with every sale that speaks against it and not itself', () => {
    expect(findings([sale('S1', OTHER)])).toMatchObject([
      {
        rule_id: 'trace-repeated',
        sev_deg: '违规',
        level: 1,
        vola_evid: [{ ref: 'S1', fixmedins_code: OTHER }],
      },
    ]);
    const [found] = findings([sale('S1', OTHER), sale('S2')]);
    expect(found?.vola_evid.map(({ ref, fixmedins_code }) => [ref, fixmedins_code])).toEqual([
      ['S1', OTHER],
      ['S2', SHOP],
    ]);
  });

  test('already sold in this very settlement brings nothing new', () => {
    const known = sale('NEW');
    const again: Touched[] = [
      { lane: 'code', history: [sale('S1'), known], hypothetical: { ...known, arrival: NOW * 2 } },
    ];
    expect(review(settlement([]), again, [REPEATED], NOTHING_KNOWN).judged.findings).toEqual([]);
  });

  test('two institutions with one settlement id are told apart', () => {
    const [found] = findings([sale('S1', OTHER), sale('S1')]);
    expect(found?.vola_evid.map(({ fixmedins_code }) => fixmedins_code).sort()).toEqual(
      [SHOP, OTHER, SHOP, OTHER].sort(),
    );
  });
});

describe('the amount in question', () => {
  const amount = (lines: Parameters<typeof settlement>[0]) => findings([sale('S1')], settlement(lines))[0]?.vola_amt;
  test('is what the lines of the box cost, the review’s own amount first, else the fund’s part', () => {
    expect(
      amount([
        { amount: 2_000, codes: [BOX] },
        { amount: 900, codes: [] },
      ]),
    ).toBe('20.00');
    expect(amount([{ amount: 2_000, codes: [BOX], extra: { inscp_amt: '18.40' } }])).toBe('18.40');
    expect(amount([{ amount: 2_000, codes: [BOX], extra: { inscp_amt: { much: 1 } } }])).toBe('20.00');
    expect(amount([])).toBe('40.00');
  });
});

test('of a claim about a person the lines that it names are in question, else what the fund pays', () => {
  const amountOf = (id: string, of: Settlement, history: LaneEvent[] = []) =>
    review(
      of,
      [{ lane: 'person', history, hypothetical: of }],
      REVIEWED.filter(({ rule }) => rule.id === id),
      NOTHING_KNOWN,
    ).judged.findings.map(({ vola_amt }) => vola_amt);
  const lines = [
    { amount: 2_000, codes: [], days: 30, extra: { inscp_amt: '18.40' } },
    { amount: 900, codes: [] },
  ];
  expect(amountOf('excess-supply', settlement(lines))).toEqual(['18.40']);
  const charged = settlement(lines);
  const before: Settlement = { ...charged, ...base(SHOP), settlementId: 'S1', eventTime: charged.eventTime };
  expect(amountOf('duplicate-charge', { ...charged, settlementId: 'T1' }, [before])).toEqual(['27.40']);
  const bed = (id: string) => ({
    ...settlement([]),
    ...{ settlementId: id, medicalType: '21', begin: NOW - 9 * 86_400_000, end: NOW },
  });
  expect(amountOf('overlapping-stay', bed('B2'), [{ ...bed('B1'), fund: 70_000 }])).toEqual(['40.00']);
});

test('a rule that fails is told by its id, and the others answer', () => {
  const failing = defineLedgerRule({
    ...REPEATED.rule,
    id: 'trace-missing',
    params: z.object({}),
    claims: () => {
      throw new Error('no such case');
    },
  });
  const rules: ReviewedRule[] = [{ rule: failing as LedgerRule, grade: '警告' }, REPEATED];
  const { judged, failed } = review(
    settlement([]),
    ofBox([sale('S1')]),
    rules,
    knownBy(new ReferenceBook(), new LedgerRules(rules.map(({ rule }) => rule))),
  );
  expect(judged.findings.map(({ rule_id }) => rule_id)).toEqual(['trace-repeated']);
  expect(judged.reasons).toEqual(['trace-missing: the rule could not judge this']);
  expect(failed).toMatchObject([{ rule: 'trace-missing', error: { message: 'no such case' } }]);
});

describe('the rules in force', () => {
  const inForce = (said: unknown, ...registered: ReturnType<typeof registration>[]) => {
    const [rules, book] = [new LedgerRules(REVIEWED.map(({ rule }) => rule)), new ReferenceBook()];
    rules.take(0, { kind: 'ruleChange', ruleVersion: 'v', rules: { detectors: { 'trace-repeated': said } } });
    for (const [i, institution] of registered.entries()) book.take(1 + i, institution);
    return knownBy(book, rules);
  };
  const registration = (institution: string, level: string) => ({
    ...base(institution),
    kind: 'institution' as const,
    category: 'pharmacy' as const,
    level,
    grid: [],
    longitude: null,
    latitude: null,
    counters: [],
    cold: ColdPart.of({ eventId: 'e', source: 's', name: 'n', admdvs: null, openHours: null }),
  });
  const found = (known: ReturnType<typeof inForce>, history = [sale('S1', OTHER)]) =>
    review(settlement([]), ofBox(history), [REPEATED], known).judged.findings.map(({ rule_id }) => rule_id);

  test('decide: a rule switched off says nothing, one with other parameters something else', () => {
    expect(found(inForce({}))).toEqual(['trace-repeated']);
    expect(found(inForce({ enabled: false }))).toEqual([]);
    expect(found(inForce({ params: { times: 3 } }))).toEqual([]);
    expect(found(inForce({ params: { times: 3 } }), [sale('S1'), sale('S2')])).toEqual(['trace-repeated']);
  });

  test('are those of the institution that asks, by its registration', () => {
    const said = { when: [{ kind: 'pharmacy', level: 'A', params: { times: 3 } }] };
    expect(found(inForce(said))).toEqual(['trace-repeated']);
    expect(found(inForce(said, registration(SHOP, 'A')))).toEqual([]);
    expect(found(inForce(said, registration(SHOP, 'B'), registration(OTHER, 'A')))).toEqual(['trace-repeated']);
  });
});

test('rules of another lane say nothing of a subject', () => {
  const touched: Touched[] = [{ lane: 'person', history: [sale('S1')], hypothetical: sale('NEW') }];
  expect(review(settlement([]), touched, [REPEATED], NOTHING_KNOWN).judged).toEqual({ findings: [], reasons: [] });
});
