// The clauses of frequent-purchase: one drug too often, at too many places, too many visits; prescriptions, dialysis, refunds.
import { expect, test } from 'vitest';
import { claimed, claimsOf, line, reversed, settled } from '../person-history.testing.ts';
import { detector } from './index.ts';

const shop = (n: number) => `P3211000000${n}`;
const bought = (n: number, day: string, fields = {}) => settled(`S${n}`, `2026-05-${day} 10:0${n % 10}`, fields);
const times = (days: string[], fields = {}) => days.map((day, i) => bought(i, day, fields));

test.each([
  ['4 times in 30 days', ['01', '02', '03', '31'], []],
  ['5 times in 30 days', ['01', '02', '03', '04', '30'], ['2026-05']],
  ['the fifth 30 days after the first, but minutes later', ['01', '02', '03', '04', '31'], []],
])('one drug %s', (_, days, expected) => {
  expect(claimed(detector, times(days))).toEqual(expected);
  expect(claimed(detector, times(days).reverse())).toEqual(expected);
});

test('a service that every visit is billed for is no drug', () => {
  const consulted = { lines: [line({ item: '001102000010000-110200001', name: '普通门诊诊察费' })] };
  expect(claimed(detector, times(['01', '02', '03', '04', '05'], consulted))).toEqual([]);
});

test('at 3 institutions within 7 days', () => {
  const places = (days: string[]) => days.map((day, i) => bought(i, day, { institution: shop(i) }));
  expect(claimed(detector, places(['01', '02', '07']))).toEqual(['2026-05']);
  expect(claimed(detector, places(['01', '02', '09']))).toEqual([]);
  expect(claimed(detector, places(['01', '02']))).toEqual([]);
});

test('15 visits in 30 days, a day at one institution being one', () => {
  const visits = (count: number) =>
    Array.from({ length: count }, (_, i) =>
      bought(i, String(i + 1).padStart(2, '0'), { lines: [line({ item: `D${i}` })] }),
    );
  expect(claimed(detector, visits(14))).toEqual([]);
  expect(claimed(detector, visits(15))).toEqual(['2026-05']);
  const twiceADay = [...visits(14), bought(20, '01', { lines: [line({ item: 'E' })] })];
  expect(claimed(detector, twiceADay)).toEqual([]);
});

test('split packs of one prescription count once, whole packs of it and split packs of none do not', () => {
  const five = (split: boolean, prescription: string | null) =>
    claimed(detector, times(['01', '02', '03', '04', '05'], { prescription, lines: [line({ split })] }));
  expect(five(true, 'RX1')).toEqual([]);
  expect(five(false, 'RX1')).toEqual(['2026-05']);
  expect(five(true, null)).toEqual(['2026-05']);
  const last = { prescription: 'RX1', lines: [line({ split: true }), line({ line: '2' })] };
  const mixed = [...times(['01', '02', '03', '04'], { lines: [line()] }), bought(5, '05', last)];
  expect(claimed(detector, mixed)).toEqual(['2026-05']);
});

test('dialysis and the like come often', () => {
  expect(claimed(detector, times(['01', '02', '03', '04', '05'], { diagnosis: 'Z49.100' }))).toEqual([]);
});

test('what was taken back by the time of the last purchase does not count, what is taken back later does', () => {
  const five = times(['01', '02', '03', '04', '05']);
  expect(claimed(detector, [...five, reversed('S1', '2026-05-02 11:00')])).toEqual([]);
  expect(claimed(detector, [...five, reversed('S1', '2026-05-06 11:00')])).toEqual(['2026-05']);
});

test('a month is one alert, of its first purchase too many, and names every one', () => {
  const claims = claimsOf(detector, times(['01', '02', '03', '04', '05', '06']));
  expect(claims).toHaveLength(1);
  expect(claims).toMatchObject([{ facts: { settlement: 'S4', found: [{ purchases: 5 }, { purchases: 6 }] } }]);
});

test('of a placeholder that thousands of purchases are booked under each is looked at as often as of a few', () => {
  let looks = 0;
  class Counted extends Number {
    override valueOf() {
      looks++;
      return super.valueOf();
    }
  }
  const booked = (count: number) =>
    Array.from({ length: count }, (_, i) => {
      const when = new Date(Date.UTC(2026, 4, 1) + i * 60_000).toISOString().slice(0, 16).replace('T', ' ');
      const institution = shop(i % 7);
      const sold = settled(`S${i}`, when, { institution });
      const back = reversed(`S${i}`, '2026-06-20 10:00', institution);
      for (const event of [sold, back]) event.eventTime = new Counted(event.eventTime) as number;
      return i % 3 === 0 ? [sold, back] : [sold];
    }).flat();
  const looksAt = (count: number) => {
    looks = 0;
    claimsOf(detector, booked(count));
    return looks / count;
  };
  expect(looksAt(4000) / looksAt(500)).toBeLessThan(1.5);
});
