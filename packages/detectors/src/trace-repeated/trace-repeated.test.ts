// Fixtures of trace-repeated: what must fire, with its level and suspicion, and the look-alikes that must not.
import type { LaneEvent } from '@yunjian/contracts';
import { ledgerReference } from '@yunjian/detection';
import { describe, expect, test } from 'vitest';
import { A, B, billed, CODE, OTHER, reversed, START, uploaded } from '../code-history.testing.ts';
import { detector } from './index.ts';

const DAY = 86_400_000;

const judge = (documents: LaneEvent[], packSize: number | null = null, params = {}) =>
  detector.claims(
    documents,
    ledgerReference({ drug: () => ({ prescriptionDrug: null, packSize, maxDays: null, prefixes: [] }) }),
    detector.params.parse(params),
  )[0] ?? null;

describe('fires', () => {
  test.each<[string, LaneEvent[], string, number]>([
    ['two settlements of one institution', [billed(A, 'S1', 0), billed(A, 'S2', 0)], 'substitution', 3],
    ['two lines of one settlement', [billed(A, 'S1', 0, [{}, {}])], 'substitution', 3],
    ['several institutions, seven days and included', [billed(A, 'S1', 0), billed(B, 'S2', 7)], 'counterfeit', 1],
    ['several institutions, longer', [billed(A, 'S1', 0), billed(B, 'S2', 7.01)], 'resold', 2],
    ['the same setl_id at two institutions', [billed(A, 'S1', 0), billed(B, 'S1', 0)], 'counterfeit', 1],
    ['a bill and a self-paid sale', [billed(A, 'S1', 0), uploaded('sale', A, 1)], 'substitution', 3],
    [
      'a bill and an upload of another settlement',
      [billed(A, 'S1', 0), uploaded('sale', A, 1, { settlementId: 'S2' })],
      'substitution',
      3,
    ],
    [
      'a bill here and an upload under the same setl_id there',
      [billed(A, 'S1', 0), uploaded('sale', B, 1, { settlementId: 'S1' })],
      'counterfeit',
      1,
    ],
    [
      'a return before the sales',
      [uploaded('sale_return', A, 0), billed(A, 'S1', 1), billed(A, 'S2', 2)],
      'substitution',
      3,
    ],
    ['a return elsewhere', [billed(A, 'S1', 0), billed(A, 'S2', 1), uploaded('sale_return', B, 2)], 'substitution', 3],
    [
      'a return of one of three',
      [billed(A, 'S1', 0), billed(A, 'S2', 1), uploaded('sale_return', A, 2), billed(A, 'S3', 3)],
      'substitution',
      3,
    ],
    [
      'a whole box and a part of it',
      [billed(A, 'S1', 0), billed(A, 'S2', 1, [{ split: true, count: 1_000 }])],
      'substitution',
      3,
    ],
    [
      'a purchase return between, which is no return of a sale',
      [billed(A, 'S1', 0), uploaded('purchase_return', A, 1), billed(A, 'S2', 2)],
      'substitution',
      3,
    ],
  ])('%s', (_, documents, suspicion, level) => {
    expect(judge(documents)).toMatchObject({ level, facts: { suspicion, times_sold: 2 } });
  });

  test('parts that are more than a pack, in smallest units', () => {
    const parts = [
      billed(A, 'S1', 0, [{ split: true, count: 60_000 }]),
      billed(A, 'S2', 1, [{ split: true, count: 50_000 }]),
    ];
    expect(judge(parts, 10)).toMatchObject({ facts: { times_sold: 2 } });
    expect(judge(parts, 11)).toBeNull();
    expect(judge(parts, 5)).toMatchObject({ facts: { times_sold: 3 } });
  });

  test('parts that are more than a pack, in packs where the catalogue does not say', () => {
    const parts = (second: number) => [
      billed(A, 'S1', 0, [{ split: true, count: 5_000 }]),
      billed(A, 'S2', 1, [{ split: true, count: second }]),
    ];
    expect(judge(parts(5_000))).toBeNull();
    expect(judge(parts(5_001))).toMatchObject({ facts: { times_sold: 2 } });
  });

  test('parts billed as different drugs, each in units of its own', () => {
    const judged = (first: number, second: number) =>
      detector.claims(
        [
          billed(A, 'S1', 0, [{ split: true, count: first * 10_000 }]),
          billed(A, 'S2', 1, [{ split: true, count: second * 10_000, item: OTHER }]),
        ],
        ledgerReference({
          drug: (item) => ({
            prescriptionDrug: null,
            packSize: item === OTHER ? 100 : 10,
            maxDays: null,
            prefixes: [],
          }),
        }),
        detector.params.parse({}),
      )[0] ?? null;
    expect(judged(6, 30)).toBeNull();
    expect(judged(9, 10)).toBeNull();
    expect(judged(9, 11)).toMatchObject({ facts: { times_sold: 2 } });
  });

  test('says every sale as evidence, with span, institutions and the institution of the latest', () => {
    const claim = judge([billed(B, 'S2', 3), billed(A, 'S1', 0), uploaded('sale', A, 2)]);
    expect(claim).toMatchObject({
      subject: { kind: 'code', ref: CODE },
      institution: B,
      anchor: null,
      eventTime: START + 3 * DAY,
      window: { start: START, end: START + 3 * DAY },
      facts: { times_sold: 3, span_seconds: 3 * 86_400, institutions: [A, B], verified_form: true },
    });
    expect(claim?.evidence.map(({ kind }) => kind)).toEqual(['settlement', 'trace', 'settlement']);
    expect(claim?.facts.sales).toMatchObject([{ institution: A }, { institution: A }, { institution: B }]);
  });

  test('a dummy code sold thousands of times stays a record that the log takes', () => {
    const claim = judge(Array.from({ length: 9_000 }, (_, i) => billed(A, `S${i}`, i / 100)));
    expect(claim).toMatchObject({ facts: { times_sold: 9_000, sales_not_listed: 8_600 } });
    expect(JSON.stringify(claim).length).toBeLessThan(200_000);
  });
});

