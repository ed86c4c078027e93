// Which counter a check, a camera and a settlement belong to, by the registration that counts for the settlement; and what a reversal adds
// to all that stands of it.
import { Timeline } from '@yunjian/detection';
import { describe, expect, test } from 'vitest';
import { detector as mismatch } from '../identity-mismatch/index.ts';
import { detector as unavailable } from '../verification-unavailable/index.ts';
import { detector as missing } from './index.ts';

const DETECTORS = [missing, mismatch, unavailable];
const MISSING = ['identity-check-missing S1 2'];
const UNAVAILABLE = ['verification-unavailable S1 3'];
const D1 = { terminal: 'D1', device: 'cam1' };
const D2 = { terminal: 'D2', device: 'cam1' };

const registered = (counters: readonly { terminal: string | null; device: string | null }[]) =>
  new Timeline(DETECTORS).at('08:00:00', 'institution', { counters });
const alive = (timeline: Timeline, ...devices: string[]) => {
  for (const device of devices) timeline.beats('09:40:00', '10:20:00', { device });
  return timeline;
};
const settled = (timeline: Timeline, fields: Record<string, unknown> = {}) =>
  timeline.at('10:00:00', 'settlement', { settlementId: 'S1', ...fields });
const checked = (timeline: Timeline, fields: Record<string, unknown> = {}) =>
  timeline.at('09:59:00', 'identityCheck', { person: 'p1', ...fields });
const standing = (timeline: Timeline, until = '10:30:00') =>
  timeline.standing(until).map(({ detector, subject, level }) => `${detector} ${subject} ${level}`);

describe('a camera over two terminals', () => {
  const shared = () => alive(registered([D1, D2]), 'cam1');
  test.each(['D1', 'D2', null])('sees the check of a settlement at either: %s', (terminal) => {
    expect(standing(checked(settled(shared(), { terminal })))).toEqual([]);
  });
  test('sees it at the one that the check names', () => {
    expect(standing(checked(settled(shared()), { terminal: 'D2' }))).toEqual(MISSING);
  });
  test('sees somebody else at either', () => {
    expect(standing(checked(settled(shared(), { terminal: 'D2' }), { person: 'p2' }))).toEqual([
      ...MISSING,
      'identity-mismatch S1 1',
    ]);
  });
});

describe('two cameras over one terminal', () => {
  const two = [D1, { terminal: 'D1', device: 'cam2' }];
  test('must both have been alive', () => {
    expect(standing(settled(alive(registered(two), 'cam1', 'cam2')))).toEqual(MISSING);
    expect(standing(settled(alive(registered(two), 'cam1')))).toEqual(UNAVAILABLE);
  });
  test('may either have seen the check', () => {
    expect(standing(checked(settled(alive(registered(two), 'cam1', 'cam2')), { device: 'cam2' }))).toEqual([]);
  });
});

describe('a terminal without a camera', () => {
  const bare = () => alive(registered([D1, { terminal: 'D2', device: null }]), 'cam1');
  test('is outside video supervision, alive or not', () => {
    expect(standing(settled(bare(), { terminal: 'D2' }))).toEqual([]);
    expect(standing(settled(registered([{ terminal: 'D1', device: null }])))).toEqual([]);
    expect(standing(settled(registered([]), { terminal: null }))).toEqual([]);
  });
  test('is none that a settlement without a terminal waits for', () => {
    expect(standing(settled(bare(), { terminal: null }))).toEqual(MISSING);
  });
});

describe('a camera that moves', () => {
  const moving = (timeline: Timeline, time: string, late = 1) =>
    timeline.at(
      time,
      'institution',
      {
        counters: [
          { terminal: 'D2', device: 'cam1' },
          { terminal: 'D1', device: 'cam2' },
        ],
        eventId: 'moved',
      },
      late,
    );
  const still = () => registered([D1, { terminal: 'D2', device: 'cam2' }]);
  const moved = (time: string) => moving(alive(still(), 'cam1', 'cam2'), time);
  test('is where the registration says that counts for the settlement', () => {
    expect(standing(checked(settled(moved('10:00:00')), { device: 'cam1' }))).toEqual(MISSING);
    expect(standing(checked(settled(moved('10:00:00')), { device: 'cam2' }))).toEqual([]);
    expect(standing(checked(settled(moved('10:00:01')), { device: 'cam1' }))).toEqual([]);
  });
  test.each([1, 1200])('is named by what stands, and so is who was seen there, told %i s later', (late) => {
    const watched = settled(moving(alive(still(), 'cam1', 'cam2'), '09:58:00', late));
    const seen = checked(checked(watched, { device: 'cam1', person: 'p9' }), { device: 'cam2', person: 'p8' });
    expect(seen.standing('10:30:00').map(({ detector, facts }) => [detector, facts.cameras, facts.seen])).toMatchObject(
      [
        ['identity-check-missing', ['cam2'], undefined],
        ['identity-mismatch', ['cam2'], [{ person: 'p8' }]],
      ],
    );
    const unwatched = settled(moving(still(), '09:58:00', late));
    expect(unwatched.standing('10:30:00')[0]?.facts.cameras).toEqual(['cam2']);
  });
});

test('an e-voucher order without a terminal gets no claim, not even that nothing can be told', () => {
  expect(standing(settled(registered([D1]), { terminal: null, certificate: '01' }))).toEqual([]);
  expect(standing(settled(registered([D1]), { certificate: '01' }))).toEqual(UNAVAILABLE);
});

test('a check at a camera that is not registered may be anywhere', () => {
  expect(standing(checked(settled(alive(registered([D1]), 'cam1')), { device: 'cam9' }))).toEqual([]);
});

test('a reversal after the deadline is told with the mismatch as well, whenever it is known', () => {
  const reversed = (late: number) =>
    checked(settled(alive(registered([D1]), 'cam1')), { result: 'failed' }).at(
      '10:02:01',
      'reversal',
      { settlementId: 'R1', originalId: 'S1' },
      late,
    );
  for (const late of [1, 900]) {
    const told = reversed(late).standing('10:30:00');
    expect(told.map(({ detector, facts }) => [detector, facts.reversed_by])).toEqual([
      ['identity-check-missing', 'R1'],
      ['identity-mismatch', 'R1'],
    ]);
  }
  expect(reversed(900).standing('10:15:00')[1]?.facts.reversed_by).toBeUndefined();
});

test('a check at another terminal is counted by the mismatch as well, whenever it comes', () => {
  for (const late of [1, 900]) {
    const story = checked(settled(alive(registered([D1]), 'cam1')), { person: 'p9' }).at(
      '09:58:00',
      'identityCheck',
      { person: 'p8', terminal: 'D2', device: 'cam2' },
      late,
    );
    expect(story.standing('10:30:00').map(({ facts }) => facts.checks_in_window)).toEqual([2, 2]);
  }
});

test('a claim names the mismatch under it, and both go together', () => {
  const story = settled(alive(registered([D1]), 'cam1'))
    .at('09:58:00', 'identityCheck', { person: 'p1', result: 'failed' })
    .at('10:01:00', 'reversal', { settlementId: 'R1', originalId: 'S1' }, 600);
  const told = (detector: string) => story.findings('11:00:00').filter((one) => one.detector === detector);
  expect(told('identity-check-missing').map(({ action }) => action)).toEqual(['raise', 'withdraw']);
  expect(told('identity-mismatch').map(({ action }) => action)).toEqual(['raise', 'withdraw']);
  expect(told('identity-check-missing')[0]?.facts.under).toBe(told('identity-mismatch')[0]?.alert_id);
});
