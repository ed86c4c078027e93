// The truth tables of absence, in the words of the design: who was checked, what the camera could see, when we may speak.
import { instantOf, Timeline } from '@yunjian/detection';
import { describe, expect, test } from 'vitest';
import { detectors } from '../index.ts';

const CLAIMS = new Set(['identity-check-missing', 'verification-unavailable', 'identity-mismatch']);

/** A pharmacy with one counter and one camera that is alive from 09:00 to 11:00. */
const shop = () => new Timeline(detectors).at('08:00:00', 'institution').beats('09:00:00', '11:00:00');
/** The same, registered, without any sign of the camera's life. */
const darkShop = () => new Timeline(detectors).at('08:00:00', 'institution');
const settled = (timeline: Timeline, fields: Record<string, unknown> = {}, late = 1) =>
  timeline.at('10:00:00', 'settlement', { settlementId: 'S1', ...fields }, late);
const claims = (timeline: Timeline, until = '10:30:00') =>
  timeline
    .standing(until)
    .filter(({ detector }) => CLAIMS.has(detector))
    .map(({ detector, subject, level }) => `${detector} ${subject} ${level}`);
const MISSING = ['identity-check-missing S1 2'];
const UNAVAILABLE = ['verification-unavailable S1 3'];

test('run alone it says what is its own, and nothing for those that do not run', () => {
  const alone = detectors.filter(({ id }) => id === 'identity-check-missing');
  const told = (beats: boolean) => {
    const shopAlone = new Timeline(alone).at('08:00:00', 'institution');
    if (beats) shopAlone.beats('09:00:00', '11:00:00');
    return settled(shopAlone.at('09:59:00', 'identityCheck', { person: 'p2' }))
      .findings('10:30:00')
      .map(({ detector, action }) => `${detector} ${action}`);
  };
  expect([...new Set(told(true))]).toEqual(['identity-check-missing raise']);
  expect(told(false)).toEqual([]);
});

describe('the check', () => {
  test.each([
    ['none at all', [], MISSING],
    ['10 minutes before, to the second', ['09:50:00'], []],
    ['a second more than 10 minutes before', ['09:49:59'], MISSING],
    ['2 minutes after, to the second', ['10:02:00'], []],
    ['a second more than 2 minutes after', ['10:02:01'], MISSING],
    ['twice', ['09:58:00', '10:01:00'], []],
  ] as const)('%s', (_name, times, expected) => {
    const timeline = settled(shop());
    for (const time of times) timeline.at(time, 'identityCheck', { person: 'p1' });
    expect(claims(timeline)).toEqual(expected);
  });

  test.each([
    ['that failed', { person: 'p1', result: 'failed' }, ['identity-check-missing S1 2', 'identity-mismatch S1 1']],
    ['that was skipped', { person: 'p1', result: 'skipped' }, MISSING],
    ['of another person', { person: 'p2' }, ['identity-check-missing S1 2', 'identity-mismatch S1 1']],
    ['that names nobody', {}, []],
    ['at another terminal', { person: 'p1', terminal: 'D9' }, MISSING],
    ['at a camera of that terminal, naming none', { person: 'p1', terminal: null }, []],
  ] as const)('one %s', (_name, fields, expected) => {
    expect(claims(settled(shop()).at('09:59:00', 'identityCheck', fields))).toEqual(expected);
  });

  test('of another person covers what family collects', () => {
    expect(claims(settled(shop(), { byAgent: true }).at('09:59:00', 'identityCheck', { person: 'p2' }))).toEqual([]);
  });

  test('that names its person covers two settlements, one that names nobody covers the earlier', () => {
    const two = () => settled(shop()).at('10:01:00', 'settlement', { settlementId: 'S2' });
    expect(claims(two().at('09:59:00', 'identityCheck', { person: 'p1' }))).toEqual([]);
    expect(claims(two().at('09:59:00', 'identityCheck'))).toEqual(['identity-check-missing S2 2']);
  });

  test('the next customer’s own check is no mismatch', () => {
    const timeline = settled(shop())
      .at('10:01:00', 'identityCheck', { person: 'p2' })
      .at('10:01:30', 'settlement', { settlementId: 'S2', person: 'p2' });
    expect(claims(timeline)).toEqual(MISSING);
  });

  test('that names nobody is free for the next once its settlement needs it no more', () => {
    const two = () =>
      settled(shop())
        .at('10:01:30', 'settlement', { settlementId: 'S2', person: 'p2' })
        .at('09:58:00', 'identityCheck', { eventId: 'nameless' });
    expect(claims(two())).toEqual(['identity-check-missing S2 2']);
    const named = two().at('09:50:30', 'identityCheck', { person: 'p1' }, 3000);
    expect(claims(named, '10:30:00')).toEqual(['identity-check-missing S2 2']);
    expect(claims(named, '10:41:00')).toEqual([]);
    expect(
      claims(two().at('10:01:00', 'reversal', { settlementId: 'R1', originalId: 'S1' }, 1800), '10:40:00'),
    ).toEqual([]);
  });

  test('that comes an hour late withdraws the claim', () => {
    const timeline = settled(shop()).at('09:59:00', 'identityCheck', { person: 'p1' }, 3600);
    expect(claims(timeline, '10:30:00')).toEqual(MISSING);
    expect(claims(timeline, '11:00:30')).toEqual([]);
  });
});

