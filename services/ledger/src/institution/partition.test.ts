// Stocks and months of lane.institution: the clock that a settlement waits for, late purchases, stocktakes, reversals, restarts.
import {
  decodeLane,
  encodeLane,
  type Finding,
  type LaneEvent,
  type LaneRecord,
  type Settlement,
} from '@yunjian/contracts';
import type { LedgerRule } from '@yunjian/detection';
import { ledgerRules } from '@yunjian/detectors';
import { describe, expect, test } from 'vitest';
import { MemoryHistory } from '../history.ts';
import { registered, rules } from '../persons.testing.ts';
import { InstitutionPartition } from './partition.ts';
import { drug, mark, reversal, SHOP, settlement, trace } from './records.testing.ts';
import { MemoryBooks } from './store.ts';

async function judged(lane: readonly LaneRecord[], size: number, keep = world(), from = 0) {
  const partition = new InstitutionPartition({ partition: 0, ...keep, rules: ledgerRules, lanePartitions: 2 });
  await partition.open((value) => decodeLane(value) as LaneEvent);
  const found: string[] = [];
  const told: string[] = [];
  for (let n = from; n < lane.length; n += size) {
    const inputs = lane.slice(n, n + size).map((event, i) => ({ position: n + i, event, value: encodeLane(event) }));
    const { findings, reversed, poisoned } = await partition.process(inputs);
    expect(poisoned).toEqual([]);
    found.push(
      ...findings.map(
        ({ action, detector, facts, cause }) =>
          `${cause.offset} ${action} ${detector}${facts.excess === undefined ? '' : ` ${facts.excess}`}`,
      ),
    );
    told.push(
      ...reversed.map(
        ({ key, value, partition: to }) => `${key} ${(decodeLane(value) as { month: string }).month} ${to}`,
      ),
    );
  }
  return { found, told };
}
const world = () => ({ history: new MemoryHistory(), books: new MemoryBooks() });

const bought = (packs: number, at = -60) => trace('purchase', at, packs);
const upload = (settlementId: string | null, at: number, packs = 1) =>
  trace('sale', at, packs, { code: '8', insured: true, settlementId });
