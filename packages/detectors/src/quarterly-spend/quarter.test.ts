// quarterly-spend as timelines: who is judged, from which day, what excuses and what brings it back.
import { Timeline } from '@yunjian/detection';
import { describe, expect, test } from 'vitest';
import { detectors } from '../index.ts';

const HOSPITAL = 'H32110000001';
const on = (date: string, time = '12:00:00') => Date.parse(`${date}T${time}+08:00`);
const hospital = (institution = HOSPITAL) => new Timeline(detectors, institution);
const budget = (timeline: Timeline, date: string, amount = 9_200_000) =>
  timeline.at(on(date, '09:00:00'), 'budget', { year: 2026, quarter: 4, amount });
const spend = (timeline: Timeline, date: string, fund: number, fields: Record<string, unknown> = {}) =>
  timeline.at(on(date), 'settlement', { settlementId: `S-${date}-${fund}`, fund, ...fields });
const told = (timeline: Timeline, until: number) =>
  timeline.findings(until).filter(({ detector }) => detector === 'quarterly-spend');
const tiers = (timeline: Timeline, until: number) =>
  timeline
    .standing(until)
    .filter(({ detector }) => detector === 'quarterly-spend')
    .map(({ subject, level, facts }) => [subject, facts.tier, level]);

/** 2026-11-15 is the 46th of 92 days: half of ¥92,000 is scheduled. */
const DAY = '2026-11-15';
const later = on(DAY, '12:00:30');
const BOTH = [
  [`${HOSPITAL}/2026Q4`, 10, 3],
  [`${HOSPITAL}/2026Q4`, 20, 2],
];

describe('tiers', () => {
  test.each([
    ['exactly 10 % ahead', 5_060_000, []],
    ['a fen more', 5_060_001, BOTH.slice(0, 1)],
    ['exactly 20 % ahead', 5_520_000, BOTH.slice(0, 1)],
    ['a fen more than 20 %', 5_520_001, BOTH],
  ])('%s', (_name, fund, expected) => {
    expect(tiers(spend(budget(hospital(), DAY), DAY, fund), later)).toEqual(expected);
  });

  test('shows both measures, the schedule and what is prescribed', () => {
    const [ten] = told(spend(budget(hospital(), DAY), DAY, 5_520_000), later);
    expect(ten?.facts).toMatchObject({
      spend: '55200.00',
      scheduled: '46000.00',
      budget: '92000.00',
      ratio_ahead: 0.2,
      points_ahead: 0.1,
      measures: { zh: expect.stringContaining('约谈提醒') },
    });
    expect(ten).toMatchObject({ amount: '55200.00', fixmedins_code: HOSPITAL });
  });
});

describe('never', () => {
  test('a pharmacy, nor without a budget', () => {
    expect(tiers(spend(budget(hospital('P32110000001'), DAY), DAY, 9_000_000), later)).toEqual([]);
    expect(tiers(spend(hospital(), DAY, 9_000_000), later)).toEqual([]);
  });

  test('before a tenth of the quarter: nine of 92 days are silent, at midnight ten speak', () => {
    const timeline = spend(budget(hospital(), '2026-10-09'), '2026-10-09', 9_000_000).at(
      on('2026-10-09', '23:59:50'),
      'heartbeat',
    );
    expect(tiers(timeline, on('2026-10-09', '23:59:58'))).toEqual([]);
    expect(tiers(timeline, on('2026-10-10', '00:00:05'))).toEqual(BOTH);
  }, 60_000);

  test('with an accepted justification, until the day it ends', () => {
    const justified = spend(budget(hospital(), DAY), DAY, 9_000_000).at(on(DAY, '12:01:00'), 'justification', {
      year: 2026,
      quarter: 4,
      validUntil: on(DAY, '18:00:00'),
    });
    expect(tiers(justified, on(DAY, '12:00:50'))).toEqual(BOTH);
    expect(tiers(justified, on(DAY, '12:01:10'))).toEqual([]);
    expect(tiers(justified, on('2026-11-16', '00:00:10'))).toEqual(BOTH);
  }, 60_000);
});

describe('what changes it', () => {
  test('a reversal brings it under, the next sale raises it again under the same id', () => {
    const timeline = spend(budget(hospital(), DAY), DAY, 5_100_000)
      .at(on(DAY, '12:01:00'), 'reversal', { settlementId: 'R1', originalId: 'x', fund: -100_000 })
      .at(on(DAY, '12:02:00'), 'settlement', { settlementId: 'S2', fund: 100_000 });
    const all = told(timeline, on(DAY, '12:03:00')).filter(({ reason }) => reason !== 'figures moved on');
    expect(all.map(({ action }) => action)).toEqual(['raise', 'withdraw', 'raise']);
    expect(new Set(all.map(({ alert_id }) => alert_id)).size).toBe(1);
  });

  test('the same settlement sent again counts once', () => {
    const sale = { settlementId: 'S1', eventId: 'S1', fund: 3_000_000 };
    const timeline = budget(hospital(), DAY).at(on(DAY), 'settlement', sale).at(on(DAY), 'settlement', sale, 9);
    expect(tiers(timeline, later)).toEqual([]);
  });

  test('a budget that comes late speaks of what was spent before it, a greater one withdraws', () => {
    const timeline = spend(hospital(), DAY, 9_000_000)
      .at(on(DAY, '09:00:00'), 'budget', { year: 2026, quarter: 4, amount: 9_200_000 }, 3 * 3600 + 60)
      .at(on(DAY, '12:02:00'), 'budget', { year: 2026, quarter: 4, amount: 92_000_000 });
    expect(tiers(timeline, on(DAY, '12:00:50'))).toEqual([]);
    expect(tiers(timeline, on(DAY, '12:01:10'))).toEqual(BOTH);
    expect(tiers(timeline, on(DAY, '12:02:10'))).toEqual([]);
  });

  test('figures of a standing alert end exact', () => {
    const timeline = spend(budget(hospital(), DAY), DAY, 5_100_000);
    for (let s = 1; s <= 5; s++)
      timeline.at(on(DAY, `12:00:0${s}`), 'settlement', { settlementId: `more-${s}`, fund: 1 });
    expect(told(timeline, on(DAY, '12:01:00')).at(-1)?.facts.spend).toBe('51000.05');
  });
});
