// Routes and duty rosters.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { notifierEnv } from './env.ts';
import { planOf, readPlan } from './plan.ts';
import { gapsOf, onDuty, recipientsAt, targetsOf } from './routing.ts';
import { NOON, version } from './testing/alerts.ts';

const HOUR = 3_600_000;
const env = notifierEnv.parse({ YJ_SMTP_URL: 'smtp://127.0.0.1:25' });
const given = (routes: unknown[], more: object = {}) =>
  planOf({ channels: { mail: { type: 'smtp' } }, routes, ...more }, env, {}, 'test');

describe('routes', () => {
  test('match by level, detector and district; one target is named once', () => {
    const plan = given([
      { channel: 'mail', to: ['a@x'], levels: [1, 2] },
      { channel: 'mail', to: ['a@x'], levels: [2] },
      { channel: 'mail', to: ['b@x'], districts: ['丹徒区'] },
      { channel: 'mail', to: ['c@x'], detectors: ['quarterly-spend'] },
      { channel: 'mail', to: ['d@x'], districts: ['京口区'], detectors: ['identity-check-missing'] },
    ]);
    expect(targetsOf(plan, version('a', 1, 'raise')).flatMap(({ route }) => route.to)).toEqual(['a@x', 'd@x']);
    expect(targetsOf(plan, version('a', 1, 'raise', { level: 4 }))).toEqual([]);
  });
});

test('the example file is a plan in which somebody is on duty at every hour of the week', () => {
  const example = notifierEnv.parse({
    YJ_NOTIFIER_ROUTES: join(import.meta.dirname, '../routes.example.yaml'),
    YJ_SMTP_URL: 'smtp://127.0.0.1:25',
  });
  const plan = readPlan(example, { YJ_ROBOT_DUTY_ROOM: 'https://robot.example/send?key=k' });
  expect(plan.channels.map(({ name, perMinute }) => [name, perMinute])).toEqual([
    ['mail', 60],
    ['duty-room', 20],
  ]);
  expect(gapsOf(plan.rosters.oncall!)).toEqual([]);
  for (let hour = 0; hour < 7 * 24; hour++)
    expect(onDuty(plan.rosters.oncall!, NOON + hour * HOUR), `hour ${hour}`).toHaveLength(1);
});

describe('a roster', () => {
  const day = { days: ['mon' as const], from: '08:00', until: '20:00', to: ['day@x'] };
  const night = { days: ['mon' as const], from: '20:00', until: '08:00', to: ['night@x', 'day@x'] };

  test.each([
    ['Monday 07:59', -4 * HOUR - 60_000, []],
    ['Monday 08:00', -4 * HOUR, ['day@x']],
    ['Monday 19:59', 8 * HOUR - 1, ['day@x']],
    ['Monday 20:00', 8 * HOUR, ['night@x', 'day@x']],
    ['Tuesday 07:59', 20 * HOUR - 60_000, ['night@x', 'day@x']],
    ['Tuesday 08:00', 20 * HOUR, []],
    ['Sunday noon', -24 * HOUR, []],
  ])('%s in Beijing', (_, from, expected) => {
    expect(onDuty([day, night], NOON + from)).toEqual(expected);
  });

  test('a shift from 00:00 to 24:00 is the whole day, one from 08:00 to 08:00 a day and a night', () => {
    const whole = { days: ['mon' as const], from: '00:00', until: '24:00', to: ['a@x'] };
    expect([-12 * HOUR, 12 * HOUR - 1, 12 * HOUR].map((from) => onDuty([whole], NOON + from).length)).toEqual([
      1, 1, 0,
    ]);
    const round = { days: ['mon' as const], from: '08:00', until: '08:00', to: ['a@x'] };
    expect([-5 * HOUR, -4 * HOUR, 19 * HOUR, 20 * HOUR].map((from) => onDuty([round], NOON + from).length)).toEqual([
      0, 1, 1, 0,
    ]);
  });

  test('has gaps, also over the end of a week, and of a minute', () => {
    expect(gapsOf([day, night])).toEqual(['tue 08:00 to mon 08:00']);
    const daily = { days: ['mon' as const, 'tue' as const, 'wed' as const, 'thu' as const], to: ['a@x'] };
    expect(
      gapsOf([
        { ...daily, from: '00:00', until: '24:00' },
        { ...daily, days: ['fri'], from: '00:00', until: '17:30' },
        { ...daily, days: ['fri'], from: '17:31', until: '24:00' },
        { ...daily, days: ['sat', 'sun'], from: '09:00', until: '18:00' },
      ]),
    ).toEqual(['fri 17:30 to fri 17:31', 'sat 00:00 to sat 09:00', 'sat 18:00 to sun 09:00', 'sun 18:00 to mon 00:00']);
  });

  test('is asked at the moment of sending', () => {
    const plan = given([{ channel: 'mail', roster: 'oncall' }], { rosters: { oncall: [day] } });
    expect(recipientsAt(plan, plan.routes[0]!, NOON)).toEqual(['day@x']);
    expect(recipientsAt(plan, plan.routes[0]!, NOON + 9 * HOUR)).toEqual([]);
  });
});

describe('a routing file that does not fit', () => {
  test.each([
    [[{ channel: 'robot', to: ['a@x'] }], {}, /routes\.0\.channel: expected one of mail, got robot/],
    [[{ channel: 'mail' }], {}, /names its addresses in "to" or a "roster"/],
    [[{ channel: 'mail', roster: 'nobody' }], {}, /routes\.0\.roster/],
    [[{ channel: 'mail', to: ['a@x'], level: [1] }], {}, /level/],
    [
      [],
      { rosters: { oncall: [{ from: '8:00', until: '20:00', to: ['a@x'] }] } },
      /rosters\.oncall\.0\.from: expected HH:MM/,
    ],
    [[], { channels: { robot: { type: 'webhook', url_env: 'YJ_ROBOT' } } }, /YJ_ROBOT to hold the robot's address/],
  ])('%j is named with its field', (routes, more, expected) => {
    expect(() => given(routes as unknown[], more)).toThrow(expected);
  });

  test('e-mail without a mail server says which variable is missing', () => {
    expect(() =>
      planOf({ channels: { mail: { type: 'smtp' } }, routes: [] }, notifierEnv.parse({}), {}, 'file'),
    ).toThrow(/YJ_SMTP_URL is not set/);
  });
});
