// source-silent for institutions: its own habit, at least 2 hours, within opening hours; a feed's silence is nobody's.
import { Timeline } from '@yunjian/detection';
import { describe, expect, test } from 'vitest';
import { detector } from './index.ts';

const at = (date: string, time: string) => Date.parse(`${date}T${time}+08:00`);
const SHOP = 'P32110000001';
const OTHER = 'P32110000002';
const MINUTE = 60_000;
const HOURS = '08:00-20:00';

/** A registered shop, and another one that keeps the feed speaking round the clock. */
const shop = (openHours: unknown = HOURS, from = at('2026-11-20', '06:00:00'), to = at('2026-11-20', '23:59:00')) => {
  const timeline = new Timeline([detector], SHOP).ticking(20);
  timeline.at(from, 'institution', { counters: [], cold: { openHours } });
  for (let t = from; t < to; t += 25_000) timeline.at(t, 'settlement', { settlementId: `o-${t}`, institution: OTHER });
  return timeline;
};
const settle = (timeline: Timeline, when: number | string, fields = {}) =>
  timeline.at(typeof when === 'string' ? at('2026-11-20', when) : when, 'settlement', {
    settlementId: `s-${when}`,
    ...fields,
  });
/** So many settlements, one each so many minutes, from a time on. */
const busy = (timeline: Timeline, from: string, count: number, minutes = 1) => {
  for (let i = 0; i < count; i++) settle(timeline, at('2026-11-20', from) + i * minutes * MINUTE);
  return timeline;
};
const told = (timeline: Timeline, until: number) =>
  timeline.findings(until).filter(({ fixmedins_code }) => fixmedins_code === SHOP);
const silent = (timeline: Timeline, until: string) =>
  timeline
    .standing(at('2026-11-20', until))
    .filter(({ facts }) => facts.source === 'institution')
    .map(({ subject, level }) => `${subject} ${level}`);
/** The same over the next morning. */
const overnight = (openHours = HOURS, from = '18:00:00') =>
  shop(openHours, at('2026-11-20', from), at('2026-11-21', '10:00:00'));
const SILENT = [`${SHOP}/2026-11-20 3`];

describe('an institution', () => {
  // 31 settlements, a minute apart, the last at 09:30:01 by arrival.
  const usual = (openHours?: unknown) => busy(shop(openHours), '09:00:00', 31);

  test('that settles nothing for exactly 2 hours is not yet silent, 20 seconds later it is', () => {
    expect(silent(usual(), '11:30:00')).toEqual([]);
    expect(silent(usual(), '11:30:40')).toEqual(SILENT);
  });

  test('that was never registered, or of which too few gaps are known, is not spoken of', () => {
    expect(silent(busy(shop(), '09:00:00', 30), '19:00:00')).toEqual([]);
    const unknown = busy(new Timeline([detector], SHOP).ticking(60), '09:00:00', 40);
    settle(unknown, '18:59:50', { institution: OTHER });
    expect(silent(unknown, '19:00:00')).toEqual([]);
  });

  test('is told with what is usual, and withdrawn with the gap’s length when it speaks again', () => {
    const timeline = settle(usual(), '13:00:00');
    const [raised, withdrawn, ...more] = told(timeline, at('2026-11-20', '14:00:00'));
    expect(more).toEqual([]);
    expect(raised).toMatchObject({
      action: 'raise',
      fixmedins_code: SHOP,
      facts: { silent_since: '2026-11-20T09:30:01+08:00', limit_seconds: 7200, habit_gaps: 30, open_hours: HOURS },
      evidence: [{ kind: 'settlement', ref: `s-${at('2026-11-20', '09:30:00')}` }],
    });
    expect(withdrawn).toMatchObject({
      action: 'withdraw',
      alert_id: raised?.alert_id,
      facts: { gap_seconds: 12_600, open_gap_seconds: 12_600 },
    });
  });

  test('speaks by a reversal as well', () => {
    const timeline = usual().at(at('2026-11-20', '11:00:00'), 'reversal', { settlementId: 'R', originalId: 'x' });
    expect(silent(timeline, '12:50:00')).toEqual([]);
    expect(silent(timeline, '13:01:00')).toEqual(SILENT);
  });
});