const later = 72 * 60;
const ofPharmacies = (params: object) => [{ kind: 'pharmacy', params }];
const lenient = rules({ 'stock-mismatch': { when: ofPharmacies({ units: 5 }) } });
const patient = rules({ 'trace-not-purchased': { when: ofPharmacies({ graceHours: 73 }) } });
const twice = (at: number, arrival: number): LaneRecord => {
  const first = settlement('S1', arrival, 1) as Settlement;
  return { ...(settlement('S1', at, 1) as Settlement), document: 'S1 twice', arrival: first.arrival };
};
const CASES: [string, LaneRecord[], string[]][] = [
  [
    'a settlement that loses to one of another month leaves nothing in its own, whatever was uploaded of it there',
    [twice(0, 2), upload('S1', 0), twice(40 * 24 * 60, 1), mark(later + 1), mark(later + 1 + 40 * 24 * 60)],
    ['4 raise trace-not-purchased'],
  ],
  [
    'more settled than bought: said once the clock has passed the settlement by ten seconds',
    [bought(3), settlement('S1', 0, 7), mark(10 / 60 - 0.001), mark(10 / 60)],
    ['3 raise stock-mismatch 4'],
  ],
  [
    'a purchase dated earlier that is read before the clock gets there: nothing is said',
    [bought(3), settlement('S1', 0, 7), trace('purchase', -30, 4), mark(1)],
    [],
  ],
  [
    'a purchase uploaded later under an earlier date withdraws',
    [bought(3), settlement('S1', 0, 7), mark(1), trace('purchase', -30, 4, {}, 2)],
    ['2 raise stock-mismatch 4', '3 withdraw stock-mismatch 4'],
  ],
  [
    'a reversal takes the quantity off at once, whenever it is dated',
    [bought(3), settlement('S1', 0, 7), mark(1), reversal('S1', 5)],
    ['2 raise stock-mismatch 4', '3 withdraw stock-mismatch 4'],
  ],
  ['a reversal that comes first', [bought(3), reversal('S1', 5), settlement('S1', 0, 7), mark(1)], []],
  [
    'every further settlement says more',
    [bought(3), settlement('S1', 0, 7), mark(1), settlement('S2', 2, 1), mark(3)],
    ['2 raise stock-mismatch 4', '4 raise stock-mismatch 5'],
  ],
  [
    'sold otherwise, given back, adjusted, brought back',
    [
      bought(10),
      trace('sale', -30, 2),
      trace('purchase_return', -20, 1),
      trace('adjust', -10, -1),
      trace('sale_return', -5, 2),
      settlement('S1', 0, 11),
      mark(1),
    ],
    ['6 raise stock-mismatch 3'],
  ],
  [
    'a sale paid by the fund and uploaded too is one sale',
    [bought(7), settlement('S1', 0, 7), trace('sale', 0, 7, { settlementId: 'S1' }), mark(1)],
    [],
  ],
  [
    'a sale that says it is self-paid leaves the stock, whatever number it bears',
    [bought(7), trace('sale', -5, 3, { settlementId: 'T1', insured: false }), settlement('S1', 0, 7), mark(1)],
    ['3 raise stock-mismatch 3'],
  ],
  [
    'unless the fund has paid it after all',
    [bought(7), trace('sale', 0, 7, { settlementId: 'S1', insured: false }), settlement('S1', 0, 7), mark(1)],
    [],
  ],
  [
    'goods brought back and the bill reversed are one return',
    [
      bought(3),
      settlement('S1', 0, 7),
      trace('sale_return', 2, 7, { settlementId: 'S1' }),
      reversal('S1', 2),
      settlement('S2', 3, 7),
      mark(4),
    ],
    ['5 raise stock-mismatch 4'],
  ],
  [
    'a reversal by message before its settlement, and the goods brought back between them',
    [
      bought(3),
      reversal('S1', 2, true),
      trace('sale_return', 2, 7, { settlementId: 'S1' }),
      settlement('S1', 0, 7),
      settlement('S2', 3, 7),
      mark(4),
    ],
    ['5 raise stock-mismatch 4'],
  ],
  [
    'goods brought back without a reversal',
    [
      bought(3),
      settlement('S1', 0, 7),
      trace('sale_return', 2, 7, { settlementId: 'S1' }),
      settlement('S2', 3, 3),
      mark(4),
    ],
    [],
  ],
  [
    'a stocktake resets it, and counts from there',
    [bought(3), settlement('S1', 0, 7), mark(1), trace('stocktake', 5, 2), settlement('S2', 6, 6), mark(7)],
    ['2 raise stock-mismatch 4', '3 withdraw stock-mismatch 4', '5 raise stock-mismatch 4'],
  ],
  [
    'boxes counted one by one are one stocktake; a box counted again counts once',
    [
      bought(3),
      ...['a', 'b', 'c', 'a'].map((code, n) => trace('stocktake', 5 + n, 1, { code })),
      settlement('S1', 20, 3),
      mark(21),
      settlement('S2', 22, 4),
      mark(23),
    ],
    ['8 raise stock-mismatch 4'],
  ],
  [
    'a stocktake that is read late, dated before settlements that are known',
    [bought(3), settlement('S1', 0, 7), mark(1), settlement('S2', 10, 1), mark(11), trace('stocktake', 5, 1, {}, 12)],
    ['2 raise stock-mismatch 4', '4 raise stock-mismatch 5', '5 withdraw stock-mismatch 5'],
  ],
  [
    'an older stocktake that is read late changes nothing that lies behind the newer',
    [bought(30), trace('stocktake', 5, 1), settlement('S1', 6, 5), mark(7), trace('stocktake', -2_000, 50, {}, 8)],
    ['3 raise stock-mismatch 4'],
  ],
  [
    'parts of packs, by the pack’s size when it is known',
    [
      bought(3),
      drug(10, 0),
      settlement('S1', 0, 30, ['8'], true),
      mark(1),
      settlement('S2', 2, 40, ['8'], true),
      mark(3),
    ],
    ['5 raise stock-mismatch 4'],
  ],
  [
    'parts of packs, when the pack’s size becomes known later',
    [bought(3), settlement('S1', 0, 30, ['8'], true), mark(1), drug(10, 2), drug(4, 3)],
    ['2 raise stock-mismatch 27', '3 withdraw stock-mismatch 27', '4 raise stock-mismatch 4.5'],
  ],
  [
    'what was sold before purchases were uploaded is nobody’s claim',
    [settlement('S1', -2 * 24 * 60, 60), mark(-2 * 24 * 60 + 1), bought(3, 0), settlement('S2', 10, 3), mark(11)],
    [],
  ],
  [
    'a stocktake says what there was, also when the first purchase comes behind it',
    [trace('stocktake', -2 * 24 * 60, 10), settlement('S1', -24 * 60, 20), mark(1), bought(2, 5)],
    ['3 raise stock-mismatch 8'],
  ],
  [
    'but not when purchases begin months later',
    [trace('stocktake', -120 * 24 * 60, 10), settlement('S1', -24 * 60, 20), mark(1), bought(2, 5)],
    [],
  ],
  [
    'an earlier purchase that is read late moves the beginning back',
    [bought(1, 0), settlement('S1', -2 * 24 * 60, 6), mark(1), trace('purchase', -3 * 24 * 60, 1, {}, 2)],
    ['3 raise stock-mismatch 4'],
  ],
  [
    'of an institution that uploads no purchases nothing is said but once a month, 72 hours after its first sale',
    [settlement('S1', 0, 60), settlement('S2', 5, 60), mark(later), mark(later + 1), mark(later + 10)],
    ['3 raise trace-not-purchased'],
  ],
  [
    'until it uploads one of that month',
    [settlement('S1', 0, 1), mark(later + 1), trace('purchase', 10, 1, {}, later + 2)],
    ['1 raise trace-not-purchased', '2 withdraw trace-not-purchased'],
  ],
  [
    'a month of which the first sale was reversed in time waits for the second',
    [settlement('S1', 0, 1), settlement('S2', 60, 1), reversal('S1', later), mark(later + 1), mark(later + 61)],
    ['4 raise trace-not-purchased'],
  ],
  [
    'a month of which the only sale was reversed in time says nothing, whenever the reversal comes',
    [settlement('S1', 0, 1), mark(later + 1), reversal('S1', 1)],
    ['1 raise trace-not-purchased', '2 withdraw trace-not-purchased'],
  ],
  [
    'codes that come by upload alone are sales of the month as well, with their settlement’s reversal',
    [
      settlement('S1', 0, 1, []),
      upload('S1', 1),
      settlement('S2', 60, 1, []),
      upload('S2', 61),
      reversal('S1', 90),
      mark(later + 2),
      mark(later + 62),
    ],
    ['0 raise trace-missing', '2 raise trace-missing', '4 raise trace-missing', '6 raise trace-not-purchased'],
  ],
  [
    'an upload of a settlement that has its codes is that settlement',
    [upload('S1', -30), settlement('S1', 0, 1), mark(later), mark(later + 1)],
    ['3 raise trace-not-purchased'],
  ],
  [
    'an upload that the fund paid for, of a settlement that it does not name',
    [upload(null, 0), mark(later + 1)],
    ['1 raise trace-not-purchased'],
  ],
  [
    'what a settlement took from the stock its upload does not take once more',
    [bought(3), settlement('S1', 0, 4), upload('S1', 1, 4), upload(null, 2, 4), mark(3)],
    [],
  ],
  [
    'what is said of its kind: so much is let pass',
    [lenient, registered(SHOP, 0), bought(3), settlement('S1', 0, 7), mark(1)],
    [],
  ],
  [
    'registered later as of that kind: withdrawn',
    [lenient, bought(3), settlement('S1', 0, 7), mark(1), registered(SHOP, 1)],
    ['3 raise stock-mismatch 4', '4 withdraw stock-mismatch 4'],
  ],
  [
    'said of its kind later, and no longer said',
    [registered(SHOP, 0), bought(3), settlement('S1', 0, 7), mark(1), lenient, rules({})],
    ['3 raise stock-mismatch 4', '4 withdraw stock-mismatch 4', '5 raise stock-mismatch 4'],
  ],
  [
    'a month without purchases waits for as long as is said of its kind',
    [patient, registered(SHOP, 0), settlement('S1', 0, 1), mark(later + 1), mark(later + 61)],
    ['4 raise trace-not-purchased'],
  ],
  [
    'and where it is registered while it waits, from then on',
    [patient, settlement('S1', 0, 1), mark(later + 1), registered(SHOP, later / 60), mark(later + 61)],
    ['2 raise trace-not-purchased', '3 withdraw trace-not-purchased', '4 raise trace-not-purchased'],
  ],
];

