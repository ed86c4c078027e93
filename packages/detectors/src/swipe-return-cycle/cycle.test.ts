// swipe-return-cycle as timelines: what makes a cycle, how many within how long, what is a correction, and that the order of arrival
// decides nothing.
import { Timeline } from '@yunjian/detection';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detector } from './index.ts';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const NINE = Date.parse('2026-11-20T09:00:00+08:00');
/** [minute settled, minutes until it is returned or null, its items] */
type Sale = readonly [minute: number, back: number | null, items?: string];

function story(sales: readonly Sale[], fields: (i: number) => Record<string, unknown> = () => ({})): Timeline {
  const timeline = new Timeline([detector]);
  for (const [i, [minute, back, items]] of sales.entries()) {
    const at = NINE + minute * MINUTE;
    const cold = { lines: (items ?? `X${i}`).split(' ').map((item) => ({ item })) };
    timeline.at(at, 'settlement', { settlementId: `S${i}`, cold, ...fields(i) });
    if (back !== null) timeline.at(at + back * MINUTE, 'reversal', { settlementId: `R${i}`, originalId: `S${i}` });
  }
  return timeline;
}
const standing = (timeline: Timeline, until = NINE + 2 * DAY) =>
  timeline
    .ticking(600)
    .standing(until)
    .map(({ subject, level, facts }) => `${subject} ${level} ${facts.count}`);
const THREE: Sale[] = [
  [0, 8],
  [20, 8],
  [40, 8],
  [60, null],
];
const RAISED = ['p1 2 3'];

describe('cycles', () => {
  test.each([
    ['three', THREE, RAISED],
    ['two', THREE.slice(1), []],
    ['three, the last not settled again', THREE.slice(0, 3), []],
    [
      'returned after 30 minutes',
      [
        [0, 30],
        [40, 30],
        [80, 30],
        [120, null],
      ],
      RAISED,
    ],
    [
      'one returned a little later',
      [
        [0, 30],
        [40, 30.02],
        [80, 30],
        [120, null],
      ],
      [],
    ],
    ['four', [[-20, 5], ...THREE], ['p1 2 4']],
    [
      'of one settled again for two returned',
      [
        [0, 20],
        [1, 20],
        [2, 20],
        [30, null],
      ],
      [],
    ],
    [
      'settled again at the second of the return',
      [
        [0, 20],
        [20, 20],
        [40, 20],
        [60, null],
      ],
      RAISED,
    ],
    [
      'of what was reversed at its own second',
      [
        [0, 0],
        [20, 0],
        [40, 0],
        [60, null],
      ],
      [],
    ],
  ] as [string, Sale[], string[]][])('%s', (_name, sales, expected) => {
    expect(standing(story(sales))).toEqual(expected);
  });

  test('of other persons, or elsewhere, are not added up', () => {
    expect(standing(story(THREE, (i) => ({ person: i < 2 ? 'p1' : 'p2' })))).toEqual([]);
    expect(standing(story(THREE, (i) => (i < 2 ? {} : { institution: 'P32110000002' })))).toEqual([]);
  });

  test.each([
    ['within 60 days', 60 * 1440 - 60, RAISED],
    ['a minute beyond', 60 * 1440 - 59, []],
  ])('%s', (_name, gap, expected) => {
    const sales: Sale[] = [
      [0, 8],
      [20, 8],
      [40, null],
      [gap, 8],
      [gap + 60, null],
    ];
    expect(
      standing(
        story(sales)
          .restarted(NINE + 30 * DAY)
          .ticking(7200),
        NINE + 62 * DAY,
      ),
    ).toEqual(expected);
  });

  test('say which, and where to look', () => {
    const [told] = story(THREE)
      .ticking(60)
      .findings(NINE + 70 * MINUTE);
    expect(told).toMatchObject({
      subject: { kind: 'person', ref: 'p1' },
      amount: '240.00',
      facts: { count: 3, cycles: [{ settled: 'S0', reversed_by: 'R0', minutes: 8, again: 'S1' }, {}, { again: 'S3' }] },
      evidence: ['S0', 'R0', 'S1', 'R1', 'S2', 'R2', 'S3'].map((ref) => ({ kind: 'settlement', ref })),
    });
  });

  test('a later reversal of what was settled again amends, and is in the evidence', () => {
    const apart: Sale[] = [0, 120, 240].flatMap((minute): Sale[] => [
      [minute, 10],
      [minute + 40, minute === 240 ? 300 : null],
    ]);
    const timeline = story(apart).ticking(60);
    const told = timeline.findings(NINE + 12 * 60 * MINUTE);
    expect(told.map(({ action }) => action)).toEqual(['raise', 'raise']);
    const [first, second] = told.map(({ evidence }) => evidence.map(({ ref }) => ref).join(' '));
    expect(first).toBe('S0 R0 S1 S2 R2 S3 S4 R4 S5');
    expect(second).toBe('S0 R0 S1 S2 R2 S3 S4 R4 S5 R5');
  });

  test('one more amends the same alert, at its return and at its end', () => {
    const told = story([...THREE.slice(0, 3), [60, 8], [80, null]])
      .ticking(60)
      .findings(NINE + 2 * 60 * MINUTE);
    expect(told.map(({ action }) => action)).toEqual(['raise', 'raise', 'raise']);
    expect(new Set(told.map(({ alert_id }) => alert_id)).size).toBe(1);
  });
});

