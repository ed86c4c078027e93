// More rows of the truth tables of absence: boundaries to the millisecond, checks that come twice, feeds that stand still, cameras whose
// records come hours apart, registrations that come late. absence.test.ts has the others.
import { Timeline } from '@yunjian/detection';
import { describe, expect, test } from 'vitest';
import { detector as mismatch } from '../identity-mismatch/index.ts';
import { detector as unavailable } from '../verification-unavailable/index.ts';
import { detector as missing } from './index.ts';

const DETECTORS = [missing, mismatch, unavailable];
const DAY = '2026-11-20T';
const at = (time: string) => Date.parse(`${DAY}${time}+08:00`);

const registered = (fields = {}) => new Timeline(DETECTORS).at('08:00:00', 'institution', fields);
const shop = (from = '09:40:00', to = '10:20:00') => registered().beats(from, to);
const settled = (timeline: Timeline, fields: Record<string, unknown> = {}, late = 1) =>
  timeline.at('10:00:00', 'settlement', { settlementId: 'S1', ...fields }, late);
const standing = (timeline: Timeline, until = '10:30:00') =>
  timeline.standing(until).map(({ detector, subject, level }) => `${detector} ${subject} ${level}`);
/** What was said, in order: `+` raised or amended, `-` withdrawn. */
const said = (timeline: Timeline, until = '10:40:00') =>
  timeline.findings(until).map(({ action, detector }) => `${action === 'raise' ? '+' : '-'} ${detector}`);
const MISSING = ['identity-check-missing S1 2'];
const UNAVAILABLE = ['verification-unavailable S1 3'];

describe('the boundary', () => {
  test.each([
    ['10 minutes before, to the millisecond', '09:50:00.000', []],
    ['a millisecond more than 10 minutes before', '09:49:59.999', MISSING],
    ['2 minutes after, to the millisecond', '10:02:00.000', []],
    ['a millisecond more than 2 minutes after', '10:02:00.001', MISSING],
  ] as const)('a check %s', (_name, time, expected) => {
    expect(standing(settled(shop()).at(at(time), 'identityCheck', { person: 'p1' }))).toEqual(expected);
  });
});

describe('a check', () => {
  const two = () => settled(shop()).at('10:01:00', 'settlement', { settlementId: 'S2', person: 'p2' });

  test('that names nobody comes twice, as two checks: both settlements are covered', () => {
    const twice = two()
      .at('09:58:00', 'identityCheck', { eventId: 'one' })
      .at('10:00:30', 'identityCheck', { eventId: 'other' });
    expect(standing(twice)).toEqual([]);
  });

  test('that is sent twice, as one document, covers one settlement', () => {
    const again = two()
      .at('09:58:00', 'identityCheck', { eventId: 'one' })
      .at('09:58:00', 'identityCheck', { eventId: 'one' }, 30);
    expect(standing(again)).toEqual(['identity-check-missing S2 2']);
  });

  test('of a person covers no settlement of another that is as near', () => {
    expect(standing(two().at('10:00:30', 'identityCheck', { person: 'p2' }))).toEqual(MISSING);
  });

  test('at another terminal covers nothing', () => {
    expect(standing(settled(shop()).at('09:59:00', 'identityCheck', { person: 'p1', terminal: 'D2' }))).toEqual(
      MISSING,
    );
  });

  test('that comes late withdraws what could not be told as well', () => {
    const dark = settled(registered()).at('09:59:00', 'identityCheck', { person: 'p1' }, 1200);
    expect(standing(dark, '10:15:00')).toEqual(UNAVAILABLE);
    expect(standing(dark, '10:25:00')).toEqual([]);
  });

  test('that touches the window as it closes puts the judgement off', () => {
    const touched = settled(shop()).at('10:01:30', 'identityCheck', { person: 'p1', result: 'skipped' }, 38);
    expect(standing(touched, '10:02:18')).toEqual([]);
    expect(standing(touched, '10:02:20')).toEqual(MISSING);
  });
});

describe('the camera is silent', () => {
  test('after the window only: it has told what we need', () => {
    expect(standing(settled(shop('09:40:00', '10:02:00')))).toEqual(MISSING);
  });

  test('from before the window’s end on: said once 90 s have passed since its last record, and the window', () => {
    const silent = settled(shop('09:40:00', '10:01:00'));
    expect(standing(silent, '10:03:30')).toEqual([]);
    expect(standing(silent, '10:03:32')).toEqual(UNAVAILABLE);
  });

  test('as long as its records may only be under way: it speaks on, from long ago', () => {
    const behind = settled(registered().beats('09:40:00', '10:20:00', { late: 900 }));
    expect(standing(behind, '10:16:50')).toEqual([]);
    expect(standing(behind, '10:17:30')).toEqual(MISSING);
    expect(said(behind)).toEqual(['+ identity-check-missing']);
  });

  test('and its records come late: what could not be told becomes the claim, 10 s behind them', () => {
    const gone = settled(registered().beats('09:40:00', '09:49:00'));
    for (let t = at('09:49:20'); t <= at('10:02:00'); t += 20_000)
      gone.at(t, 'heartbeat', { eventId: `late-${t}` }, (at('10:10:00') - t) / 1000);
    expect(standing(gone, '10:10:10')).toEqual(UNAVAILABLE);
    expect(standing(gone, '10:10:12')).toEqual(MISSING);
  });
});