describe('stays silent', () => {
  test.each<[string, LaneEvent[]]>([
    ['nothing but a purchase and a stocktake', [uploaded('purchase', A, 0), uploaded('stocktake', A, 1)]],
    ['one line, whatever its count', [billed(A, 'S1', 0, [{ count: 30_000 }])]],
    ['one line written twice in its settlement', [billed(A, 'S1', 0, [{ line: '1' }, { line: '1' }])]],
    ['one sale on both channels', [billed(A, 'S1', 0), uploaded('sale', A, 0, { settlementId: 'S1' })]],
    ['reversed, then sold', [billed(A, 'S1', 0), reversed(A, 'S1', 1), billed(A, 'S2', 2)]],
    ['a reversal that comes after both', [billed(A, 'S1', 0), billed(A, 'S2', 2), reversed(A, 'S1', 3)]],
    ['a reversal of a settlement with two lines', [billed(A, 'S1', 0, [{}, {}]), reversed(A, 'S1', 1)]],
    [
      'a reversal takes the upload of the same sale along',
      [billed(A, 'S1', 0), uploaded('sale', A, 0, { settlementId: 'S1' }), reversed(A, 'S1', 1), billed(B, 'S2', 2)],
    ],
    [
      'returned once although it was both reversed and reported as a return',
      [
        billed(A, 'S0', 0),
        billed(A, 'S1', 1),
        reversed(A, 'S1', 2),
        uploaded('sale_return', A, 2, { settlementId: 'S1' }),
      ],
    ],
    ['returned, then sold', [billed(A, 'S1', 0), uploaded('sale_return', A, 1), billed(A, 'S2', 2)]],
    ['returned later', [billed(A, 'S1', 0), billed(A, 'S2', 1), uploaded('sale_return', A, 2)]],
    ['returned, sold elsewhere', [billed(A, 'S1', 0), uploaded('sale_return', A, 1), billed(B, 'S2', 1.1)]],
  ])('%s', (_, documents) => {
    expect(judge(documents)).toBeNull();
  });

  test('below the set number of times', () => {
    expect(judge([billed(A, 'S1', 0), billed(A, 'S2', 0)], null, { times: 3 })).toBeNull();
  });
});