describe('the camera', () => {
  const alive = (...spans: [string, string][]) => {
    const timeline = darkShop();
    for (const [from, to] of spans) timeline.beats(from, to);
    return settled(timeline);
  };
  test.each([
    ['speaks at the window’s very start and end', [['09:50:00', '10:02:00']], MISSING],
    ['begins a moment after the window’s start', [['09:50:01', '10:10:00']], UNAVAILABLE],
    ['falls silent before the window’s end', [['09:40:00', '10:01:40']], UNAVAILABLE],
    [
      'is silent for exactly 60 s within',
      [
        ['09:40:00', '09:55:00'],
        ['09:56:00', '10:10:00'],
      ],
      MISSING,
    ],
    [
      'is silent for a second more',
      [
        ['09:40:00', '09:55:00'],
        ['09:56:01', '10:10:00'],
      ],
      UNAVAILABLE,
    ],
    [
      'is silent before the window only',
      [
        ['09:00:00', '09:30:00'],
        ['09:45:00', '10:10:00'],
      ],
      MISSING,
    ],
    ['never speaks', [], UNAVAILABLE],
  ] as [string, [string, string][], string[]][])('%s', (_name, spans, expected) => {
    expect(claims(alive(...spans))).toEqual(expected);
  });

  test('an offline state lasts until online', () => {
    expect(claims(settled(shop()).at('09:30:00', 'cameraStatus'))).toEqual(UNAVAILABLE);
    expect(
      claims(settled(shop()).at('09:30:00', 'cameraStatus').at('09:49:00', 'cameraStatus', { status: 'online' })),
    ).toEqual(MISSING);
  });

  test('heartbeats that come late turn unavailable into missing, a late offline turns it back', () => {
    const timeline = settled(darkShop()).beats('09:40:00', '10:10:00', { late: 1800 });
    expect(claims(timeline, '10:09:00')).toEqual(UNAVAILABLE);
    expect(claims(timeline, '10:41:00')).toEqual(MISSING);
    expect(claims(timeline.at('09:55:00', 'cameraStatus', {}, 7200), '12:10:00')).toEqual(UNAVAILABLE);
  });

  test('a clock five minutes fast makes no accusation', () => {
    const timeline = darkShop();
    for (let s = 0; s < 3600; s += 20)
      timeline.at(Date.parse('2026-11-20T09:30:00+08:00') + s * 1000, 'heartbeat', { eventId: `fast-${s}` }, -240);
    const told = settled(timeline)
      .standing('10:30:00')
      .filter(({ detector }) => CLAIMS.has(detector));
    expect(told.map(({ detector }) => detector)).toEqual(['verification-unavailable']);
    expect(told[0]?.facts.clock).toBeDefined();
  });

  test('none registered for the counter: outside video supervision', () => {
    expect(claims(settled(shop(), { terminal: 'D7' }))).toEqual([]);
    expect(claims(settled(new Timeline(detectors).beats('09:00:00', '11:00:00')))).toEqual([]);
  });

  test('without a terminal every camera counts, however far apart their clocks', () => {
    const counters = [
      { terminal: 'D1', device: 'cam1' },
      { terminal: 'D2', device: 'cam2' },
    ];
    const two = () =>
      settled(new Timeline(detectors).at('08:00:00', 'institution', { counters }).beats('09:00:00', '11:00:00'), {
        terminal: null,
      });
    expect(claims(two().beats('09:00:00', '11:00:00', { device: 'cam2', late: 50 }))).toEqual(MISSING);
    expect(claims(two().beats('09:00:00', '09:55:00', { device: 'cam2' }))).toEqual(UNAVAILABLE);
    expect(claims(settled(shop(), { terminal: null, certificate: '01' }))).toEqual([]);
  });
});

describe('when we may speak', () => {
  test('not before the window has passed and what was sent by then has been read', () => {
    const timeline = settled(shop());
    expect(claims(timeline, '10:02:10')).toEqual([]);
    expect(claims(timeline, '10:02:13')).toEqual(MISSING);
  });

  test('our own standstill is never taken for silence', () => {
    const timeline = settled(shop())
      .at('10:01:00', 'identityCheck', { person: 'p1' })
      .stalled('surveillance', '10:00:30', '10:20:00');
    expect(timeline.findings('10:40:00').filter(({ detector }) => CLAIMS.has(detector))).toEqual([]);
  });

  test('a settlement that arrives hours late is judged on what was kept; one older than 48 h makes no claim', () => {
    expect(claims(settled(shop(), {}, 3 * 3600), '13:00:30')).toEqual(MISSING);
    const old = new Timeline(detectors).at('08:00:00', 'institution').beats('09:00:00', '11:00:00');
    expect(claims(settled(old, {}, 49 * 3600), Date.parse('2026-11-22T11:10:00+08:00') as never)).toEqual([]);
  }, 30_000);
});

