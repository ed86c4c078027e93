// card-cluster as timelines: how many cards, how many people, whose, how often, and that the order of arrival decides nothing.
import { instantOf, Timeline } from '@yunjian/detection';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detector } from './index.ts';

const DAY = 86_400_000;
const TEN = instantOf('10:00:00');
const REF = 'P32110000001/2026-11-20';
/** A pharmacy with one counter and one camera that is alive from 09:30 to 10:30. */
const shop = (fields: Record<string, unknown> = {}) =>
  new Timeline([detector]).at('08:00:00', 'institution', fields).beats('09:30:00', '10:30:00');
const read = (timeline: Timeline, at: string | number, persons: number, late = 1) =>
  timeline.at(at, 'presence', { persons }, late);
/** Cards of p1, p2, p3 … so many seconds after ten. */
function cards(
  timeline: Timeline,
  seconds: readonly number[],
  fields: (i: number) => Record<string, unknown> = () => ({}),
) {
  for (const [i, second] of seconds.entries())
    timeline.at(TEN + second * 1000, 'settlement', { settlementId: `S${i + 1}`, person: `p${i + 1}`, ...fields(i) });
  return timeline;
}
const three = () => read(cards(shop(), [0, 70, 140]), '10:01:00', 1);
const standing = (timeline: Timeline, until: string | number = '10:40:00') =>
  timeline.standing(until).map(({ subject, level }) => `${subject} ${level}`);
const RAISED = [`${REF} 2`];

describe('cards', () => {
  test.each([
    ['of three persons in a few minutes', three(), RAISED],
    ['of two', read(cards(shop(), [0, 70]), '10:01:00', 1), []],
    ['of three in five minutes', read(cards(shop(), [0, 70, 300]), '10:01:00', 1), RAISED],
    ['of three in a second more', read(cards(shop(), [0, 70, 301]), '10:01:00', 1), []],
    [
      'three of two persons',
      read(
        cards(shop(), [0, 70, 140], (i) => ({ person: `p${i % 2}` })),
        '10:01:00',
        1,
      ),
      [],
    ],
    [
      'of three, one by family',
      read(
        cards(shop(), [0, 70, 140], (i) => ({ byAgent: i === 1 })),
        '10:01:00',
        1,
      ),
      [],
    ],
    [
      'at two terminals',
      read(
        cards(shop(), [0, 70, 140], (i) => ({ terminal: i === 1 ? 'D2' : 'D1' })),
        '10:01:00',
        1,
      ),
      [],
    ],
    [
      'without a terminal',
      read(
        cards(shop(), [0, 70, 140], () => ({ terminal: null })),
        '10:01:00',
        1,
      ),
      [],
    ],
  ])('%s', (_name, timeline, expected) => {
    expect(standing(timeline)).toEqual(expected);
  });
});

describe('people', () => {
  test.each([
    ['none read', [], []],
    [
      'two at most',
      [
        ['10:00:30', 2],
        ['10:01:00', 1],
      ],
      RAISED,
    ],
    ['nobody', [['10:00:30', 0]], RAISED],
    [
      'three once',
      [
        ['10:00:30', 1],
        ['10:04:00', 3],
      ],
      [],
    ],
    [
      'three at the end of the five minutes',
      [
        ['10:00:30', 1],
        ['10:05:00', 3],
      ],
      [],
    ],
    [
      'three a second later',
      [
        ['10:00:30', 1],
        ['10:05:01', 3],
      ],
      RAISED,
    ],
    [
      'three a second before',
      [
        ['10:00:30', 1],
        ['09:59:59', 3],
      ],
      RAISED,
    ],
  ] as [string, [string, number][], string[]][])('%s', (_name, readings, expected) => {
    const timeline = cards(shop(), [0, 70, 140]);
    for (const [at, persons] of readings) read(timeline, at, persons);
    expect(standing(timeline)).toEqual(expected);
  });

  test.each([
    [19, 1],
    [20, 0],
    [30, 0],
  ])('%i of them before 30 cards: clusters %i', (persons, clusters) => {
    const timeline = cards(
      shop(),
      Array.from({ length: 30 }, (_, i) => i * 5),
    );
    // A camera counts no farther than twenty.
    for (let s = 0; s < 600; s += 30) read(timeline, TEN + s * 1000, persons);
    expect(standing(timeline)).toHaveLength(clusters);
  });

  test('minutes that share settlements are told as one cluster', () => {
    const timeline = cards(
      shop(),
      Array.from({ length: 10 }, (_, i) => i * 100),
    );
    for (let s = 0; s < 1200; s += 30) read(timeline, TEN + s * 1000, 1);
    expect(timeline.standing('10:40:00')).toMatchObject([
      { facts: { clusters: [{ persons: 4, persons_seen: 1, settlements: { length: 10 } }] } },
    ]);
  });

  test('who are read late take it back, and a record of a blocked camera does', () => {
    expect(standing(read(three(), '10:02:00', 3, 900), '10:16:00')).toEqual(RAISED);
    expect(standing(read(three(), '10:02:00', 3, 900), '10:18:00')).toEqual([]);
    expect(standing(three().at('10:02:00', 'cameraStatus', { status: 'blocked' }, 900), '10:18:00')).toEqual([]);
  });
});

