// quarterly-spend as timelines: who is judged, from which day, what excuses and what brings it back.
import { Timeline } from '@yunjian/detection';
import fc from 'fast-check';
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

  test('with an accepted justification, up to the instant at which it ends', () => {
    const justified = spend(budget(hospital(), DAY), DAY, 9_000_000).at(on(DAY, '12:01:00'), 'justification', {
      year: 2026,
      quarter: 4,
      validUntil: on(DAY, '18:00:00'),
    });
    expect(tiers(justified, on(DAY, '12:00:50'))).toEqual(BOTH);
    expect(tiers(justified, on(DAY, '12:01:10'))).toEqual([]);
    expect(tiers(justified, on(DAY, '17:59:58'))).toEqual([]);
    expect(tiers(justified, on(DAY, '18:00:10'))).toEqual(BOTH);
  }, 60_000);

  test.each([
    ['an hour ago', on(DAY, '11:00:00'), BOTH],
    ['yesterday', on('2026-11-14', '12:00:00'), BOTH],
    ['in an hour', on(DAY, '13:00:00'), []],
  ])('a justification that ended or ends %s', (_, validUntil, expected) => {
    const justified = spend(budget(hospital(), DAY), DAY, 9_000_000).at(on(DAY, '11:30:00'), 'justification', {
      year: 2026,
      quarter: 4,
      validUntil,
    });
    expect(tiers(justified, later)).toEqual(expected);
  });

  test('a justification that ends is told of at once, after a restart too', () => {
    const justified = budget(hospital(), DAY)
      .at(on(DAY, '09:30:00'), 'justification', { year: 2026, quarter: 4, validUntil: on(DAY, '12:30:00') })
      .restarted(on(DAY, '12:10:00'));
    spend(justified, DAY, 9_000_000);
    expect(told(justified, on(DAY, '12:30:00'))).toEqual([]);
    const [ten] = told(justified, on(DAY, '12:30:02'));
    expect(ten).toMatchObject({ action: 'raise', reason: 'the justification lapsed' });
  });
});

describe('a justification', () => {
  const excused = (fields: Record<string, unknown>, date = DAY) =>
    spend(budget(hospital(), DAY), DAY, 9_000_000).at(on(date, '12:01:00'), 'justification', {
      year: 2026,
      quarter: 4,
      cold: { reason: '承接急救任务', approvedBy: '基金监管处' },
      ...fields,
    });

  test('is told with its reason, who accepted it and until when, and so is that it lapsed', () => {
    const justified = excused({ validUntil: on(DAY, '23:59:59') });
    const [ten] = told(justified, on(DAY, '12:01:10')).filter(({ action }) => action === 'withdraw');
    expect(ten).toMatchObject({
      reason: 'an accepted justification',
      facts: {
        justification: {
          reason: '承接急救任务',
          approved_by: '基金监管处',
          valid_until: '2026-11-15T23:59:59+08:00',
          holds: true,
        },
      },
      evidence: [{ kind: 'rule', of: 'budget' }, { kind: 'rule' }],
    });
    const back = told(justified.ticking(5), on('2026-11-16', '00:00:30')).at(-1);
    expect(back).toMatchObject({ action: 'raise', reason: 'the justification lapsed' });
    expect(back?.facts.justification).toMatchObject({ holds: false });
  });

  test('of another quarter excuses nothing, one without an end all of it', () => {
    expect(tiers(excused({ quarter: 3 }), on(DAY, '12:01:10'))).toEqual(BOTH);
    expect(tiers(excused({}).ticking(3600), on('2026-12-31', '23:00:00'))).toEqual([]);
  });

  test('that arrives late counts, and a later one takes its place, whatever arrives first', () => {
    const late = spend(budget(hospital(), DAY), DAY, 9_000_000).ticking(5);
    const accepted = (time: string, validUntil: number | null, seconds: number) =>
      late.at(on(DAY, time), 'justification', { year: 2026, quarter: 4, validUntil }, seconds);
    accepted('11:00:00', null, 7200);
    expect(tiers(late, on(DAY, '12:59:00'))).toEqual(BOTH);
    expect(tiers(late, on(DAY, '13:01:00'))).toEqual([]);
    accepted('11:30:00', on('2026-11-14'), 3600);
    expect(tiers(late, on(DAY, '13:01:00'))).toEqual(BOTH);
  });
});

