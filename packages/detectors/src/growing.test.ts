// What a rule says of `growsWith`: one more document of that kind never takes away its last claim. And of `isSilent`: nothing is claimed of
// any part of that history.
import type { LaneEvent } from '@yunjian/contracts';
import { type LedgerRule, ledgerReference, outlineOf, PersonOutline } from '@yunjian/detection';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ledgerRules } from './index.ts';
import {
  claimsOf,
  HOSPITAL,
  line,
  OTHER_HOSPITAL,
  OTHER_SHOP,
  placed,
  reversed,
  SHOP,
  settled,
  status,
  stay,
} from './person-history.testing.ts';

const PLACES = placed({ [SHOP]: [119.4, 32.2], [OTHER_SHOP]: [121.4, 31.2], [HOSPITAL]: [119.5, 32.2] });
const day = fc.integer({ min: 1, max: 12 }).map((n) => `2026-03-${String(n).padStart(2, '0')}`);
const moment = fc
  .tuple(day, fc.integer({ min: 8, max: 11 }))
  .map(([on, hour]) => `${on} ${String(hour).padStart(2, '0')}:00`);
const id = fc.integer({ min: 0, max: 99_999 }).map((n) => `S${n}`);
const shop = fc.constantFrom(SHOP, OTHER_SHOP, HOSPITAL);
const supply = fc.record({
  item: fc.constantFrom('XA', 'XB'),
  days: fc.option(fc.integer({ min: 1, max: 12 })),
  amount: fc.constantFrom(500, 1_000),
});

const visit = fc
  .record({ id, moment, shop, lines: fc.array(supply, { minLength: 1, maxLength: 3 }), byAgent: fc.boolean() })
  .map(({ moment: when, lines, shop: institution, byAgent, ...rest }) =>
    settled(rest.id, when, { institution, byAgent, lines: lines.map(line) }),
  );
const inpatient = fc
  .record({ id, from: day, days: fc.integer({ min: 0, max: 5 }), where: fc.constantFrom(HOSPITAL, OTHER_HOSPITAL) })
  .map(({ id: bill, from, days, where: institution }) => {
    const end = `2026-03-${String(Number(from.slice(8)) + days).padStart(2, '0')}`;
    return stay(bill, `${from} 08:00`, `${end} 10:00`, { institution });
  });
const settlement = fc.oneof({ weight: 4, arbitrary: visit }, { weight: 1, arbitrary: inpatient });
const dead = day.map((on) => status('deceased', `${on} 00:00`, `${on} 12:00`));

/** Some of the settlements are taken back, the added one perhaps before it came. */
const history = fc
  .tuple(fc.array(settlement, { maxLength: 25 }), settlement, fc.option(dead), fc.array(fc.tuple(fc.nat(25), moment)))
  .map(([list, added, death, undone]) => {
    const all = [...list, added];
    const reversals = undone.flatMap(([i, when]) => {
      const of = all[i];
      return of === undefined ? [] : [reversed(of.settlementId, when, of.institution)];
    });
    const known: LaneEvent[] = [...list, ...reversals, ...(death === null ? [] : [death])];
    return { known, added };
  })
  .filter(({ known, added }) => {
    const keys = [...known, added].map((each) =>
      each.kind === 'settlement' ? `${each.institution}|${each.settlementId}` : '',
    );
    const named = keys.filter((key) => key !== '');
    return new Set(named).size === named.length;
  });

const growing = ledgerRules.filter((rule: LedgerRule) => rule.growsWith !== undefined);

test('every rule about persons grows with settlements', () => {
  expect(growing.map(({ id: rule }) => rule).sort()).toEqual(
    ledgerRules
      .filter(({ lane }) => lane === 'person')
      .map(({ id: rule }) => rule)
      .sort(),
  );
});