describe('a correction of the amount', () => {
  test.each([
    [
      'does not count',
      [
        [0, 8, 'A B'],
        [18, 8, 'B A'],
        [40, 8],
        [60, null],
      ],
      [],
    ],
    [
      'later than 10 minutes counts',
      [
        [0, 8, 'A B'],
        [18.02, 8, 'A B'],
        [40, 8],
        [60, null],
      ],
      RAISED,
    ],
    [
      'with other items counts',
      [
        [0, 8, 'A B'],
        [18, 8, 'A'],
        [40, 8],
        [60, null],
      ],
      RAISED,
    ],
    [
      'is one, the second counts',
      [
        [0, 4, 'A'],
        [10, 4, 'A'],
        [20, 4, 'A'],
        [30, 4, 'A'],
        [40, null, 'A'],
      ],
      RAISED,
    ],
  ] as [string, Sale[], string[]][])('%s', (_name, sales, expected) => {
    expect(standing(story(sales))).toEqual(expected);
  });

  /** Of so many sales, a number of days apart, each returned after 10 minutes and settled again 5 minutes later. */
  const corrected = (times: number, days: number) =>
    story(
      Array.from({ length: times }, (_, i): Sale[] => [
        [i * days * 1440, 10, `A${i}`],
        [i * days * 1440 + 15, null, `A${i}`],
      ]).flat(),
    ).ticking(7200);
  test.each([
    [3, 1, []],
    [4, 1, ['p1 2 3']],
    [4, 20, []],
    [5, 20, []],
  ])('of several sales is excused once in 60 days: %i, %i days apart', (times, days, expected) => {
    expect(standing(corrected(times, days), NINE + 90 * DAY)).toEqual(expected);
  });

  test('is none fourteen times in two months, as published', () => {
    // From 20 November on: in December with ten of them, in January with all but the first.
    expect(standing(corrected(14, 4), NINE + 60 * DAY)).toEqual(['p1 2 10', 'p1 2 13']);
  });
});

describe('what comes late', () => {
  const without = (skipped: number) => {
    const timeline = new Timeline([detector]);
    for (const [i, [minute, back]] of THREE.entries()) {
      const at = NINE + minute * MINUTE;
      timeline.at(at, 'settlement', { settlementId: `S${i}`, messageId: `M${i}` });
      if (back !== null && i !== skipped)
        timeline.at(at + back * MINUTE, 'reversal', { settlementId: `R${i}`, originalMessageId: `M${i}` });
    }
    return timeline;
  };

  test('a return of an hour ago, after a restart', () => {
    const late = without(1).restarted(NINE + 2 * 60 * MINUTE);
    late.at(NINE + 28 * MINUTE, 'reversal', { settlementId: 'R1', originalId: 'S1' }, 36_000);
    expect(standing(late)).toEqual(RAISED);
  });

  test('a reversal that makes one of them never have been withdraws, days later', () => {
    const late = story(THREE).restarted(NINE + 3 * DAY);
    late.at(NINE, 'reversal', { settlementId: 'R9', originalId: 'S0' }, 5 * 86_400);
    expect(standing(late, NINE + 4 * DAY)).toEqual(RAISED);
    expect(standing(late, NINE + 6 * DAY)).toEqual([]);
  });
});

test('whatever the order of arrival, the same stands at the end', () => {
  const late = fc.tuple(fc.integer({ min: 0, max: 72_000 }), fc.integer({ min: 0, max: 72_000 }));
  const sale = fc.record({
    minute: fc.integer({ min: 0, max: 120 }),
    back: fc.option(fc.constantFrom(0, 4, 8, 30, 31), { freq: 5 }),
    items: fc.constantFrom('A', 'B'),
    late,
    other: late,
  });
  fc.assert(
    fc.property(fc.array(sale, { minLength: 3, maxLength: 8 }), (sales) => {
      const run = (pick: 0 | 1) => {
        const timeline = new Timeline([detector]).ticking(1800);
        for (const [i, { minute, back, items, late, other }] of sales.entries()) {
          const at = NINE + minute * MINUTE;
          timeline.at(at, 'settlement', { settlementId: `S${i}`, cold: { lines: [{ item: items }] } }, late[pick]);
          if (back !== null)
            timeline.at(at + back * MINUTE, 'reversal', { settlementId: `R${i}`, originalId: `S${i}` }, other[pick]);
        }
        return timeline.standing(NINE + DAY);
      };
      expect(run(0)).toEqual(run(1));
    }),
    { numRuns: 100 },
  );
});
