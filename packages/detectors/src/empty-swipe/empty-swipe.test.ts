// empty-swipe as timelines: what the camera read, whether it was alive, when we may speak, and that the order of arrival decides nothing.
import { instantOf, Timeline } from '@yunjian/detection';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detector } from './index.ts';

/** A pharmacy with one counter and one camera that is alive from 09:30 to 10:30. */
const shop = (fields: Record<string, unknown> = {}) =>
  new Timeline([detector]).at('08:00:00', 'institution', fields).beats('09:30:00', '10:30:00');
const settled = (timeline: Timeline, fields: Record<string, unknown> = {}, late = 1) =>
  timeline.at('10:00:00', 'settlement', { settlementId: 'S1', ...fields }, late);
const read = (
  timeline: Timeline,
  at: string | number,
  persons: number,
  fields: Record<string, unknown> = {},
  late = 1,
) => timeline.at(at, 'presence', { persons, ...fields }, late);
const empty = (fields: Record<string, unknown> = {}) =>
  read(read(settled(shop(), fields), '09:59:40', 0), '10:00:20', 0);
const standing = (timeline: Timeline, until: string | number = '10:40:00') =>
  timeline.standing(until).map(({ subject, level }) => `${subject} ${level}`);
const RAISED = ['S1 2'];

describe('readings', () => {
  test.each([
    [
      'of nobody',
      [
        ['09:59:40', 0],
        ['10:00:20', 0],
      ],
      RAISED,
    ],
    ['one of nobody', [['10:00:20', 0]], RAISED],
    ['none', [], []],
    [
      'one of somebody among them',
      [
        ['09:59:40', 0],
        ['10:00:00', 1],
        ['10:00:20', 0],
      ],
      [],
    ],
    ['of nobody, 60 s before', [['09:59:00', 0]], RAISED],
    ['of nobody, a second earlier', [['09:58:59', 0]], []],
    ['of nobody, 60 s after', [['10:01:00', 0]], RAISED],
    ['of nobody, a second later', [['10:01:01', 0]], []],
    [
      'of somebody, 60 s before',
      [
        ['09:59:00', 1],
        ['10:00:00', 0],
      ],
      [],
    ],
    [
      'of somebody, a second earlier',
      [
        ['09:58:59', 1],
        ['10:00:00', 0],
      ],
      RAISED,
    ],
    [
      'of somebody, 60 s after',
      [
        ['10:00:00', 0],
        ['10:01:00', 2],
      ],
      [],
    ],
    [
      'of somebody, a second later',
      [
        ['10:00:00', 0],
        ['10:01:01', 2],
      ],
      RAISED,
    ],
    [
      'of somebody before and after',
      [
        ['09:58:30', 1],
        ['10:00:00', 0],
        ['10:01:30', 1],
      ],
      RAISED,
    ],
  ] as [string, [string, number][], string[]][])('%s', (_name, readings, expected) => {
    const timeline = settled(shop());
    for (const [at, persons] of readings) read(timeline, at, persons);
    expect(standing(timeline)).toEqual(expected);
  });

  test('at another terminal say nothing', () => {
    expect(standing(read(settled(shop()), '10:00:00', 0, { terminal: 'D9' }))).toEqual([]);
    expect(standing(read(empty(), '10:00:00', 3, { terminal: 'D9' }))).toEqual(RAISED);
  });

  test('of every camera of the counter count', () => {
    const counters = ['cam1', 'cam2'].map((device) => ({ terminal: 'D1', device }));
    const two = () =>
      read(settled(shop({ counters })).beats('09:30:00', '10:30:00', { device: 'cam2' }), '10:00:00', 0);
    expect(standing(two())).toEqual(RAISED);
    expect(standing(read(two(), '10:00:10', 1, { device: 'cam2' }))).toEqual([]);
  });
});