describe('the claim', () => {
  test('waits for five minutes to pass, and for what could show people to be read', () => {
    expect(standing(three(), '10:05:09')).toEqual([]);
    expect(standing(three(), '10:05:13')).toEqual(RAISED);
    expect(standing(three().stalled('surveillance', '10:04:00', '10:20:00'), '10:19:59')).toEqual([]);
  });

  test.each([
    ['whose camera was silent for more than a minute', ['09:30:00', '10:01:00', '10:02:01', '10:30:00'], []],
    ['whose camera fell silent before the end', ['09:30:00', '10:04:59', '10:31:00', '10:32:00'], []],
    ['whose camera began at its start', ['10:00:00', '10:30:00', '10:31:00', '10:31:20'], RAISED],
  ])('%s', (_name, [a, b, c, d], expected) => {
    const timeline = new Timeline([detector]).at('08:00:00', 'institution');
    timeline.beats(a as string, b as string).beats(c as string, d as string);
    expect(standing(read(cards(timeline, [0, 70, 140]), '10:01:00', 1))).toEqual(expected);
  });

  test('is one for a day, with what made it speak', () => {
    const timeline = three();
    for (const [i, second] of [1200, 1210, 1220, 1230].entries())
      timeline.at(TEN + second * 1000, 'settlement', { settlementId: `T${i}`, person: `q${i}` });
    const told = read(timeline, '10:20:20', 2).standing('10:40:00');
    expect(told).toMatchObject([
      {
        subject: REF,
        facts: {
          clusters: [
            { terminal: 'D1', persons: 3, persons_seen: 1, fund: '240.00', settlements: ['S1', 'S2', 'S3'] },
            { persons: 4, persons_seen: 2, settlements: ['T0', 'T1', 'T2', 'T3'] },
          ],
        },
      },
    ]);
  });

  test.each([
    ['one of them reversed within the window', '10:05:00', 1, []],
    ['and told later', '10:05:00', 1200, []],
    ['and a second behind it', '10:05:01', 1, RAISED],
  ])('%s', (_name, at, late, expected) => {
    const timeline = three().at(at, 'reversal', { settlementId: 'R1', originalId: 'S2' }, late);
    expect(standing(timeline)).toEqual(expected);
  });

  test('says which of them were reversed behind the window, known before or after', () => {
    const reversed = (late: number) =>
      three().at('10:05:01', 'reversal', { settlementId: 'R1', originalId: 'S2' }, late).standing('10:40:00');
    for (const late of [1, 1200]) {
      const [told] = reversed(late);
      expect(told?.facts.reversed).toMatchObject([{ settlement: 'S2', reversed_by: 'R1' }]);
    }
    const evidence = three()
      .at('10:05:01', 'reversal', { settlementId: 'R1', originalId: 'S2' }, 1200)
      .findings('10:40:00')
      .map((finding) => finding.evidence.map(({ ref }) => ref));
    expect(evidence).toEqual([
      ['S1', 'S2', 'S3', 'cam1'],
      ['R1', 'S1', 'S2', 'S3', 'cam1'],
    ]);
  });

  test('stands through restarts and days until such a reversal comes', () => {
    const timeline = three()
      .restarted('10:03:00')
      .restarted('10:20:00')
      .restarted(TEN + 3 * DAY);
    timeline.at('10:02:00', 'reversal', { settlementId: 'R1', originalId: 'S2' }, 4 * 86_400);
    expect(timeline.ticking(600).standing(TEN + 3.5 * DAY)).toHaveLength(1);
    expect(timeline.ticking(600).standing(TEN + 5 * DAY)).toEqual([]);
  });

  test('is made when a registration comes late', () => {
    const bare = () => read(cards(new Timeline([detector]).beats('09:30:00', '10:30:00'), [0, 70, 140]), '10:01:00', 1);
    expect(standing(bare(), '12:30:00')).toEqual([]);
    expect(standing(bare().at('09:00:00', 'institution', {}, 7200), '12:30:00')).toEqual(RAISED);
  });

  test('is of the cameras registered when its minutes began', () => {
    const moved = shop().at('10:01:30', 'institution', { counters: [{ terminal: 'D1', device: 'cam2' }] });
    expect(standing(read(cards(moved, [0, 70, 140]), '10:01:00', 1))).toEqual(RAISED);
  });
});

