// Fixtures of trace-product-mismatch: another drug's box, a carton, and the look-alikes that must raise nothing.
import type { LaneEvent } from '@yunjian/contracts';
import { type CodeOwner, ledgerReference } from '@yunjian/detection';
import { describe, expect, test } from 'vitest';
import { A, B, billed, CODE, DRUG, OTHER, orders, reversed, START, uploaded } from '../code-history.testing.ts';
import { detector } from './index.ts';

const DAY = 86_400_000;
const owner = (item: string, level = 1): CodeOwner => ({ item, level });

const judge = (documents: LaneEvent[], owners: CodeOwner[] = [owner(OTHER)], params = {}) => {
  const says = orders(documents).map(
    (each) =>
      detector.claims(each, ledgerReference({ codeOwners: () => owners }), detector.params.parse(params))[0] ?? null,
  );
  for (const each of says) expect(each).toEqual(says[0]);
  return says[0] ?? null;
};

describe('fires', () => {
  test('another drug’s box, with what was billed and whose code it is', () => {
    expect(judge([billed(A, 'S1', 0)])).toMatchObject({
      subject: { kind: 'code', ref: CODE },
      institution: A,
      anchor: null,
      eventTime: START,
      window: { start: START, end: START },
      facts: {
        differs: 'drug',
        billed: [DRUG],
        code_belongs_to: [{ item: OTHER, level: 1 }],
        institutions: [A],
        verified_form: true,
      },
      evidence: [{ kind: 'settlement', ref: 'S1' }],
    });
  });

  test.each<[string, LaneEvent[], CodeOwner[]]>([
    ['a carton of the same drug', [billed(A, 'S1', 0)], [owner(DRUG, 2)]],
    ['a case of the same drug', [billed(A, 'S1', 0)], [owner(DRUG, 3)]],
    ['a part of another drug’s box', [billed(A, 'S1', 0, [{ split: true }])], [owner(OTHER)]],
    ['one of two lines', [billed(A, 'S1', 0, [{ item: OTHER }, { item: DRUG }])], [owner(OTHER)]],
    ['the upload of a bill that names no codes', [uploaded('sale', A, 0, { settlementId: 'S1' })], [owner(OTHER)]],
    ['several owners, none of them the drug', [billed(A, 'S1', 0)], [owner(OTHER), owner('XA01', 1)]],
    ['returned later: it was billed', [billed(A, 'S1', 0), uploaded('sale_return', A, 1)], [owner(OTHER)]],
  ])('%s', (_, documents, owners) => {
    expect(judge(documents, owners)).toMatchObject({ institution: A });
  });

  test('a carton: says that it is the level', () => {
    expect(judge([billed(A, 'S1', 0)], [owner(DRUG, 2)])).toMatchObject({ facts: { differs: 'level' } });
    expect(judge([billed(A, 'S1', 0)], [owner(DRUG, 2), owner(OTHER)])).toMatchObject({ facts: { differs: 'level' } });
    expect(judge([billed(A, 'S1', 0)], [owner(DRUG, 2)], { singleLevel: 2 })).toBeNull();
    expect(judge([billed(A, 'S1', 0)], [owner(DRUG, 3)], { singleLevel: 2 })).not.toBeNull();
  });

  test('a reversal a second after the settlement: the act happened, the reversal is in the evidence', () => {
    expect(judge([billed(A, 'S1', 0), reversed(A, 'S1', 1 / 86_400)])).toMatchObject({
      facts: { sales: [{ reversed_by: 'r-S1' }] },
      evidence: [
        { kind: 'settlement', ref: 'S1' },
        { kind: 'settlement', ref: 'r-S1' },
      ],
    });
  });

  test('at two institutions: one alert, of the latest', () => {
    expect(judge([billed(B, 'S2', 2), billed(A, 'S1', 0)])).toMatchObject({
      institution: B,
      window: { start: START, end: START + 2 * DAY },
      facts: { institutions: [A, B] },
    });
  });

  test('a dummy code billed thousands of times stays a record that the log takes', () => {
    const claim = judge(Array.from({ length: 9_000 }, (_, i) => billed(A, `S${i}`, i / 100)));
    expect(claim?.facts.sales_not_listed).toBe(8_600);
    expect(JSON.stringify(claim).length).toBeLessThan(200_000);
  });
});

describe('stays silent', () => {
  test.each<[string, LaneEvent[], CodeOwner[]]>([
    ['the drug that was billed', [billed(A, 'S1', 0)], [owner(DRUG)]],
    ['a prefix that nobody knows', [billed(A, 'S1', 0)], []],
    ['a prefix that two drugs share, one of them the drug', [billed(A, 'S1', 0)], [owner(OTHER), owner(DRUG)]],
    ['bought, not sold', [uploaded('purchase', A, 0)], [owner(OTHER)]],
    ['sold to somebody who paid himself', [uploaded('sale', A, 0)], [owner(OTHER)]],
    ['reversed at the instant of the settlement', [billed(A, 'S1', 0), reversed(A, 'S1', 0)], [owner(OTHER)]],
    ['reversed before it, by its event time', [billed(A, 'S1', 1), reversed(A, 'S1', 0)], [owner(OTHER)]],
    [
      'an upload of the settlement that says another drug than the bill, which is right',
      [billed(A, 'S1', 0), uploaded('sale', A, 0, { settlementId: 'S1', item: OTHER })],
      [owner(DRUG)],
    ],
  ])('%s', (_, documents, owners) => {
    expect(judge(documents, owners)).toBeNull();
  });
});

test('asked about one of two institutions that billed it, speaks of its bills alone', () => {
  const documents = [billed(A, 'S1', 0), billed(B, 'S2', 1)];
  const reference = ledgerReference({ codeOwners: () => [owner(OTHER)] });
  const asked = (of: string) =>
    detector.claims(documents, reference, detector.params.parse({}), (each) => each === of)[0];
  expect(asked(A)).toMatchObject({ institution: A, facts: { institutions: [A] }, evidence: [{ ref: 'S1' }] });
  expect(asked(B)).toMatchObject({ institution: B, facts: { institutions: [B] }, evidence: [{ ref: 'S2' }] });
});
