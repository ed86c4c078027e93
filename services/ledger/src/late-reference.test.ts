// What becomes known late of a drug or an institution judges the persons whom it concerns at its own position, however the lane is cut.
import { decodeLane, encodeLane, type Finding, type Institution, type LaneRecord } from '@yunjian/contracts';
import type { LedgerRule } from '@yunjian/detection';
import { ledgerRules } from '@yunjian/detectors';
import { describe, expect, test } from 'vitest';
import { MemoryHistory } from './history.ts';
import { LedgerPartition } from './judge.ts';
import { MOST_REJUDGED } from './late-reference.ts';
import { drug, HOSPITAL, registered, rules, SHOP, settled } from './persons.testing.ts';

const RULES = (ledgerRules as readonly LedgerRule[]).filter(({ lane }) => lane === 'person');

async function judged(lane: readonly LaneRecord[], size: number, history = new MemoryHistory(), from = 0) {
  const partition = new LedgerPartition({ lane: 'person', partition: 0, history, rules: RULES });
  await partition.open(decodeLane);
  const found: Finding[] = [];
  for (let n = from; n < lane.length; n += size) {
    const inputs = lane.slice(n, n + size).map((event, i) => ({ position: n + i, event, value: encodeLane(event) }));
    const { findings, poisoned } = await partition.process(inputs);
    expect(poisoned).toEqual([]);
    found.push(...findings);
  }
  return found;
}
const shown = (findings: readonly Finding[]) =>
  findings.map(({ cause, action, detector, facts }) => `${cause.offset} ${action} ${detector} ${facts.settlement}`);

/** The registration from an earlier time on, h, though it arrives only now. */
const since = (at: number, event: Institution): Institution => ({
  ...event,
  eventTime: registered(SHOP, at).eventTime,
});
const near = { longitude: 119.45, latitude: 32.2 };
const far = { longitude: 121.47, latitude: 31.23 };
const pharmacies = rules({ 'excess-supply': { when: [{ kind: 'pharmacy', params: { days: 14 } }] } });
const CASES: [string, LaneRecord[], string[]][] = [
  [
    'a drug’s own limit excuses what was handed out in the 48 hours before',
    [settled('S1', 0, SHOP, 20), drug(48, 30)],
    ['0 raise excess-supply S1', '1 withdraw excess-supply S1'],
  ],
  [
    'a limit that is lowered finds what was within it, and again when it is lifted',
    [drug(0, 30), settled('S1', 1, SHOP, 20), drug(2, 10), drug(3, 30)],
    ['2 raise excess-supply S1', '3 withdraw excess-supply S1'],
  ],
  [
    'what is older waits for the person’s next document',
    [settled('S1', 0, SHOP, 20), drug(48.1, 30), settled('S2', 49, SHOP, null)],
    ['0 raise excess-supply S1', '2 withdraw excess-supply S1'],
  ],
  [
    'another drug, or something else about this one, concerns nobody',
    [settled('S1', 0, SHOP, 20), drug(1, 30, { item: 'XA' }), drug(2, null, { prescriptionDrug: true })],
    ['0 raise excess-supply S1'],
  ],
  [
    'the place of the second institution, known late, shows that nobody could be at both',
    [
      registered(SHOP, 0, near),
      settled('S1', 1, SHOP, null),
      settled('H1', 1.5, HOSPITAL, null),
      since(0, registered(HOSPITAL, 3, far)),
    ],
    ['3 raise impossible-travel H1'],
  ],
  [
    'a place that was wrong, and is corrected',
    [
      registered(SHOP, 0, near),
      registered(HOSPITAL, 0, far),
      settled('S1', 1, SHOP, null),
      settled('H1', 1.5, HOSPITAL, null),
      since(0.5, registered(HOSPITAL, 3, near)),
    ],
    ['3 raise impossible-travel H1', '4 withdraw impossible-travel H1'],
  ],
  [
    'an institution that moves away was near when it settled',
    [
      registered(SHOP, 0, near),
      registered(HOSPITAL, 0, near),
      settled('S1', 1, SHOP, null),
      settled('H1', 1.5, HOSPITAL, null),
      registered(HOSPITAL, 3, far),
    ],
    [],
  ],
  [
    'an institution that moves near was far when it settled',
    [
      registered(SHOP, 0, near),
      registered(HOSPITAL, 0, far),
      settled('S1', 1, SHOP, null),
      settled('H1', 1.5, HOSPITAL, null),
      registered(HOSPITAL, 3, near),
      settled('H2', 3.1, HOSPITAL, null),
    ],
    ['3 raise impossible-travel H1'],
  ],
  [
    'before its first registration nothing is known of a place',
    [
      registered(SHOP, 0, near),
      settled('S1', 1, SHOP, null),
      settled('H1', 1.5, HOSPITAL, null),
      registered(HOSPITAL, 3, far),
    ],
    [],
  ],
  [
    'a kind of which the rules say something, registered late',
    [pharmacies, settled('S1', 0, SHOP, 10), settled('H1', 0, HOSPITAL, 10, 'q'), registered(SHOP, 1)],
    ['1 raise excess-supply S1', '2 raise excess-supply H1', '3 withdraw excess-supply S1'],
  ],
];

describe('judged again by what becomes known late', () => {
  test.each(CASES)('%s', async (_, lane, expected) => {
    expect(shown(await judged(lane, lane.length))).toEqual(expected);
    for (const size of [1, 2, 3]) expect(shown(await judged(lane, size))).toEqual(expected);
  });

  test.each(CASES)('after a restart anywhere: %s', async (_, lane, expected) => {
    const history = new MemoryHistory();
    await judged(lane, 1, history);
    for (let from = 1; from < lane.length; from++)
      expect(shown(await judged(lane, 2, history, from))).toEqual(
        expected.filter((each) => Number(each.split(' ')[0]) >= from),
      );
  });

  test('are only so many for one record, those who settled last; the others with their next document', async () => {
    const lane: LaneRecord[] = Array.from({ length: MOST_REJUDGED + 2 }, (_, n) =>
      settled(`S${n}`, n / 1_000, SHOP, 20, `p${n}`),
    );
    const at = lane.push(drug(10, 30)) - 1;
    lane.push(settled('later', 11, SHOP, null, 'p0'));
    for (const size of [lane.length, 300]) {
      const withdrawn = (await judged(lane, size)).filter(({ action }) => action === 'withdraw');
      expect(withdrawn.filter(({ cause }) => cause.offset === at)).toHaveLength(MOST_REJUDGED);
      expect(shown(withdrawn).at(-1)).toBe(`${at + 1} withdraw excess-supply S0`);
      expect(shown(withdrawn)).not.toContain(`${at} withdraw excess-supply S1`);
    }
  });
});
