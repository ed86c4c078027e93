// Fixtures of stock-mismatch: the balance of one drug at one institution, its two limits, and who is not judged.
import type { StockBalance } from '@yunjian/detection';
import { describe, expect, test } from 'vitest';
import { A, DRUG, START } from '../code-history.testing.ts';
import { detector } from './index.ts';

const ONE = 10_000;
const DAY = 86_400_000;
const rule = detector.stock;
if (rule === undefined) throw new Error('stock-mismatch judges stock');

/** In packs; ¥20 a pack. */
const balance = (
  packs: Partial<
    Record<'opening' | 'purchased' | 'purchaseReturned' | 'adjusted' | 'sold' | 'returned' | 'settled', number>
  >,
  rest: Partial<StockBalance> = {},
): StockBalance => ({
  institution: A,
  item: DRUG,
  uploading: { from: START - 30 * DAY, stocktakesFrom: 0, until: '2026-11' },
  from: START,
  opening: packs.opening === undefined ? null : packs.opening * ONE,
  purchased: (packs.purchased ?? 0) * ONE,
  purchaseReturned: (packs.purchaseReturned ?? 0) * ONE,
  adjusted: (packs.adjusted ?? 0) * ONE,
  sold: (packs.sold ?? 0) * ONE,
  returned: (packs.returned ?? 0) * ONE,
  settled: (packs.settled ?? 0) * ONE,
  settledAmount: (packs.settled ?? 0) * 2_000,
  last: { at: START + DAY, settlement: 'S9' },
  ...rest,
});
const claim = (stock: StockBalance, params = {}) => rule.claim(stock, detector.params.parse(params));

describe('fires', () => {
  test('more settled than there was, with the whole calculation', () => {
    const stock = balance({
      opening: 10,
      purchased: 20,
      purchaseReturned: 3,
      adjusted: -2,
      sold: 5,
      returned: 1,
      settled: 30,
    });
    expect(claim(stock)).toMatchObject({
      subject: { kind: 'institution', ref: `${A}/${DRUG}` },
      institution: A,
      anchor: null,
      amount: 18_000,
      window: { start: START, end: START + DAY },
      facts: {
        excess: 9,
        settled: 30,
        available: 21,
        opening: 10,
        purchased: 20,
        purchase_returned: 3,
        adjusted: -2,
        sold_otherwise: 5,
        returned: 1,
      },
      evidence: [{ kind: 'settlement', ref: 'S9' }],
    });
  });

  test.each<[string, StockBalance, object]>([
    ['just above the unit', balance({ purchased: 10, settled: 11.0001 }), { amount: 0 }],
    ['just above the amount', balance({ settled: 5 }, { settledAmount: 10_001 }), {}],
    ['nothing ever bought of this drug', balance({ settled: 6 }), {}],
    ['sold otherwise what was settled', balance({ purchased: 10, sold: 10, settled: 10 }), {}],
    ['given back to the supplier', balance({ purchased: 10, purchaseReturned: 10, settled: 10 }), {}],
    ['adjusted downwards', balance({ purchased: 10, adjusted: -10, settled: 10 }), {}],
    [
      'a purchase three months before the settlement still counts as uploading',
      balance({ settled: 6 }, { uploading: { from: 0, stocktakesFrom: 0, until: '2026-08' } }),
      {},
    ],
  ])('%s', (_, stock, params) => {
    expect(claim(stock, params)).not.toBeNull();
  });
});

describe('stays silent', () => {
  test.each<[string, StockBalance, object]>([
    ['exactly one unit above', balance({ purchased: 10, settled: 11 }), { amount: 0 }],
    ['exactly ¥100 above', balance({ settled: 5 }, { settledAmount: 10_000 }), {}],
    ['as much as was bought', balance({ purchased: 10, settled: 10 }), {}],
    ['more on hand by the stocktake', balance({ opening: 10, settled: 10 }), {}],
    ['brought back by customers', balance({ purchased: 4, returned: 6, settled: 10 }), {}],
    ['adjusted upwards', balance({ adjusted: 10, settled: 10 }), {}],
    ['no purchases uploaded', balance({ settled: 60 }, { uploading: null }), {}],
    [
      'purchases stopped four months before',
      balance({ settled: 60 }, { uploading: { from: 0, stocktakesFrom: 0, until: '2026-07' } }),
      {},
    ],
    ['nothing settled', balance({ sold: 60 }, { last: null }), {}],
    ['everything settled was reversed', balance({ sold: 60 }), {}],
  ])('%s', (_, stock, params) => {
    expect(claim(stock, params)).toBeNull();
  });
});

describe('since when an institution uploads purchases', () => {
  const uploading = (...months: string[]) =>
    rule.uploading(
      months.map((month) => ({ month, day: Date.parse(`${month}-05`) })),
      detector.params.parse({}),
    );
  test.each<[string[], string | null, string]>([
    [[], null, ''],
    [['2026-11'], '2026-11', '2026-11'],
    [['2026-09', '2026-10', '2026-11'], '2026-09', '2026-11'],
    [['2026-03', '2026-07', '2026-11'], '2026-03', '2026-11'],
    [['2025-11', '2026-07', '2026-11'], '2026-07', '2026-11'],
  ])('%j: from %s', (months, from, until) => {
    expect(uploading(...months)).toEqual(
      from === null ? null : { from: Date.parse(`${from}-05`), stocktakesFrom: expect.any(Number), until },
    );
  });
});

test('a stock is kept of drugs, not of services', () => {
  const kept = (item: string) => rule.isKept({ item, name: null }, detector.params.parse({}));
  expect([kept(DRUG), kept('110200001'), kept('T0007')]).toEqual([true, false, false]);
});

test('a stocktake counts from three months before the first purchase’s month on', () => {
  const since = (month: string) =>
    rule.uploading([{ month, day: Date.parse(`${month}-05`) }], detector.params.parse({}))?.stocktakesFrom;
  expect(since('2026-11')).toBe(Date.parse('2026-08-01T00:00:00+08:00'));
  expect(since('2026-02')).toBe(Date.parse('2025-11-01T00:00:00+08:00'));
});