describe('a settlement', () => {
  test.each([
    ['by e-voucher without a terminal', { certificate: '01', terminal: null }, []],
    ['by card without a terminal, the only camera alive', { terminal: null }, RAISED],
    ['by e-voucher at the counter', { certificate: '01' }, RAISED],
    ['at a counter without a camera', { terminal: 'D9' }, []],
  ])('%s', (_name, fields, expected) => {
    expect(standing(empty(fields))).toEqual(expected);
  });

  test('that comes hours late is judged by what is kept', () => {
    const late = () => read(settled(shop(), {}, 7200), '10:00:00', 0);
    expect(standing(late(), '12:00:05')).toEqual([]);
    expect(standing(late(), '12:02:00')).toEqual(RAISED);
    expect(standing(read(late(), '10:00:30', 1), '12:02:00')).toEqual([]);
  });

  test.each([
    ['reversed at the deadline', '10:01:00', 1, []],
    ['reversed by then, told an hour later', '10:01:00', 3600, []],
    ['reversed a second later', '10:01:01', 1, RAISED],
  ])('%s', (_name, at, late, expected) => {
    const timeline = empty().at(at, 'reversal', { settlementId: 'R1', originalId: 'S1' }, late);
    expect(standing(timeline, '11:30:00')).toEqual(expected);
  });

  test('reversed before it was read is excused as well', () => {
    const timeline = read(settled(shop(), {}, 3600), '10:00:00', 0);
    timeline.at('10:00:30', 'reversal', { settlementId: 'R1', originalId: 'S1' });
    expect(standing(timeline, '11:30:00')).toEqual([]);
  });

  test('of before the registration says nothing; one that comes late judges it again', () => {
    const bare = () => read(settled(new Timeline([detector]).beats('09:30:00', '10:30:00')), '10:00:00', 0);
    expect(standing(bare(), '12:30:00')).toEqual([]);
    expect(standing(bare().at('10:00:01', 'institution'), '12:30:00')).toEqual([]);
    expect(standing(bare().at('09:00:00', 'institution', {}, 7200), '12:30:00')).toEqual(RAISED);
    expect(standing(empty().at('09:00:00', 'institution', { counters: [] }, 7200), '12:30:00')).toEqual([]);
  });

  test('says the figures and where to look', () => {
    expect(empty().findings('10:10:00')).toMatchObject([
      {
        subject: { kind: 'settlement', ref: 'S1' },
        window: { start: '2026-11-20T09:59:00+08:00', end: '2026-11-20T10:01:00+08:00' },
        amount: '80.00',
        facts: { terminal: 'D1', cameras: ['cam1'], persons_seen: 0 },
        evidence: [
          { kind: 'settlement', ref: 'S1' },
          { kind: 'clip', of: 'device', ref: 'cam1' },
        ],
      },
    ]);
  });
});

describe('the camera', () => {
  const partly = (from: string, to: string, again?: string) => {
    const timeline = new Timeline([detector]).at('08:00:00', 'institution').beats(from, to);
    if (again !== undefined) timeline.beats(again, '10:30:00');
    return read(settled(timeline), '10:00:00', 0);
  };
  test.each([
    ['alive through the window exactly', partly('09:59:00', '10:01:00'), RAISED],
    ['that began a second late', partly('09:59:01', '10:30:00'), []],
    ['that fell silent a second early', partly('09:30:00', '10:00:59'), []],
    ['silent for a minute', partly('09:30:00', '10:00:00', '10:01:00'), RAISED],
    ['silent for longer', partly('09:30:00', '10:00:00', '10:01:01'), []],
    ['blocked inside', empty().at('10:00:30', 'cameraStatus', { status: 'blocked' }), []],
    ['offline since before', empty().at('09:40:00', 'cameraStatus', { status: 'offline' }), []],
    [
      'online again in time',
      empty()
        .at('09:40:00', 'cameraStatus', { status: 'offline' })
        .at('09:58:00', 'cameraStatus', { status: 'online' }),
      RAISED,
    ],
  ])('%s', (_name, timeline, expected) => {
    expect(standing(timeline)).toEqual(expected);
  });

  test('whose records come late makes the claim late, whose trouble comes late takes it back', () => {
    const late = () => {
      const timeline = new Timeline([detector]).at('08:00:00', 'institution').beats('09:30:00', '10:00:20');
      return read(settled(timeline), '10:00:00', 0).beats('10:00:40', '10:02:00', { late: 3600 });
    };
    expect(standing(late(), '10:59:00')).toEqual([]);
    expect(standing(late(), '11:05:00')).toEqual(RAISED);
    expect(standing(late().at('10:00:00', 'cameraStatus', { status: 'tampered' }, 7200), '12:10:00')).toEqual([]);
  });
});

