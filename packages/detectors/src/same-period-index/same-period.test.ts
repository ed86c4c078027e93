// same-period-index as timelines: what spending is held against, from which day, for whom, and that the order of arrival decides nothing.
import { Timeline } from '@yunjian/detection';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detector } from './index.ts';

const HOSPITAL = 'H32110000001';
const on = (date: string, time = '12:00:00') => Date.parse(`${date}T${time}+08:00`);
/** Registered three years ago, so that no base is older. */
const house = (institution = HOSPITAL, since = '2023-01-01') =>
  new Timeline([detector], institution)
    .ticking(600)
    .at(on('2026-11-01', '00:30:00'), 'institution', { category: 'hospital', eventId: 'now' })
    .at(on(since), 'institution', { category: 'hospital', eventId: 'since' }, (on('2026-11-01') - on(since)) / 1000);
let serial = 0;
/** What was spent on a day, told at once or, for days long past, on 1 November 2026. */
const spent = (timeline: Timeline, date: string, fund: number, fields: Record<string, unknown> = {}, late?: number) =>
  timeline.at(
    on(date),
    'settlement',
    { settlementId: `S${serial++}`, fund, ...fields },
    late ?? Math.max(1, (on('2026-11-01', '01:00:00') - on(date)) / 1000),
  );
const budget = (timeline: Timeline, index: number | null, fields: Record<string, unknown> = {}, date = '2026-11-01') =>
  timeline.at(on(date, '02:00:00'), 'budget', {
    year: 2026,
    quarter: 4,
    amount: 1,
    cold: index === null ? {} : { index },
    ...fields,
  });
const told = (timeline: Timeline, until: number) =>
  timeline
    .standing(until)
    .map(({ subject, level, facts }) => `${subject} ${level} ${(facts.above as string[]).join('+')}`);
const MONTH = `${HOSPITAL}/2026-11 3`;
const QUARTER = `${HOSPITAL}/2026Q4 3`;
/** 2026-11-15 is the 15th of 30 days, and the 46th of 92. */
const DAY = '2026-11-15';
const until = on(DAY, '13:00:00');

describe('the index', () => {
  // A quarter's index of ¥92,000: ¥15,000 fall to the first half of November, ¥46,000 to half the quarter.
  test.each([
    ['exactly the month’s index to date', 1_500_000, []],
    ['a fen more', 1_500_001, [`${MONTH} index`]],
    ['exactly the quarter’s index to date', 4_600_000, [`${MONTH} index`]],
    ['a fen more than the quarter’s', 4_600_001, [`${MONTH} index`, `${QUARTER} index`]],
  ])('%s', (_name, fund, expected) => {
    expect(told(spent(budget(house(), 9_200_000), DAY, fund), until)).toEqual(expected);
  });

  test('follows the monthly weights', () => {
    const weights = [500_000_000, 300_000_000, 200_000_000];
    const half = (fund: number) => told(spent(budget(house(), 10_000_000, { weights }), DAY, fund), until);
    expect(half(1_500_000)).toEqual([]);
    expect(half(1_500_001)).toEqual([`${MONTH} index`]);
    expect(half(6_500_000)).toEqual([`${MONTH} index`]);
    expect(half(6_500_001)).toEqual([`${MONTH} index`, `${QUARTER} index`]);
  });

  test('of the latest budget holds, whatever arrives first; one without takes it away', () => {
    const timeline = () => spent(budget(house(), 9_200_000), DAY, 2_000_000);
    expect(told(budget(timeline(), 92_000_000, { eventId: 'b2' }, '2026-11-02'), until)).toEqual([]);
    expect(told(budget(timeline(), 92_000_000, { eventId: 'b2' }, '2026-10-30'), until)).toEqual([`${MONTH} index`]);
    const late = budget(timeline(), null, { eventId: 'b3' }, '2026-11-17');
    expect(told(late, until)).toEqual([`${MONTH} index`]);
    expect(told(late, on('2026-11-17'))).toEqual([]);
  });

  test('is shown with what it was held against', () => {
    const [month] = spent(budget(house(), 9_200_000), DAY, 3_000_000).standing(until);
    expect(month?.facts).toEqual({
      period: 'month',
      spend: '30000.00',
      above: ['index'],
      index: { quarter: '92000.00', to_date: '15000.00', ratio: 2 },
      last_year: null,
      days_elapsed: 15,
      days_total: 30,
      as_of: DAY,
    });
  });

  test('applies to pharmacies as to hospitals, and to nobody without a budget', () => {
    const code = 'P32110000001';
    expect(told(spent(budget(house(code), 9_200_000), DAY, 2_000_000), until)).toEqual([`${code}/2026-11 3 index`]);
    expect(told(spent(budget(house(), null), DAY, 2_000_000), until)).toEqual([]);
  });
});