test.each(growing.map((rule): [string, LedgerRule] => [rule.id, rule]))('%s', (_, rule) => {
  let [claimed, silent] = [0, 0];
  fc.assert(
    fc.property(history, ({ known, added }) => {
      if (claimsOf(rule, [...known, added], PLACES).length > 0) return;
      silent++;
      expect(claimsOf(rule, known, PLACES)).toEqual([]);
    }),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(history, ({ known }) => {
      if (claimsOf(rule, known, PLACES).length > 0) claimed++;
    }),
    { numRuns: 1_000 },
  );
  // Both kinds of history must have been seen, or nothing was tried.
  expect(Math.min(claimed, silent)).toBeGreaterThan(5);
});

const LIMITED = { prescriptionDrug: null, packSize: null, maxDays: 4, prefixes: [] };
const KNOWN = ledgerReference({ ...PLACES, drug: (item) => (item === 'XB' ? LIMITED : null) });

/** As the ledger stores it. */
function outlineOfAll(documents: readonly LaneEvent[]): PersonOutline {
  const settlements = documents.flatMap((each) => (each.kind === 'settlement' ? [outlineOf(each)] : []));
  const isDead = documents.some((each) => each.kind === 'personStatus' && each.status === 'deceased');
  return new PersonOutline(settlements, isDead);
}

/** Often the same in small amounts, so that it is the sum that tells. */
const small = fc
  .record({
    id,
    moment: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 8, max: 10 })),
    shop,
    item: fc.constantFrom('XA', 'XA', 'XB'),
    days: fc.integer({ min: 1, max: 7 }),
    chronic: fc.boolean(),
  })
  .map(({ moment: [on, hour], item, days, chronic, ...rest }) =>
    settled(rest.id, `2026-03-${String(on).padStart(2, '0')} ${String(hour).padStart(2, '0')}:00`, {
      institution: rest.shop,
      medicalType: chronic ? '14' : '41',
      lines: [line({ item, days })],
    }),
  );

/** A few documents, near to what is claimed, and which of them are known. */
const parts = fc
  .tuple(
    fc.oneof(
      history.map(({ known, added }) => [...known, added]),
      fc.array(settlement, { maxLength: 6 }),
      fc.array(inpatient, { maxLength: 3 }),
      fc.array(small, { minLength: 3, maxLength: 24, size: 'max' }),
    ),
    fc.infiniteStream(fc.boolean()),
  )
  .map(([all, known]) => ({ all, part: all.filter(() => known.next().value) }));

test.each(growing.map((rule): [string, LedgerRule] => [rule.id, rule]))(
  '%s claims nothing where it is silent',
  (_, rule) => {
    let [silent, loud, claimed] = [0, 0, 0];
    fc.assert(
      fc.property(parts, ({ all, part }) => {
        const params = rule.params.parse({}) as never;
        const isSilent = rule.isSilent?.(outlineOfAll(all), KNOWN, params) === true;
        for (const documents of [all, part]) {
          const claims = claimsOf(rule, documents, KNOWN);
          if (isSilent) expect(claims).toEqual([]);
          if (claims.length > 0) claimed++;
        }
        if (isSilent) silent++;
        else loud++;
      }),
      { numRuns: 600 },
    );
    expect(Math.min(silent, loud, claimed)).toBeGreaterThan(5);
  },
);

/** Histories that are rare among random ones. */
const RARE: [string, string, LaneEvent[]][] = [
  [
    'visits alone are too many',
    'frequent-purchase',
    Array.from({ length: 15 }, (_, n) =>
      settled(`S${n}`, `2026-03-${String(n + 1).padStart(2, '0')} 08:00`, { lines: [line({ item: '110200001' })] }),
    ),
  ],
  [
    'of two supplies at one instant the one with the lower limit may be the later',
    'excess-supply',
    [
      settled('S1', '2026-03-01 08:00', { medicalType: '41', lines: [line({ item: 'XA', days: 7 })] }),
      settled('S0', '2026-03-01 08:00', { medicalType: '14', lines: [line({ item: 'XA', days: 60 })] }),
    ],
  ],
];

test.each(RARE)('%s', (_, id, documents) => {
  const rule = growing.find((each) => each.id === id) as LedgerRule;
  expect(claimsOf(rule, documents, KNOWN)).not.toEqual([]);
  expect(rule.isSilent?.(outlineOfAll(documents), KNOWN, rule.params.parse({}) as never)).toBe(false);
});