describe('the forecast', () => {
  test('says in a standing alert when the next tier will be crossed', () => {
    const timeline = budget(hospital(), '2026-10-01').ticking(3600);
    for (let day = 1; day <= 31; day++) spend(timeline, `2026-10-${String(day).padStart(2, '0')}`, 100_000);
    for (let day = 1; day <= 14; day++) spend(timeline, `2026-11-${String(day).padStart(2, '0')}`, 150_000);
    const ten = told(timeline, on(DAY, '14:00:00')).at(-1);
    expect(ten?.facts.tier).toBe(10);
    expect(ten?.facts.forecast).toEqual({
      pace_per_day: '1500.00',
      pace_days: 14,
      next_tier: 20,
      next_tier_on: '2026-11-21',
      budget_spent_on: '2026-12-11',
      quarter_end_spend: '122500.00',
    });
  });
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

  test('a late budget with weights judges by them what was spent before', () => {
    const weights = [500_000_000, 300_000_000, 200_000_000];
    const late = (fund: number) =>
      spend(hospital(), DAY, fund).at(
        on(DAY, '09:00:00'),
        'budget',
        { year: 2026, quarter: 4, amount: 10_000_000, weights },
        14_400,
      );
    // By the end of 15 November 50 % + 15 %: ¥65,000.
    expect(tiers(late(7_150_000).ticking(10), on(DAY, '13:05:00'))).toEqual([]);
    const [ten] = told(late(7_150_001).ticking(10), on(DAY, '13:05:00'));
    expect(ten?.facts).toMatchObject({ tier: 10, scheduled: '65000.00', weights: [0.5, 0.3, 0.2] });
  });

  test('figures of a standing alert end exact', () => {
    const timeline = spend(budget(hospital(), DAY), DAY, 5_100_000);
    for (let s = 1; s <= 5; s++)
      timeline.at(on(DAY, `12:00:0${s}`), 'settlement', { settlementId: `more-${s}`, fund: 1 });
    expect(told(timeline, on(DAY, '12:01:00')).at(-1)?.facts.spend).toBe('51000.05');
  });
});

describe('the final state', () => {
  test('of a closed quarter is as of its last day, told before its end or behind it', () => {
    const ended = (late: number) =>
      budget(hospital(), '2026-12-31').at(on('2026-12-31'), 'settlement', { fund: 10_200_000 }, late).ticking(600);
    for (const late of [1, 20 * 3600]) {
      const standing = ended(late).standing(on('2027-01-02'));
      const [ten] = standing.filter(({ detector }) => detector === 'quarterly-spend');
      expect(ten?.facts).toMatchObject({ days_elapsed: 92, as_of: '2026-12-31' });
    }
  });

  const world = (late: readonly number[]) => {
    const timeline = hospital().ticking(20);
    const next = (i: number) => late[i] as number;
    for (const [i, amount] of [9_200_000, 9_000_000].entries())
      timeline.at(on(DAY, `0${8 - i}:00:00`), 'budget', { year: 2026, quarter: 4, amount }, 10_800 + next(i));
    for (const [i, fund] of [2_000_000, 2_500_000, 800_000, 400_000].entries())
      timeline.at(
        on(`2026-1${i % 2}-1${i}`),
        'settlement',
        { settlementId: `S${i}`, fund },
        sinceNoon(i) + next(2 + i),
      );
    timeline.at(on(DAY), 'reversal', { settlementId: 'R', originalId: 'S3', fund: -100_000 }, next(6));
    const accepted = { year: 2026, quarter: 4, validUntil: on('2026-11-14') };
    return timeline.at(on(DAY, '10:00:00'), 'justification', accepted, 7_200 + next(7));
  };
  const sinceNoon = (i: number) => (on(DAY) - on(`2026-1${i % 2}-1${i}`)) / 1000;
  const final = (timeline: Timeline) =>
    timeline.standing(on(DAY, '13:05:00')).filter(({ detector }) => detector === 'quarterly-spend');

  test('is the same in any order of arrival, and after a restart', () => {
    const expected = final(world(Array.from({ length: 8 }, () => 1)));
    expect(expected.map(({ facts }) => [facts.tier, facts.spend, facts.budget])).toEqual([
      [10, '56000.00', '92000.00'],
      [20, '56000.00', '92000.00'],
    ]);
    const lateness = fc.array(fc.integer({ min: 1, max: 3600 }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(lateness, fc.integer({ min: 0, max: 3700 }), (late, restart) => {
        expect(final(world(late))).toEqual(expected);
        expect(final(world(late).restarted(on(DAY) + restart * 1000))).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });
});