describe('the same days of last year', () => {
  const before = (timeline: Timeline, date = '2025-11-15', fund = 1_000_000) => spent(timeline, date, fund);
  test.each([
    ['as much', 1_000_000, []],
    ['a fen more', 1_000_001, [`${MONTH} last_year`, `${QUARTER} last_year`]],
  ])('%s', (_name, fund, expected) => {
    expect(told(spent(before(house()), DAY, fund), until)).toEqual(expected);
  });

  test('end on the same day of the month, which counts whole', () => {
    const [month] = spent(before(before(house()), '2025-11-16', 9_000_000), DAY, 1_000_001).standing(until);
    expect(month?.facts.last_year).toEqual({
      from: '2025-11-01',
      to: '2025-11-15',
      spend: '10000.00',
      limit: '10000.00',
      ratio: 1,
    });
    expect(told(spent(before(house(), '2025-11-16'), DAY, 1_000_001), until)).toEqual([]);
  });

  test('may be told late, and withdraw', () => {
    const timeline = spent(before(house()), DAY, 1_500_000);
    spent(timeline, '2025-11-03', 600_000, {}, (on(DAY, '15:00:00') - on('2025-11-03')) / 1000);
    expect(told(timeline, until)).toEqual([`${MONTH} last_year`, `${QUARTER} last_year`]);
    expect(told(timeline, on(DAY, '16:00:00'))).toEqual([]);
  });

  test('are no base for an institution that is younger', () => {
    const first = (since: string) => told(spent(before(house(HOSPITAL, since)), DAY, 2_000_000), until);
    expect(first('2025-11-01')).toEqual([]);
    expect(first('2025-10-31')).toEqual([`${MONTH} last_year`]);
    expect(first('2025-09-30')).toEqual([`${MONTH} last_year`, `${QUARTER} last_year`]);
  });

  test('are no base where we were connected within them, however old the registration says it is', () => {
    const connected = (date: string) => {
      const timeline = new Timeline([detector], HOSPITAL).ticking(7200);
      const registered = on('2023-01-01');
      timeline.at(registered, 'institution', { category: 'hospital' }, (on(date, '08:00:00') - registered) / 1000);
      spent(spent(timeline, '2025-11-15', 1_000_000, {}, 1), DAY, 2_000_000, {}, 1);
      return told(timeline, on(DAY, '18:00:00'));
    };
    expect(connected('2025-11-02')).toEqual([]);
    expect(connected('2025-11-01')).toEqual([`${MONTH} last_year`]);
    expect(connected('2025-10-01')).toEqual([`${MONTH} last_year`, `${QUARTER} last_year`]);
  });

  test('are one where it already spent before them, whatever its registration says', () => {
    const early = spent(before(house(HOSPITAL, '2026-01-01')), '2025-11-01', 100);
    expect(told(spent(early, DAY, 2_000_000), until)).toEqual([`${MONTH} last_year`]);
  });

  test('without any spending say nothing', () => {
    expect(told(spent(house(), DAY, 2_000_000), until)).toEqual([]);
  });
});

describe('time', () => {
  test('less than a tenth of the period says nothing: three of 30 days speak, nine of 92 do not', () => {
    const early = (date: string) => told(spent(budget(house(), 92), date, 1_000_000), on(date, '13:00:00'));
    expect(early('2026-11-02')).toEqual([`${QUARTER} index`]);
    expect(early('2026-11-03')).toEqual([`${MONTH} index`, `${QUARTER} index`]);
    const quarter = (date: string) =>
      told(spent(budget(house(), 92, {}, '2026-10-01'), date, 1_000_000, {}, 1), on(date, '13:00:00'));
    expect(quarter('2026-10-09')).toEqual([`${HOSPITAL}/2026-10 3 index`]);
    expect(quarter('2026-10-10')).toEqual([`${HOSPITAL}/2026-10 3 index`, `${QUARTER} index`]);
  });

  test('the next midnight may withdraw, since another day is allowed', () => {
    const timeline = spent(budget(house(), 9_200_000), DAY, 1_500_001);
    expect(told(timeline, on(DAY, '23:50:00'))).toEqual([`${MONTH} index`]);
    const last = timeline.findings(on('2026-11-16', '00:20:00')).at(-1);
    expect(last).toMatchObject({ action: 'withdraw', facts: { as_of: '2026-11-16' } });
  });

  test('a closed month is judged as complete, also by what comes after', () => {
    const closed = () => spent(budget(house(), 9_200_000), '2026-11-30', 3_000_000);
    expect(told(closed(), on('2026-12-20'))).toEqual([]);
    const late = spent(closed(), '2026-11-29', 1, {}, (on('2026-12-10') - on('2026-11-29')) / 1000);
    expect(told(late, on('2026-12-20'))).toEqual([`${MONTH} index`]);
  });

  test('a complete February has the whole February of a leap year for its base', () => {
    const timeline = new Timeline([detector], HOSPITAL).ticking(3600);
    timeline.at(on('2024-01-01'), 'institution', { category: 'hospital' });
    spent(timeline, '2024-02-27', 100, {}, 1);
    for (const date of ['2024-02-28', '2024-02-29']) spent(timeline, date, 500_000, {}, 1);
    const year = spent(timeline, '2025-02-27', 1_000_000, {}, 1);
    expect(told(year, on('2025-02-27', '13:00:00'))).toContain(`${HOSPITAL}/2025-02 3 last_year`);
    expect(told(year, on('2025-02-28', '13:00:00'))).not.toContain(`${HOSPITAL}/2025-02 3 last_year`);
  }, 30_000);
});