describe('nothing is claimed while', () => {
  test.each(['surveillance', 'settlement'] as const)('the router reads nothing of the %s feed', (feed) => {
    const away = settled(shop('09:40:00', '10:40:00')).stalled(feed, '10:01:00', '10:25:00');
    expect(standing(away, '10:24:59')).toEqual([]);
    expect(standing(away, '10:40:00')).toEqual(MISSING);
    expect(said(away)).toEqual(['+ identity-check-missing']);
  });

  test('registrations are not read up to the settlement’s arrival', () => {
    const away = settled(shop()).stalled('reference', '09:59:00', '10:10:00');
    expect(standing(away, '10:09:59')).toEqual([]);
    expect(standing(away, '10:10:02')).toEqual(MISSING);
  });

  test('the router is away altogether; a check that waits meanwhile is read first', () => {
    const away = settled(shop('09:40:00', '10:40:00')).at('10:01:30', 'identityCheck', { person: 'p1' });
    for (const feed of ['surveillance', 'settlement', 'reference'] as const) away.stalled(feed, '10:01:00', '10:30:00');
    expect(said(away)).toEqual([]);
  });

  test('nor of feeds that are idle, if their clocks go on: one settlement is enough', () => {
    const idle = settled(registered().beats('09:40:00', '10:02:00'));
    expect(standing(idle, '10:02:10')).toEqual([]);
    expect(standing(idle, '10:02:15')).toEqual(MISSING);
  });
});

describe('two devices', () => {
  const counters = [
    { terminal: 'D1', device: 'cam1' },
    { terminal: 'D2', device: 'cam2' },
  ];
  const both = (late: number) =>
    settled(
      registered({ counters }).beats('09:40:00', '10:40:00').beats('09:00:00', '10:40:00', { device: 'cam2', late }),
      { terminal: null },
    );

  test('with records half an hour apart: the claim waits for the one that is behind', () => {
    expect(standing(both(1800), '10:31:50')).toEqual([]);
    expect(standing(both(1800), '10:32:30')).toEqual(MISSING);
    expect(said(both(1800))).toEqual(['+ identity-check-missing']);
  });

  test('of which one runs five minutes fast: no accusation where it is needed, the other terminal is not touched', () => {
    const fast = (terminal: string | null) => {
      const timeline = registered({ counters }).beats('09:40:00', '10:20:00');
      for (let t = at('09:40:00'); t < at('10:20:00'); t += 20_000)
        timeline.at(t, 'heartbeat', { device: 'cam2', eventId: `fast-${t}` }, -290);
      return settled(timeline, { terminal });
    };
    expect(standing(fast(null))).toEqual(UNAVAILABLE);
    expect(standing(fast('D2'))).toEqual(UNAVAILABLE);
    expect(standing(fast('D1'))).toEqual(MISSING);
  });
});

describe('a late settlement', () => {
  test('whose check came in time is covered, whatever has been judged meanwhile', () => {
    const late = settled(shop().at('09:59:00', 'identityCheck', { person: 'p1' }), {}, 3600);
    expect(said(late, '11:10:00')).toEqual([]);
  });

  test('takes a check that names nobody from one that happened after it', () => {
    const late = settled(shop(), {}, 900)
      .at('10:01:00', 'settlement', { settlementId: 'S2' })
      .at('10:00:30', 'identityCheck');
    expect(standing(late, '10:10:00')).toEqual([]);
    expect(standing(late, '10:20:00')).toEqual(['identity-check-missing S2 2']);
  });
});

describe('a reversal after the deadline that comes late', () => {
  test('amends what stands', () => {
    const late = settled(shop()).at('10:05:00', 'reversal', { settlementId: 'R1', originalId: 'S1' }, 900);
    expect(standing(late)).toEqual(MISSING);
    expect(late.standing('10:10:00')[0]?.facts.reversed_by).toBeUndefined();
    expect(late.standing('10:30:00')[0]?.facts.reversed_by).toBe('R1');
  });
});

describe('a registration', () => {
  test('that comes late judges again what was settled under it', () => {
    const late = new Timeline(DETECTORS).at('08:00:00', 'institution', {}, 8400).beats('09:40:00', '10:40:00');
    expect(standing(settled(late), '10:19:00')).toEqual([]);
    expect(standing(settled(late), '10:21:00')).toEqual(MISSING);
  });

  test('that holds from after the settlement on says nothing of it', () => {
    const later = new Timeline(DETECTORS).at('10:00:01', 'institution').beats('09:40:00', '10:20:00');
    expect(standing(settled(later))).toEqual([]);
  });

  test('that takes the camera away with effect before the settlement withdraws the claim', () => {
    const moved = settled(shop()).at('09:30:00', 'institution', { counters: [], eventId: 'moved' }, 2700);
    expect(standing(moved, '10:10:00')).toEqual(MISSING);
    expect(standing(moved, '10:20:00')).toEqual([]);
  });
});