describe('lane.institution', () => {
  test.each(CASES)('%s', async (_, lane, expected) => {
    expect((await judged(lane, lane.length)).found).toEqual(expected);
    for (const size of [1, 2, 3]) expect((await judged(lane, size)).found).toEqual(expected);
  });

  test.each(CASES)('after a restart anywhere: %s', async (_, lane, expected) => {
    const keep = world();
    await judged(lane, 1, keep);
    for (let from = 1; from < lane.length; from++)
      expect((await judged(lane, 2, keep, from)).found).toEqual(
        expected.filter((each) => Number(each.split(' ')[0]) >= from),
      );
  });

  test.each<[string, LaneRecord[]]>([
    [
      'reversed after it was counted',
      [bought(3), settlement('S1', 0, 7), mark(1), settlement('S2', 2, 1), mark(3), reversal('S2', 4), mark(5)],
    ],
    [
      'reversed before the clock had passed it',
      [bought(3), settlement('S1', 0, 7), mark(1), settlement('S2', 2, 1), reversal('S2', 2), mark(3), mark(4)],
    ],
    [
      'reversed before it came',
      [bought(3), reversal('S2', 4), settlement('S2', 2, 1), settlement('S1', 0, 7), mark(5), mark(6)],
    ],
  ])('an alert names the latest settlement that stands: %s', async (_, lane) => {
    for (const size of [1, 2, 3, lane.length]) {
      const partition = new InstitutionPartition({ partition: 0, ...world(), rules: ledgerRules, lanePartitions: 1 });
      const found: Finding[] = [];
      for (let n = 0; n < lane.length; n += size) {
        const batch = lane.slice(n, n + size);
        const { findings } = await partition.process(
          batch.map((event, i) => ({ position: n + i, event, value: encodeLane(event) })),
        );
        found.push(...findings);
      }
      expect(found.at(-1)).toMatchObject({
        action: 'raise',
        event_time: '2026-11-05T10:00:00+08:00',
        facts: { excess: 4 },
        evidence: [{ kind: 'settlement', ref: 'S1' }],
      });
    }
  });

  test('tells every code partition once a month that purchases are uploaded, and again after a restart', async () => {
    const lane = [bought(1), bought(1, -50), bought(1, 40 * 24 * 60), bought(1, -24 * 60)];
    const expected = ['2026-11', '2026-12'].flatMap((month) => [`${SHOP} ${month} 0`, `${SHOP} ${month} 1`]);
    const keep = world();
    expect((await judged(lane, 2, keep)).told).toEqual(expected);
    expect((await judged(lane, 1, keep)).told).toEqual(expected);
  });

  test('a rule that fails poisons the record at which it did, and the others are judged', async () => {
    const failing = (ledgerRules as readonly LedgerRule[]).map((rule) =>
      rule.stock === undefined
        ? rule
        : {
            ...rule,
            stock: {
              ...rule.stock,
              claim: (): never => {
                throw new Error('no such case');
              },
            },
          },
    );
    const partition = new InstitutionPartition({ partition: 0, ...world(), rules: failing, lanePartitions: 1 });
    const lane = [bought(3), settlement('S1', 0, 7, []), mark(1)];
    const { findings, poisoned } = await partition.process(
      lane.map((event, position) => ({ position, event, value: encodeLane(event) })),
    );
    expect(findings.map(({ detector }) => detector)).toEqual(['trace-missing']);
    expect(poisoned.map(({ position, error }) => `${position} ${error.message}`)).toEqual([
      '0 no such case',
      '2 no such case',
    ]);
  });
});