describe('its habit', () => {
  test('of longer gaps is its limit: as long as the longest of few, and up to a tenth more', () => {
    const slow = busy(busy(shop(), '08:00:00', 60, 0.5), '08:31:00', 3, 180);
    // Gaps of 3 h before 14:31; then silence: 3 h say nothing, 3 h and a fifth do.
    expect(silent(slow, '17:31:00')).toEqual([]);
    expect(silent(slow, '18:10:00')).toEqual(SILENT);
  });

  test('of which few gaps are known is at least what chance would have it: seven times the mean', () => {
    const seldom = busy(shop('06:00-23:00'), '06:00:00', 37, 20);
    // 20 minutes on average, the last at 18:00: 2 h 18 min.
    expect(silent(seldom, '20:17:00')).toEqual([]);
    expect(silent(seldom, '20:20:00')).toEqual(SILENT);
  });

  test('of one long gap in more than a thousand is not', () => {
    const often = shop();
    for (let i = 0; i < 1200; i++) settle(often, at('2026-11-20', '06:00:00') + i * 4000);
    settle(settle(often, '11:00:00'), '11:01:00');
    expect(silent(often, '13:00:50')).toEqual([]);
    expect(silent(often, '13:01:50')).toEqual(SILENT);
  });
});

describe('opening hours', () => {
  test('alone count, over the night and over lunch', () => {
    const evening = busy(overnight(), '18:30:00', 31);
    const [first] = told(evening, at('2026-11-21', '10:00:00'));
    expect(first?.facts.silent_since).toBe('2026-11-20T19:00:01+08:00');
    // 1 hour until closing, 1 more from 08:00 on.
    expect(told(evening, at('2026-11-21', '08:59:40'))).toEqual([]);
    expect(told(evening, at('2026-11-21', '09:00:40'))).toHaveLength(1);
    const lunch = busy(shop('08:00-12:00,14:00-20:00'), '11:00:00', 31);
    expect(silent(lunch, '15:29:40')).toEqual([]);
    expect(silent(lunch, '15:30:40')).toEqual(SILENT);
  });

  test('that are not registered are those of the day', () => {
    expect(silent(busy(shop(null), '21:30:00', 31), '23:59:00')).toEqual([]);
    expect(silent(busy(shop(null), '20:00:00', 31), '22:31:00')).toEqual(SILENT);
  });

  test('at night are nobody’s habit, where there are others', () => {
    const hospital = busy(overnight('00:00-24:00'), '21:00:00', 31);
    expect(told(hospital, at('2026-11-21', '06:29:40'))).toEqual([]);
    expect(told(hospital, at('2026-11-21', '06:30:40'))).toHaveLength(1);
    expect(silent(busy(shop('20:00-23:00,23:30-03:00'), '20:01:00', 31), '22:35:00')).toEqual(SILENT);
    const nightly = overnight('23:30-03:00', '22:00:00');
    for (let i = 0; i < 31; i++) settle(nightly, at('2026-11-20', '23:31:00') + i * MINUTE);
    expect(told(nightly, at('2026-11-21', '02:02:00'))).toHaveLength(1);
  });

  test('may change while it is silent', () => {
    const shorter = busy(shop(), '09:00:00', 31).at(at('2026-11-20', '10:00:00'), 'institution', {
      counters: [],
      cold: { openHours: '08:00-10:00' },
    });
    expect(silent(shorter, '19:00:00')).toEqual([]);
  });
});

describe('nobody’s silence', () => {
  test('is what we do not read', () => {
    const timeline = settle(busy(shop(), '09:00:00', 31), '11:29:00').stalled('settlement', '10:00:00', '12:30:00');
    expect(told(timeline, at('2026-11-20', '13:00:00'))).toEqual([]);
  });

  test('is the feed’s own: it is counted from when that speaks again', () => {
    const timeline = busy(shop(HOURS, at('2026-11-20', '08:00:00'), at('2026-11-20', '10:00:00')), '09:00:00', 31);
    for (let t = at('2026-11-20', '13:00:00'); t < at('2026-11-20', '16:00:00'); t += 25_000)
      settle(timeline, t, { institution: OTHER, settlementId: `o-${t}` });
    expect(silent(timeline, '14:59:00')).toEqual([]);
    expect(silent(timeline, '15:01:00')).toEqual(SILENT);
  });

  test('but of an only institution it is its own', () => {
    const alone = busy(new Timeline([detector], SHOP).ticking(20), '09:00:00', 31);
    alone.at(at('2026-11-20', '08:00:00'), 'institution', { counters: [], cold: { openHours: HOURS } });
    expect(silent(alone, '11:31:00')).toEqual(SILENT);
  });
});

test('findings are the same with and without a restart', () => {
  const story = () => settle(busy(shop(), '09:00:00', 31), '13:00:00');
  const end = at('2026-11-20', '16:00:00');
  expect(story().restarted(at('2026-11-20', '09:10:10')).restarted(at('2026-11-20', '10:00:00')).findings(end)).toEqual(
    story().findings(end),
  );
});
