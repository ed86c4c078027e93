// night-settlement as timelines: whose hours, how far outside, which of the night, and that the order of arrival decides nothing.
import { Timeline } from '@yunjian/detection';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detector } from './index.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const CLOSING = Date.parse('2026-11-20T22:00:00+08:00');
const shop = (openHours: unknown = '08:00-22:00', fields: Record<string, unknown> = {}) =>
  new Timeline([detector]).at('05:00:00', 'institution', { cold: { openHours }, ...fields });
const sold = (timeline: Timeline, at: string | number, fields: Record<string, unknown> = {}, late = 1) =>
  timeline.at(at, 'settlement', { settlementId: 'S1', ...fields }, late);
const standing = (timeline: Timeline, until: string | number = CLOSING + 16 * HOUR) =>
  timeline
    .ticking(300)
    .standing(until)
    .map(({ subject, level }) => `${subject} ${level}`);
const RAISED = ['S1 4'];

describe('opening hours', () => {
  test.each([
    ['within', '08:00-22:00', '12:00:00', []],
    ['15 minutes after closing', '08:00-22:00', '22:15:00', []],
    ['a second more', '08:00-22:00', '22:15:01', RAISED],
    ['15 minutes before opening', '08:00-22:00', '07:45:00', []],
    ['a second earlier', '08:00-22:00', '07:44:59', RAISED],
    ['over midnight, within', '20:00-04:00', '23:59:00', []],
    ['over midnight, outside', '20:00-23:50', '23:59:59', []],
    ['until midnight, a quarter past', '08:00-24:00', CLOSING + 2.25 * HOUR, []],
    ['until midnight, later', '08:00-24:00', CLOSING + 2.25 * HOUR + 1000, RAISED],
    ['round the clock', '00:00-24:00', '23:30:00', []],
    ['with a break at noon, within the grace', '08:00-12:00,14:00-18:00', '12:15:00', []],
    ['with a break at noon, outside', '08:00-12:00,14:00-18:00', '13:00:00', RAISED],
    ['none, before 23:00', null, '22:59:59', []],
    ['none, at 23:00', null, '23:00:00', RAISED],
    ['none, before 06:00', null, CLOSING + 8 * HOUR - 1000, RAISED],
    ['none, at 06:00', null, CLOSING + 8 * HOUR, []],
    ['that cannot be read', 'ask inside', '23:30:00', RAISED],
  ])('%s', (_name, hours, at, expected) => {
    expect(standing(sold(shop(hours), at))).toEqual(expected);
  });

  test.each([
    ['of a hospital', { category: 'hospital' }, {}, []],
    ['of a clinic', { category: 'clinic' }, {}, RAISED],
    ['for an emergency', {}, { medicalType: '13' }, []],
  ])('%s', (_name, institution, settlement, expected) => {
    expect(standing(sold(shop('08:00-22:00', institution), '23:00:00', settlement))).toEqual(expected);
  });

  test('nobody registered say nothing; a registration that comes late judges again, both ways', () => {
    const bare = () => sold(new Timeline([detector]), '22:30:00');
    const cold = (openHours: string) => ({ cold: { openHours } });
    expect(standing(bare())).toEqual([]);
    expect(standing(bare().at('06:00:00', 'institution', cold('08:00-22:00'), 61_200))).toEqual(RAISED);
    expect(standing(bare().at('22:30:01', 'institution', cold('08:00-22:00')))).toEqual([]);
    const told = () => sold(shop(), '22:30:00');
    expect(standing(told().at('06:00:00', 'institution', cold('08:00-23:00'), 61_200))).toEqual([]);
  });

  test('are in the facts, with how far outside it was', () => {
    expect(sold(shop(), '22:40:30').ticking(60).findings('23:00:00')).toMatchObject([
      {
        level: 4,
        subject: { kind: 'settlement', ref: 'S1' },
        facts: { open_hours: '08:00-22:00', minutes_outside: 40, night_of: '2026-11-20', place_in_night: 1 },
        evidence: [{ kind: 'settlement', ref: 'S1' }],
      },
    ]);
  });
});