describe('what is counted', () => {
  test('reversals are netted on their own day, and a repeat counts once', () => {
    const timeline = spent(budget(house(), 9_200_000), DAY, 1_600_000);
    timeline.at(on(DAY, '14:00:00'), 'reversal', { settlementId: 'R', originalId: 'x', fund: -200_000 });
    expect(told(timeline, until)).toEqual([`${MONTH} index`]);
    expect(told(timeline, on(DAY, '15:00:00'))).toEqual([]);
    const sale = { settlementId: 'SX', eventId: 'SX', fund: 800_000 };
    const twice = budget(house(), 9_200_000).at(on(DAY), 'settlement', sale).at(on(DAY), 'settlement', sale, 9);
    expect(told(twice, until)).toEqual([]);
  });

  test('figures of a standing alert end exact', () => {
    const timeline = spent(budget(house(), 9_200_000), DAY, 2_000_000);
    for (let i = 1; i <= 5; i++) spent(timeline, DAY, i, {}, 60 + i);
    const findings = timeline.ticking(60).findings(on(DAY, '13:00:00'));
    expect(findings.at(-1)?.facts.spend).toBe('20000.15');
    expect(findings.length).toBeLessThan(4);
  });
});

describe('the final state', () => {
  const world = (late: readonly number[]) => {
    serial = 0;
    const timeline = new Timeline([detector], HOSPITAL).ticking(300);
    const from = on('2026-11-15', '08:00:00');
    const by = (date: number, i: number) => (from - date) / 1000 + (late[i] as number);
    const was = on('2023-01-01');
    timeline.at(was, 'institution', { category: 'hospital' }, by(was, 0));
    const dates = ['2025-10-10', '2025-11-03', '2025-11-15', '2025-11-16', '2026-10-09', '2026-11-02', '2026-11-14'];
    for (const [i, date] of dates.entries()) spent(timeline, date, 1_000_000 + i, {}, by(on(date), 1 + i));
    for (const [i, index] of [9_200_000, 4_000_000, 5_000_000].entries()) {
      const at = on(`2026-10-0${[3, 1, 2][i]}`);
      timeline.at(at, 'budget', { year: 2026, quarter: 4, amount: 1, cold: { index } }, by(at, 8 + i));
    }
    const reversal = on('2026-11-02');
    return timeline.at(reversal, 'reversal', { originalId: 'S5', settlementId: 'R', fund: -5 }, by(reversal, 11));
  };
  const final = (timeline: Timeline) => timeline.standing(on('2026-11-15', '10:30:00'));

  test('is the same in any order of arrival, and after a restart', () => {
    const expected = final(world(Array.from({ length: 12 }, () => 1)));
    expect(expected.map(({ subject, facts }) => [subject, facts.above])).toEqual([
      [`${HOSPITAL}/2026-10`, ['last_year']],
      [`${HOSPITAL}/2026-11`, ['index', 'last_year']],
      [`${HOSPITAL}/2026Q4`, ['last_year']],
    ]);
    const lateness = fc.array(fc.integer({ min: 1, max: 3600 }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(lateness, fc.integer({ min: 0, max: 5400 }), (late, restart) => {
        expect(final(world(late))).toEqual(expected);
        expect(final(world(late).restarted(on('2026-11-15', '08:00:00') + restart * 1000))).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  test('findings are the same with and without a restart', () => {
    const story = () => {
      serial = 0;
      const timeline = spent(budget(house(), 9_200_000), '2026-11-14', 1_500_001);
      return spent(timeline, DAY, 100_000);
    };
    const end = on('2026-11-17');
    expect(story().restarted(on('2026-11-14', '12:20:00')).restarted(on(DAY, '12:05:00')).findings(end)).toEqual(
      story().findings(end),
    );
  });
});
