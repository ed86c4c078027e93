// What rules.yaml says by institution, in the lanes of the ledger: a claim is judged by the parameters of the institution that it names.
import { encodeLane, type LaneRecord } from '@yunjian/contracts';
import type { LedgerRule } from '@yunjian/detection';
import { ledgerRules } from '@yunjian/detectors';
import { describe, expect, test } from 'vitest';
import { MemoryHistory } from './history.ts';
import { LedgerPartition } from './judge.ts';
import { HOSPITAL, registered, rules, SHOP, settled } from './persons.testing.ts';

/** What is said of persons, as `position action detector institution`, whatever the batches. */
async function said(lane: readonly LaneRecord[], id: string) {
  const own = (ledgerRules as readonly LedgerRule[]).filter((rule) => rule.id === id);
  const judged = async (size: number) => {
    const partition = new LedgerPartition({ lane: 'person', partition: 0, history: new MemoryHistory(), rules: own });
    const found = [];
    for (let n = 0; n < lane.length; n += size) {
      const inputs = lane.slice(n, n + size).map((event, i) => ({ position: n + i, event, value: encodeLane(event) }));
      const { findings, poisoned } = await partition.process(inputs);
      expect(poisoned).toEqual([]);
      found.push(...findings);
    }
    return found;
  };
  const [whole, single, pairs] = [await judged(lane.length), await judged(1), await judged(2)];
  expect(single).toEqual(whole);
  expect(pairs).toEqual(whole);
  return whole;
}
const shown = (findings: Awaited<ReturnType<typeof said>>) =>
  findings.map(({ cause, action, facts }) => `${cause.offset} ${action} ${facts.settlement}`);

const pharmacies = (id: string, params: object, more: object = {}) =>
  rules({ [id]: { ...more, when: [{ kind: 'pharmacy', params }] } });

describe('what is said of pharmacies', () => {
  test('is for what a pharmacy completes, and for nothing else', async () => {
    const found = await said(
      [
        registered(SHOP, 0),
        registered(HOSPITAL, 0),
        pharmacies('excess-supply', { days: 14 }),
        settled('S1', 1, SHOP, 10, 'a'),
        settled('H1', 1, HOSPITAL, 10, 'b'),
        settled('S2', 1, SHOP, 15, 'c'),
        settled('X1', 1, 'P32110000009', 10, 'd'),
      ],
      'excess-supply',
    );
    expect(shown(found)).toEqual(['4 raise H1', '5 raise S2', '6 raise X1']);
    const [hospital, shop, unregistered] = found.map(({ rule_version }) => rule_version);
    expect(hospital).toBe(unregistered);
    expect(shop).not.toBe(hospital);
  });

  test('holds from the position of the rules on, and is gone with them', async () => {
    const lane = [
      registered(SHOP, 0),
      settled('S1', 1, SHOP, 10),
      pharmacies('excess-supply', { days: 14 }),
      settled('S2', 2, SHOP, 1),
      rules({}),
      settled('S3', 3, SHOP, 1),
    ];
    expect(shown(await said(lane, 'excess-supply'))).toEqual(['1 raise S1', '3 withdraw S1', '5 raise S1']);
  });

  test('goes before what is said of all, and what stands further down before that', async () => {
    const when = [
      { kind: 'pharmacy', params: { days: 12 } },
      { kind: 'pharmacy', level: 'A', district: '京口区', params: { days: 14 } },
    ];
    const lane = (level: string, days: number) => [
      rules({ 'excess-supply': { params: { days: 3 }, when } }),
      registered(SHOP, 0, { level, grid: ['镇江市', '京口区'] }),
      settled('S1', 1, SHOP, days),
    ];
    expect(await said(lane('A', 14), 'excess-supply')).toHaveLength(0);
    expect(await said(lane('A', 15), 'excess-supply')).toHaveLength(1);
    expect(await said(lane('B', 12), 'excess-supply')).toHaveLength(0);
    expect(await said(lane('B', 13), 'excess-supply')).toHaveLength(1);
  });
});

describe('a claim that sums up several institutions', () => {
  const both = [registered(SHOP, 0), registered(HOSPITAL, 0), pharmacies('frequent-purchase', { times: 3 })];
  const bought = (...places: string[]) => [
    ...both,
    ...places.map((place, n) => settled(`S${n + 1}`, 24 * n, place, null)),
  ];

  test('counts them all, and is made by the parameters of the one that completes it', async () => {
    expect(shown(await said(bought(SHOP, HOSPITAL, SHOP), 'frequent-purchase'))).toEqual(['5 raise S3']);
    expect(await said(bought(SHOP, SHOP, HOSPITAL, HOSPITAL), 'frequent-purchase')).toEqual([]);
    const late = await said(bought(SHOP, SHOP, HOSPITAL, SHOP), 'frequent-purchase');
    expect(shown(late)).toEqual(['6 raise S4']);
    expect(late[0]?.evidence).toHaveLength(4);
  });

  test('is one alert under both: that of the earlier', async () => {
    const found = await said(bought(SHOP, SHOP, SHOP, SHOP, HOSPITAL), 'frequent-purchase');
    expect(new Set(found.map(({ alert_id }) => alert_id)).size).toBe(1);
    expect(found.at(-1)).toMatchObject({ fixmedins_code: SHOP, facts: { settlement: 'S3' } });
  });
});