describe('a night', () => {
  const night = (minutes: readonly number[], late: readonly number[] = []) => {
    const story = shop();
    for (const [i, minute] of minutes.entries())
      sold(story, CLOSING + minute * 60_000, { settlementId: `S${i + 1}` }, late[i] ?? 1);
    return story;
  };

  test('of two is mild, from the third on it is graver, over midnight too', () => {
    expect(standing(night([30, 60]))).toEqual(['S1 4', 'S2 4']);
    expect(standing(night([30, 60, 180, 200]))).toEqual(['S1 4', 'S2 4', 'S3 3', 'S4 3']);
  });

  test('is another after noon', () => {
    expect(standing(night([30, 60, 24 * 60 + 30]), CLOSING + 2 * DAY)).toEqual(['S1 4', 'S2 4', 'S3 4']);
  });

  test('whose first comes last moves the others', () => {
    expect(standing(night([30, 60, 90], [14_400, 1, 1]))).toEqual(['S1 4', 'S2 4', 'S3 3']);
  });

  test('that arrives backwards tells each of them three times at most: once for each of the places that differ', () => {
    const many = Array.from({ length: 40 }, (_, i) => i);
    const story = night(
      many.map((i) => 30 + i),
      many.map((i) => 14_400 - i * 120),
    );
    const told = Map.groupBy(story.ticking(30).findings(CLOSING + 8 * HOUR), ({ subject }) => subject.ref);
    expect(told.size).toBe(many.length);
    expect(Math.max(...[...told.values()].map((each) => each.length))).toBe(3);
    expect(told.get('S40')?.map(({ facts }) => facts.place_in_night)).toEqual([1, 2, '3+']);
  });

  test('loses one that is reversed in the same second, through restarts', () => {
    const story = night([30, 60, 90])
      .restarted(CLOSING + 2 * HOUR)
      .at(CLOSING + 30 * 60_000, 'reversal', { settlementId: 'R1', originalId: 'S1' }, 10_800);
    expect(standing(story)).toEqual(['S2 4', 'S3 4']);
  });

  test('of which one was reversed later stays, and says so', () => {
    const story = night([30]).at('22:30:01', 'reversal', { settlementId: 'R1', originalId: 'S1' }, 3 * 86_400);
    expect(story.ticking(600).standing(CLOSING + 4 * DAY)).toMatchObject([
      { subject: 'S1', facts: { reversed_by: 'R1' } },
    ]);
  });
});

test('whatever the order of arrival, the same stands at the end', () => {
  const late = fc.tuple(fc.integer({ min: 0, max: 36_000 }), fc.integer({ min: 0, max: 36_000 }));
  const sale = fc.record({
    minute: fc.integer({ min: -30, max: 200 }),
    medicalType: fc.constantFrom('41', '13'),
    back: fc.option(fc.integer({ min: 0, max: 1 })),
    late,
    other: late,
  });
  fc.assert(
    fc.property(fc.array(sale, { maxLength: 7 }), late, (sales, registered) => {
      const run = (pick: 0 | 1) => {
        const cold = { openHours: '08:00-22:30' };
        const story = shop()
          .at('06:00:00', 'institution', { cold }, 54_000 + registered[pick])
          .ticking(600);
        for (const [i, { minute, medicalType, back, late, other }] of sales.entries()) {
          const at = CLOSING + minute * 60_000;
          sold(story, at, { settlementId: `S${i}`, medicalType }, late[pick]);
          if (back !== null)
            story.at(at + back * 1000, 'reversal', { settlementId: `R${i}`, originalId: `S${i}` }, other[pick]);
        }
        return story.standing(CLOSING + 16 * HOUR);
      };
      expect(run(0)).toEqual(run(1));
    }),
    { numRuns: 60 },
  );
});
