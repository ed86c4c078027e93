import { isoShanghai } from '@yunjian/contracts';
import { describe, expect, it } from 'vitest';
import { entryAt, NOON, type Sketch } from '../testing/alerts.ts';
import { kpisOf } from './kpis.ts';

const HOUR = 3_600_000;
const kpis = (sketches: Omit<Sketch, 'id'>[]) =>
  kpisOf(
    sketches.map((sketch, i) => entryAt(i, { id: String(i), ...sketch })),
    NOON,
  );

describe('kpisOf', () => {
  it('counts by local day and month of the event, and adds amounts exactly', () => {
    const { today, yesterday, month } = kpis([
      { eventTime: NOON - 12 * HOUR, amount: '0.10' },
      { eventTime: NOON - 1, amount: '0.20' },
      { eventTime: NOON - 12 * HOUR - 1, amount: '5.00' },
      { eventTime: NOON - 30 * HOUR, amount: null },
      { eventTime: Date.parse('2026-11-01T00:00:00+08:00') },
      { eventTime: Date.parse('2026-10-31T23:59:59+08:00') },
    ]);
    expect([today.count, today.amount]).toEqual([2, '0.30']);
    expect([yesterday.count, yesterday.amount]).toEqual([2, '5.00']);
    expect(month.count).toBe(5);
  });

  it('leaves out what was withdrawn, and tells handled from open', () => {
    const { today, open } = kpis([
      { level: 1 },
      { level: 1, state: { acked: true } },
      { level: 2, state: { disposed: true, acked: true } },
      { level: 2, state: { shelved: true } },
      { level: 3, state: { raised: false } },
    ]);
    expect([today.count, today.handled, today.handled_rate, today.open]).toEqual([4, 2, 0.5, 1]);
    expect(today.by_level[3].count).toBe(0);
    expect(open.count).toBe(1);
    expect(kpis([]).today.handled_rate).toBe(null);
  });

  it('splits by detector and district, most first', () => {
    const { today } = kpis([
      { grid: ['镇江市', '丹阳市'] },
      { grid: ['镇江市', '京口区'], detector: 'trace-repeated' },
      { grid: ['镇江市', '京口区'] },
      { grid: [] },
    ]);
    expect(today.by_district.map(({ district, count }) => [district, count])).toEqual([
      ['京口区', 2],
      ['丹阳市', 1],
      [null, 1],
    ]);
    expect(today.by_detector[0]).toMatchObject({ detector: 'identity-check-missing', count: 3 });
  });

  it('gives 24 hours, oldest first, the running one last', () => {
    const { rate_24h } = kpis([
      { eventTime: NOON, level: 1 },
      { eventTime: NOON - 1, level: 2 },
      { eventTime: NOON - 23 * HOUR, level: 4 },
      { eventTime: NOON - 23 * HOUR - 1 },
    ]);
    expect(rate_24h).toHaveLength(24);
    expect(rate_24h[23]).toEqual({ hour: isoShanghai(NOON), count: 1, by_level: [1, 0, 0, 0] });
    expect(rate_24h[22]?.by_level).toEqual([0, 1, 0, 0]);
    expect(rate_24h[0]?.by_level).toEqual([0, 0, 0, 1]);
    expect(rate_24h.reduce((sum, { count }) => sum + count, 0)).toBe(3);
  });

  it('keeps a cell for every grid that ever had an alert', () => {
    const grid = ['镇江市', '京口区', '大市口街道', '网格01'];
    expect(kpis([{ grid, state: { raised: false } }]).grids).toEqual([{ grid, open: 0, today: 0, worst: null }]);
    expect(
      kpis([
        { grid, level: 3 },
        { grid, level: 2 },
      ]).grids[0],
    ).toMatchObject({ open: 2, worst: 2 });
  });
});