describe('when we may speak', () => {
  const first = (timeline: Timeline) => timeline.findings('10:40:00')[0]?.reason;

  test('not before 10 s behind what showed the deadline', () => {
    expect(standing(empty(), '10:01:10')).toEqual([]);
    expect(standing(empty(), '10:01:13')).toEqual(RAISED);
  });

  test('not while the cameras’ feed stands still, nor while the reference feed does', () => {
    expect(standing(empty().stalled('surveillance', '10:00:50', '10:20:00'), '10:19:59')).toEqual([]);
    expect(standing(empty().stalled('surveillance', '10:00:50', '10:20:00'), '10:21:00')).toEqual(RAISED);
    expect(standing(empty().stalled('reference', '09:59:59', '10:20:00'), '10:19:59')).toEqual([]);
  });

  test('somebody who is read late takes it back', () => {
    const late = read(empty(), '10:00:05', 1, {}, 600);
    expect(standing(late, '10:09:00')).toEqual(RAISED);
    expect(standing(late, '10:11:00')).toEqual([]);
    expect(first(late)).toBe('nobody was seen at the counter');
  });

  test('a restart while waiting, or while it stands, changes nothing', () => {
    expect(standing(empty().restarted('10:00:40').restarted('10:01:05'))).toEqual(RAISED);
    expect(standing(read(empty().restarted('10:05:00'), '10:00:05', 1, {}, 900))).toEqual([]);
  });
});

describe('several cards', () => {
  const cards = (minutes: readonly number[], persons = ['p1', 'p2', 'p3', 'p4']) => {
    const timeline = shop();
    for (const [i, minute] of minutes.entries()) {
      const at = instantOf('10:00:00') + minute * 60_000;
      timeline.at(at, 'settlement', { settlementId: `S${i + 1}`, person: persons[i] ?? 'p9' });
      read(timeline, at, 0);
    }
    return timeline;
  };
  test.each([
    ['three in 10 minutes', [0, 4, 10], undefined, ['S1 1', 'S2 1', 'S3 1']],
    ['three in a little more', [0, 4, 10.02], undefined, ['S1 2', 'S2 2', 'S3 2']],
    ['three of two persons', [0, 4, 8], ['p1', 'p2', 'p1'], ['S1 2', 'S2 2', 'S3 2']],
    ['three, and one apart', [0, 4, 8, 11], undefined, ['S1 1', 'S2 1', 'S3 1', 'S4 1']],
  ])('%s', (_name, minutes, persons, expected) => {
    expect(standing(cards(minutes, persons))).toEqual(expected);
  });

  test('of which one is taken back are mild again', () => {
    const timeline = cards([0, 4, 8]).at('10:04:00', 'reversal', { settlementId: 'R2', originalId: 'S2' }, 1800);
    expect(standing(timeline, '10:34:30')).toEqual(['S1 2', 'S3 2']);
  });
});

test('whatever the order of arrival, the same stands at the end', () => {
  const late = fc.tuple(fc.integer({ min: 1, max: 1500 }), fc.integer({ min: 1, max: 1500 }));
  const second = fc.integer({ min: 0, max: 400 });
  const reading = fc.record({ at: second, persons: fc.constantFrom(0, 0, 0, 1), late });
  const sale = fc.record({
    at: second,
    person: fc.constantFrom('p1', 'p2', 'p3', 'p4'),
    back: fc.option(second),
    late,
  });
  const world = fc.record({
    readings: fc.array(reading, { maxLength: 8 }),
    sales: fc.array(sale, { minLength: 1, maxLength: 5 }),
    trouble: fc.option(fc.record({ at: second, late, status: fc.constantFrom('offline', 'online') })),
    registered: late,
  });
  const from = instantOf('10:00:00');
  fc.assert(
    fc.property(world, ({ readings, sales, trouble, registered }) => {
      const run = (pick: 0 | 1) => {
        const timeline = new Timeline([detector]).at('09:50:00', 'institution', {}, 600 + registered[pick]).ticking(5);
        timeline.beats('09:50:00', '10:12:00');
        for (const { at, persons, late } of readings) read(timeline, from + at * 1000, persons, {}, late[pick]);
        for (const [i, { at, person, back, late }] of sales.entries()) {
          timeline.at(from + at * 1000, 'settlement', { settlementId: `S${i}`, person }, late[pick]);
          if (back !== null)
            timeline.at(
              from + (at + back) * 1000,
              'reversal',
              { settlementId: `R${i}`, originalId: `S${i}` },
              late[pick],
            );
        }
        if (trouble !== null)
          timeline.at(from + trouble.at * 1000, 'cameraStatus', { status: trouble.status }, trouble.late[pick]);
        return timeline.standing('11:00:00');
      };
      expect(run(0)).toEqual(run(1));
    }),
    { numRuns: 40 },
  );
});

test('a camera that always delivers half of its records late postpones no claim', () => {
  const timeline = empty();
  for (let s = 0; s < 3600; s += 4)
    timeline.at(instantOf('09:30:00') + s * 1000, 'heartbeat', { eventId: `late-${s}` }, 25);
  expect(standing(timeline, '10:01:45')).toEqual(RAISED);
});