describe('a reversal', () => {
  const reversedAt = (time: string, late = 1, by: Record<string, unknown> = { originalId: 'S1' }) =>
    settled(shop(), { messageId: 'M1' }).at(time, 'reversal', { settlementId: 'R1', ...by }, late);
  test.each([
    ['before the deadline', '10:01:00'],
    ['at the deadline', '10:02:00'],
  ])('%s raises nothing', (_name, time) => {
    expect(claims(reversedAt(time))).toEqual([]);
  });
  test('after the deadline is in the claim, the act happened', () => {
    const [claim] = reversedAt('10:05:00')
      .standing('10:30:00')
      .filter(({ detector }) => CLAIMS.has(detector));
    expect(claim).toMatchObject({ detector: 'identity-check-missing', facts: { reversed_by: 'R1' } });
  });
  test('that arrives late withdraws, named by settlement or by message', () => {
    expect(claims(reversedAt('10:01:00', 1800), '10:20:00')).toEqual(MISSING);
    expect(claims(reversedAt('10:01:00', 1800), '10:40:00')).toEqual([]);
    expect(claims(reversedAt('10:01:00', 1, { originalMessageId: 'M1' }))).toEqual([]);
  });
  test.each([
    ['by settlement', { originalId: 'S1' }],
    ['by message', { originalMessageId: 'M1' }],
  ])(
    'that arrives three days late still withdraws, named %s',
    (_name, by) => {
      const later = Date.parse('2026-11-23T10:10:00+08:00');
      expect(claims(reversedAt('10:01:00', 72 * 3600, by), (later - 600_000) as never)).toEqual(MISSING);
      expect(claims(reversedAt('10:01:00', 72 * 3600, by), later as never)).toEqual([]);
      expect(claims(reversedAt('10:05:00', 72 * 3600, by), later as never)).toEqual(MISSING);
    },
    120_000,
  );
  test.each([
    ['both waiting', 1],
    ['both told', 1800],
  ])('of a message that two settlements bore undoes both, %s', (_name, late) => {
    const two = settled(shop(), { messageId: 'M' }).at('10:00:20', 'settlement', {
      settlementId: 'S2',
      messageId: 'M',
    });
    expect(claims(two, '10:20:00')).toEqual([...MISSING, 'identity-check-missing S2 2']);
    const undone = two.at('10:01:00', 'reversal', { settlementId: 'R1', originalMessageId: 'M' }, late);
    expect(claims(undone, '10:40:00')).toEqual([]);
  });
  test('of a message that two settlements at rest bore is in neither’s way', () => {
    const two = settled(shop(), { messageId: 'M' })
      .at('10:00:20', 'settlement', { settlementId: 'S2', messageId: 'M' })
      .at('10:00:10', 'identityCheck', { person: 'p1' })
      .at('10:30:00', 'reversal', { settlementId: 'R1', originalMessageId: 'M' });
    expect(claims(two, '10:40:00')).toEqual([]);
  });
  test('that comes before its settlement still counts', () => {
    const timeline = shop().at('10:01:00', 'reversal', { settlementId: 'R1', originalId: 'S1' });
    expect(claims(settled(timeline, {}, 600))).toEqual([]);
  });
});

test('from ¥1,000 of fund money it is level 1', () => {
  expect(claims(settled(shop(), { fund: 100_000 }))).toEqual(['identity-check-missing S1 1']);
  expect(claims(settled(shop(), { fund: 99_999 }))).toEqual(MISSING);
});

test('what is learnt after a claim was raised is in its facts, as if it had been known before', () => {
  const factsOf = (timeline: Timeline) =>
    timeline.standing('11:30:00').flatMap(({ detector, facts }) => (CLAIMS.has(detector) ? [facts] : []));
  const skipped = { person: 'p1', result: 'skipped' };
  const late = settled(shop()).at('09:59:00', 'identityCheck', skipped, 3_000);
  const early = settled(shop()).at('09:59:00', 'identityCheck', skipped);
  expect(factsOf(late)).toEqual(factsOf(early));
  expect(factsOf(late)).toMatchObject([{ checks_in_window: 1 }]);
  const dark = (at: number) => settled(darkShop()).at('09:58:00', 'heartbeat', {}, at).at('10:01:00', 'heartbeat');
  expect(factsOf(dark(3_000))).toEqual(factsOf(dark(1)));
});

test('a camera that always delivers half of its records late postpones no claim', () => {
  const timeline = settled(shop());
  for (let s = 0; s < 3600; s += 4)
    timeline.at(instantOf('09:30:00') + s * 1000, 'heartbeat', { eventId: `late-${s}` }, 25);
  expect(claims(timeline, '10:02:45')).toEqual(MISSING);
});
