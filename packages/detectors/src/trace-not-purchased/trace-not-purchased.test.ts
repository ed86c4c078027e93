// Fixtures of trace-not-purchased: a box without a purchase, the grace, its boundaries, and an institution that uploads none at all.
import type { LaneEvent } from '@yunjian/contracts';
import { ledgerReference, type MonthSale } from '@yunjian/detection';
import { describe, expect, test } from 'vitest';
import { A, B, billed, CODE, orders, reversed, START, uploaded } from '../code-history.testing.ts';
import { SLACK_MS } from './due.ts';
import { detector } from './index.ts';

const DAY = 86_400_000;
const DUE = START + 3 * DAY + SLACK_MS;
const LATE = START + 300 * DAY;

interface World {
  clock?: number;
  seen?: string[];
}
const referenceOf = ({ clock = LATE, seen = [`${A} 2026-11`, `${B} 2026-11`] }: World) =>
  ledgerReference({
    clock: () => clock,
    purchasesSeen: (institution, month) => seen.includes(`${institution} ${month}`),
  });
const judge = (documents: LaneEvent[], world: World = {}, params = {}) => {
  const says = orders(documents).map(
    (each) => detector.claims(each, referenceOf(world), detector.params.parse(params))[0] ?? null,
  );
  for (const each of says) expect(each).toEqual(says[0]);
  return says[0] ?? null;
};
const due = (documents: LaneEvent[], world: World = {}) =>
  detector.due?.(documents, referenceOf(world), detector.params.parse({})) ?? [];
const awaits = (documents: LaneEvent[], world: World = {}) =>
  detector.awaits?.(documents, referenceOf(world), detector.params.parse({})) ?? [];

describe('fires', () => {
  test.each<[string, LaneEvent[]]>([
    ['settled and never bought', [billed(A, 'S1', 0)]],
    ['sold to somebody who paid himself', [uploaded('sale', A, 0)]],
    ['bought by another institution', [billed(A, 'S1', 0), uploaded('purchase', B, -1)]],
    ['bought a second after the sale', [billed(A, 'S1', 0), uploaded('purchase', A, 1 / 86_400)]],
    ['counted in a stocktake, which is no purchase', [billed(A, 'S1', 0), uploaded('stocktake', A, -1)]],
    ['reversed after the grace', [billed(A, 'S1', 0), reversed(A, 'S1', 3 + 1 / 86_400)]],
    ['returned after the grace', [billed(A, 'S1', 0), uploaded('sale_return', A, 3 + 1 / 86_400)]],
    [
      'bought, sold and bought elsewhere, sold there before it was',
      [uploaded('purchase', B, -1), billed(B, 'S1', 0), billed(A, 'S1', 0)],
    ],
  ])('%s', (_, documents) => {
    expect(judge(documents)).toMatchObject({ subject: { kind: 'code', ref: CODE }, institution: A, anchor: null });
  });

  test('at the instant at which the grace and what was on its way are over, not before', () => {
    expect(judge([billed(A, 'S1', 0)], { clock: DUE })).toMatchObject({
      eventTime: START,
      window: { start: START, end: START + 3 * DAY },
      facts: { grace_hours: 72, institutions: [A] },
      evidence: [{ kind: 'settlement', ref: 'S1' }],
    });
    expect(judge([billed(A, 'S1', 0)], { clock: DUE - 1 })).toBeNull();
    expect(due([billed(A, 'S1', 0)])).toEqual([DUE]);
  });

  test('a sale that arrives later than its grace: when what was sent with it has been read', () => {
    const late = { ...billed(A, 'S1', 0), arrival: START + 9 * DAY };
    expect(due([late])).toEqual([START + 9 * DAY + SLACK_MS]);
    expect(judge([late], { clock: START + 9 * DAY + SLACK_MS - 1 })).toBeNull();
    expect(judge([late], { clock: START + 9 * DAY + SLACK_MS })).not.toBeNull();
  });

  test('a reversal after the grace is in the evidence', () => {
    const claim = judge([billed(A, 'S1', 0), reversed(A, 'S1', 4)]);
    expect(claim?.evidence).toEqual([
      { kind: 'settlement', ref: 'S1' },
      { kind: 'settlement', ref: 'r-S1' },
    ]);
  });

  test('at two institutions: one alert, of the latest sale, each at its own time', () => {
    const both = [billed(A, 'S1', 0), billed(B, 'S2', 2)];
    expect(judge(both, { clock: DUE })).toMatchObject({ institution: A, facts: { institutions: [A] } });
    expect(judge(both)).toMatchObject({ institution: B, facts: { institutions: [A, B] } });
    expect(due(both)).toEqual([DUE, DUE + 2 * DAY]);
  });

  test('says who did buy the box', () => {
    expect(judge([billed(A, 'S1', 0), uploaded('purchase', B, -9)])).toMatchObject({
      facts: { bought_elsewhere_by: [B] },
    });
  });

  test.each(['2026-11', '2026-10', '2026-09', '2026-08'])(
    'a purchase of anything dated in %s shows that it uploads',
    (month) => {
      expect(judge([billed(A, 'S1', 0)], { seen: [`${A} ${month}`] })).not.toBeNull();
    },
  );
});