describe('the same persons', () => {
  const together = (
    days: readonly number[],
    fields: (day: number, i: number) => Record<string, unknown> = () => ({}),
    start = TEN,
  ) => {
    const timeline = new Timeline([detector]).ticking(7200);
    for (const day of days)
      for (const i of [0, 1, 2])
        timeline.at(
          start + day * DAY + i * 150_000,
          'settlement',
          { settlementId: `S${day}-${i}`, person: `p${i}`, terminal: `D${i}`, ...fields(day, i) },
          day === 1 ? 40_000 : 1,
        );
    return timeline.restarted(TEN + 3.5 * DAY);
  };
  const dates = (timeline: Timeline, until = 40) =>
    timeline.standing(TEN + until * DAY).map(({ subject }) => subject.slice(13));

  test.each([
    ['on two days', [0, 1], []],
    ['on three', [0, 1, 2], ['2026-11-22']],
    ['on four', [0, 1, 2, 3], ['2026-11-22', '2026-11-23']],
    ['on three of 30', [0, 1, 29], ['2026-12-19']],
    ['on three of 31', [0, 1, 30], []],
  ])('%s', (_name, days, expected) => {
    expect(dates(together(days))).toEqual(expected);
    // Over midnight a meeting is of the day on which it began.
    expect(dates(together(days, undefined, Date.parse('2026-11-20T23:58:00+08:00')))).toEqual(expected);
  });

  test('of whom only the last comes behind midnight', () => {
    const late = (day: number) => (day === 2 ? 13 * 3_600_000 + 58 * 60_000 : 0);
    const timeline = new Timeline([detector]).ticking(7200);
    for (const day of [0, 1, 2])
      for (const i of [0, 1, 2])
        timeline.at(TEN + day * DAY + late(day) + i * 60_500, 'settlement', {
          settlementId: `S${day}-${i}`,
          person: `p${i}`,
          terminal: `D${i}`,
        });
    expect(dates(timeline.restarted(TEN + 3.5 * DAY))).toEqual(['2026-11-22']);
  });

  test('one collected by family, or two of them only, are nothing', () => {
    expect(dates(together([0, 1, 2], (day, i) => (day === 1 && i === 2 ? { person: 'p9' } : {})))).toEqual([]);
    expect(dates(together([0, 1, 2], (day, i) => (day === 1 && i === 2 ? { byAgent: true } : {})))).toEqual([]);
  });

  test('of whom one was reversed later stand, and say so', () => {
    const timeline = together([0, 1, 2]);
    timeline.at(TEN + DAY + 1000, 'reversal', { settlementId: 'R1', originalId: 'S1-0' }, 2 * 86_400);
    const reversed = (until: number) => timeline.standing(TEN + until * DAY).map(({ facts }) => facts.reversed);
    expect(reversed(2.5)).toEqual([undefined]);
    expect(reversed(40)).toMatchObject([[{ settlement: 'S1-0', reversed_by: 'R1' }]]);
  });

  test('without one day, that was reversed at once, are nothing', () => {
    const timeline = together([0, 1, 2]);
    timeline.at(TEN + DAY, 'reversal', { settlementId: 'R1', originalId: 'S1-0' }, 2 * 86_400);
    expect(dates(timeline, 2.5)).toEqual(['2026-11-22']);
    expect(dates(timeline)).toEqual([]);
  });
});

test('whatever the order of arrival, the same stands at the end', () => {
  const late = fc.tuple(fc.integer({ min: 1, max: 1500 }), fc.integer({ min: 1, max: 1500 }));
  const second = fc.integer({ min: 0, max: 400 });
  const reading = fc.record({ at: second, persons: fc.constantFrom(0, 1, 2, 3), late });
  const sale = fc.record({
    at: second,
    person: fc.constantFrom('p1', 'p2', 'p3', 'p4'),
    byAgent: fc.constantFrom(false, false, false, true),
    back: fc.option(second, { freq: 1 }),
    late,
  });
  const world = fc.record({
    readings: fc.array(reading, { maxLength: 5 }),
    sales: fc.array(sale, { minLength: 3, maxLength: 7 }),
    registered: late,
  });
  fc.assert(
    fc.property(world, ({ readings, sales, registered }) => {
      const run = (pick: 0 | 1) => {
        const timeline = new Timeline([detector]).at('09:50:00', 'institution', {}, 600 + registered[pick]).ticking(5);
        timeline.beats('09:50:00', '10:20:00');
        for (const { at, persons, late } of readings) read(timeline, TEN + at * 1000, persons, late[pick]);
        for (const [i, { at, person, byAgent, back, late }] of sales.entries()) {
          timeline.at(TEN + at * 1000, 'settlement', { settlementId: `S${i}`, person, byAgent }, late[pick]);
          if (back !== null)
            timeline.at(
              TEN + (at + back) * 1000,
              'reversal',
              { settlementId: `R${i}`, originalId: `S${i}` },
              late[pick],
            );
        }
        return timeline.standing('11:00:00');
      };
      expect(run(0)).toEqual(run(1));
    }),
    { numRuns: 40 },
  );
});
