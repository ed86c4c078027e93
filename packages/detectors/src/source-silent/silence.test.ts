// source-silent: a camera for 10 minutes, a feed for 30 s; our own standstill is silence of nobody.
import { Timeline } from '@yunjian/detection';
import { describe, expect, test } from 'vitest';
import { detectors } from '../index.ts';

const shop = () => new Timeline(detectors).at('08:00:00', 'institution');
const silent = (timeline: Timeline, until: string) =>
  timeline
    .standing(until)
    .filter(({ detector }) => detector === 'source-silent')
    .map(({ subject }) => subject);
/** Another camera of another institution keeps the surveillance feed speaking. */
const withCity = (timeline: Timeline) => timeline.beats('08:00:00', '10:00:00', { device: 'elsewhere', every: 10 });

describe('a camera', () => {
  test('that is silent for exactly 10 minutes is not yet, a second later it is', () => {
    const timeline = withCity(shop()).beats('08:10:00', '08:30:00');
    expect(silent(timeline, '08:40:01')).toEqual([]);
    expect(silent(timeline, '08:40:03')).toEqual(['cam1']);
  });

  test('that was registered and never spoke is silent too', () => {
    expect(silent(withCity(shop()), '08:09:00')).toEqual([]);
    expect(silent(withCity(shop()), '08:10:05')).toEqual(['cam1']);
  });

  test('that speaks again withdraws with the gap’s length, and is said again under the same id when it falls silent again that day', () => {
    const timeline = withCity(shop()).beats('08:10:00', '08:20:00').beats('08:45:00', '08:50:00');
    const told = timeline.findings('09:30:00').filter(({ subject }) => subject.ref === 'cam1');
    expect(told.map(({ action }) => action)).toEqual(['raise', 'withdraw', 'raise']);
    expect(new Set(told.map(({ alert_id }) => alert_id)).size).toBe(1);
    expect(told[1]?.facts.gap_seconds).toBe(1500);
  });

  test('that is no longer registered is nobody’s silence', () => {
    const timeline = withCity(shop())
      .beats('08:10:00', '08:20:00')
      .at('08:50:00', 'institution', { counters: [], eventId: 'again' });
    expect(silent(timeline, '08:45:00')).toEqual(['cam1']);
    expect(silent(timeline, '09:00:00')).toEqual([]);
  });

  test('that is registered elsewhere is no longer the silence of where it was, and of where it is only if it goes on', () => {
    const moved = withCity(shop())
      .beats('08:10:00', '08:20:00')
      .at('08:50:00', 'institution', {
        institution: 'P32110000002',
        counters: [{ terminal: 'D1', device: 'cam1' }],
        eventId: 'moved',
      });
    const told = (until: string) => moved.findings(until).map(({ action, fixmedins_code }) => [action, fixmedins_code]);
    expect(told('08:59:00')).toEqual([
      ['raise', 'P32110000001'],
      ['withdraw', 'P32110000001'],
    ]);
    expect(told('09:05:00').slice(2)).toEqual([['raise', 'P32110000002']]);
  });

  test('is not silent while we read nothing', () => {
    const timeline = withCity(shop()).beats('08:10:00', '09:30:00').stalled('surveillance', '08:30:00', '09:00:00');
    expect(timeline.findings('09:30:00').filter(({ detector }) => detector === 'source-silent')).toEqual([]);
  });
});

describe('a feed', () => {
  test('that has been silent for more than 30 s while its ticks go on is said, and withdrawn with the gap', () => {
    const timeline = shop()
      .at('08:10:00', 'settlement', { settlementId: 'S1' })
      .at('08:12:00', 'settlement', { settlementId: 'S2' });
    expect(silent(timeline, '08:10:31')).not.toContain('feed/settlement');
    expect(silent(timeline, '08:10:33')).toContain('feed/settlement');
    const back = timeline
      .findings('08:12:05')
      .filter(({ subject, action }) => subject.ref === 'feed/settlement' && action === 'withdraw');
    expect(back.map(({ facts, fixmedins_code }) => [facts.gap_seconds, fixmedins_code])).toEqual([[120, null]]);
  });

  test('that never spoke is not called silent', () => {
    expect(silent(shop(), '09:00:00')).not.toContain('feed/trace');
  });
});