describe('at the turn of a month', () => {
  const turn = (days: number) => (Date.parse('2026-12-01T00:00:00+08:00') - START) / DAY + days;
  const december = { seen: [`${A} 2026-12`] };

  test('a purchase dated within the grace, in the next month, shows that it uploads', () => {
    expect(judge([billed(A, 'S1', turn(-3))], december)).toMatchObject({ subject: { kind: 'code' } });
    expect(judge([billed(A, 'S1', turn(-3) - 1 / 86_400)], december)).toBeNull();
  });

  test('and what was sold before is the month’s finding', () => {
    const told = (...days: number[]) =>
      detector.month?.(
        {
          institution: A,
          month: '2026-11',
          sales: days.map((each): MonthSale => {
            const at = START + turn(each) * DAY;
            return { at, arrival: at, ref: `S${each}`, channel: 'settlement', code: CODE, reversal: null };
          }),
          purchasesSeen: (each) => each === '2026-12',
          clock: LATE,
        },
        detector.params.parse({}),
      )?.claim?.evidence;
    expect(told(-2, -1)).toBeUndefined();
    expect(told(-4, -2)).toMatchObject([{ ref: 'S-4' }]);
  });
});

describe('stays silent', () => {
  test.each<[string, LaneEvent[]]>([
    ['bought at the instant of the sale', [billed(A, 'S1', 0), uploaded('purchase', A, 0)]],
    ['bought long before', [billed(A, 'S1', 0), uploaded('purchase', A, -90)]],
    ['uploaded late under an earlier date', [billed(A, 'S1', 0), { ...uploaded('purchase', A, -1), arrival: LATE }]],
    [
      'bought and given back to the supplier: it was bought',
      [uploaded('purchase', A, -2), uploaded('purchase_return', A, -1), billed(A, 'S1', 0)],
    ],
    ['reversed within the grace, its end included', [billed(A, 'S1', 0), reversed(A, 'S1', 3)]],
    ['returned within the grace', [uploaded('sale', A, 0), uploaded('sale_return', A, 3)]],
    ['bought, not sold', [uploaded('purchase', A, 0)]],
  ])('%s', (_, documents) => {
    expect(judge(documents)).toBeNull();
    expect(due(documents)).toEqual([]);
    expect(awaits(documents)).toEqual([]);
  });

  test.each([[[]], [['2026-07', '2026-12']], [['2025-11']]])(
    'of an institution that uploads no purchases (%j), and waits for the first of them',
    (months) => {
      const world = { seen: months.map((month) => `${A} ${month}`) };
      expect(judge([billed(A, 'S1', 0)], world)).toBeNull();
      expect(due([billed(A, 'S1', 0)], world)).toEqual([]);
      expect(awaits([billed(A, 'S1', 0)], world)).toEqual([{ kind: 'purchases', institution: A }]);
    },
  );

  test('the grace is a setting', () => {
    expect(judge([billed(A, 'S1', 0)], { clock: START + 3_600_000 + SLACK_MS }, { graceHours: 1 })).not.toBeNull();
    expect(judge([billed(A, 'S1', 0), reversed(A, 'S1', 1 / 24)], {}, { graceHours: 1 })).toBeNull();
  });
});

describe('a month without purchases', () => {
  const sale = (days: number, rest: Partial<MonthSale> = {}): MonthSale => {
    const at = START + days * DAY;
    return { at, arrival: at, ref: `S${days}`, channel: 'settlement', code: CODE, reversal: null, ...rest };
  };
  const month = (sales: MonthSale[], clock: number, seen: string[] = []) =>
    detector.month?.(
      { institution: A, month: '2026-11', sales, purchasesSeen: (each) => seen.includes(each), clock },
      detector.params.parse({}),
    );

  test('is told once its first sale is 72 hours old, under the month', () => {
    expect(month([sale(0), sale(1)], DUE - 1)).toEqual({ claim: null, due: DUE });
    expect(month([sale(0), sale(1)], DUE)).toMatchObject({
      due: null,
      claim: {
        subject: { kind: 'institution', ref: `${A}/2026-11` },
        anchor: '2026-11',
        institution: A,
        eventTime: START,
        facts: { uploads_purchases: false },
        evidence: [{ kind: 'settlement', ref: 'S0' }],
      },
    });
  });

  test('waits for the next sale where the first was reversed in time', () => {
    const undone = (days: number) => sale(0, { reversal: { id: 'R', at: START + days * DAY } });
    expect(month([undone(3), sale(1)], DUE)).toEqual({ claim: null, due: DUE + DAY });
    expect(month([undone(3)], DUE)).toEqual({ claim: null, due: null });
    expect(month([undone(3.01)], DUE)?.claim).toMatchObject({
      facts: { reversed_by: 'R' },
      evidence: [
        { kind: 'settlement', ref: 'S0' },
        { kind: 'settlement', ref: 'R' },
      ],
    });
  });

  test('is not spoken of where a purchase was uploaded, of that month or of one of the three before', () => {
    expect(month([sale(0)], LATE, ['2026-08'])).toEqual({ claim: null, due: null });
    expect(month([sale(0)], LATE, ['2026-07', '2026-12'])?.claim).not.toBeNull();
    expect(month([], LATE)).toEqual({ claim: null, due: null });
  });
});

test('asked about one of two institutions that sold it, speaks of its sales alone, by its grace', () => {
  const documents = [billed(A, 'S1', 0), billed(B, 'S2', 1)];
  const asked = (about: (institution: string) => boolean, graceHours: number) =>
    detector.claims(documents, referenceOf({ clock: DUE }), detector.params.parse({ graceHours }), about)[0];
  expect(asked((each) => each === A, 72)).toMatchObject({ institution: A, evidence: [{ ref: 'S1' }] });
  expect(asked((each) => each === B, 72)).toBeUndefined();
  expect(asked((each) => each === B, 48)).toMatchObject({ institution: B, evidence: [{ ref: 'S2' }] });
});
