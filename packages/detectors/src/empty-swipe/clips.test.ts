// The clips that an empty swipe cites: those of readings that showed nobody, at its counter, nearest to it; kept while it stands.
import { Timeline } from '@yunjian/detection';
import { describe, expect, test } from 'vitest';
import { detector } from './index.ts';

const shop = (fields: Record<string, unknown> = {}) =>
  new Timeline([detector]).at('08:00:00', 'institution', fields).beats('09:30:00', '10:30:00');
const settled = (timeline: Timeline = shop(), fields: Record<string, unknown> = {}) =>
  timeline.at('10:00:00', 'settlement', { settlementId: 'S1', ...fields });
/** A reading whose clip is named after its time. */
const filmed = (timeline: Timeline, at: string, persons = 0, fields: Record<string, unknown> = {}, late = 1) => {
  const evidence = { uri: `https://video/${at}`, sha256: `hash ${at}`, startsAt: null, endsAt: null };
  return timeline.at(at, 'presence', { persons, cold: { evidence }, ...fields }, late);
};
const cited = (timeline: Timeline, until: string | number = '10:10:00') =>
  timeline
    .findings(until)
    .map(({ action, evidence }) => [
      action,
      ...evidence.flatMap(({ uri }) => (uri === undefined ? [] : [uri.slice('https://video/'.length)])),
    ]);

test('a clip is cited by the reading’s document, its place and its hash', () => {
  const [finding] = filmed(settled(), '10:00:20').findings('10:10:00');
  expect(finding?.evidence).toEqual([
    { kind: 'settlement', ref: 'S1' },
    { kind: 'clip', of: 'device', ref: 'cam1' },
    { kind: 'clip', ref: expect.any(String), uri: 'https://video/10:00:20', sha256: 'hash 10:00:20' },
  ]);
});

test('the nearest three, one of half a minute, from before and after the settlement, within the window alone', () => {
  const timeline = settled();
  for (const at of ['09:58:50', '09:59:05', '09:59:35', '09:59:50', '10:00:10', '10:00:40', '10:01:05'])
    filmed(timeline, at);
  expect(cited(timeline)).toEqual([['raise', '09:59:35', '10:00:10', '10:00:40']]);
});

describe('not cited', () => {
  test('is a reading without a clip', () => {
    expect(cited(settled().at('10:00:20', 'presence', { persons: 0 }))).toEqual([['raise']]);
  });

  test('is a reading at another counter', () => {
    const counters = [
      { terminal: 'D1', device: 'cam1' },
      { terminal: 'D2', device: 'cam1' },
    ];
    const timeline = filmed(filmed(settled(shop({ counters })), '10:00:20', 0, { terminal: 'D2' }), '10:00:25');
    expect(cited(timeline)).toEqual([['raise', '10:00:25']]);
  });

  test('is what showed somebody', () => {
    const timeline = filmed(filmed(settled(), '10:00:20'), '10:00:35', 1, {}, 300);
    expect(cited(timeline)).toEqual([
      ['raise', '10:00:20'],
      ['withdraw', '10:00:20'],
    ]);
  });
});

test('an alert that is told again cites what it did, long after the clips of its minutes are forgotten, after a restart too', () => {
  const timeline = filmed(settled(), '10:00:20');
  for (let minute = 1; minute < 25; minute++) filmed(timeline, `10:${String(minute).padStart(2, '0')}:30`);
  timeline.at('08:00:01', 'institution', { level: '二级' }, 8_400);
  expect(cited(timeline, '10:28:00')).toEqual([
    ['raise', '10:00:20'],
    ['raise', '10:00:20'],
  ]);
  expect(cited(timeline.restarted('10:15:00'), '10:28:00')).toEqual([
    ['raise', '10:00:20'],
    ['raise', '10:00:20'],
  ]);
});

test('whatever the order in which the readings of some minutes come, the same clips are cited', () => {
  const at = ['09:59:35', '09:59:50', '10:00:10', '10:00:20', '10:00:50'];
  const of = (lateness: readonly number[]) => {
    const timeline = settled();
    for (const [i, each] of at.entries()) filmed(timeline, each, 0, {}, lateness[i]);
    return cited(timeline);
  };
  expect(of([1, 1, 1, 1, 1])).toEqual([['raise', '09:59:35', '10:00:10', '10:00:50']]);
  expect(of([60, 40, 30, 5, 1])).toEqual(of([1, 1, 1, 1, 1]));
});
