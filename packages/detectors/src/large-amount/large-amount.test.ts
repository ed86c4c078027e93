// large-amount as timelines: whose limit, what a day adds up to, what excuses, and that the order of arrival decides nothing.
import { Timeline } from '@yunjian/detection';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detector } from './index.ts';

const DAY = 86_400_000;
const NOON = Date.parse('2026-11-20T12:00:00+08:00');
const shop = (category = 'pharmacy') => new Timeline([detector]).at('07:00:00', 'institution', { category });
const sold = (timeline: Timeline, fund: number, fields: Record<string, unknown> = {}, late = 1) =>
  timeline.at('10:00:00', 'settlement', { settlementId: 'S1', fund, ...fields }, late);
const reversed = (timeline: Timeline, at: string | number, late = 1, originalId = 'S1') =>
  timeline.at(at, 'reversal', { settlementId: `R-${originalId}`, originalId }, late);
const standing = (timeline: Timeline, until: string | number = '20:00:00') =>
  timeline
    .ticking(60)
    .standing(until)
    .map(({ subject, level }) => `${subject} ${level}`);
const RAISED = ['S1 3'];

describe('one settlement', () => {
  test.each([
    ['at a pharmacy, at the limit', 'pharmacy', 50_000, '41', []],
    ['at a pharmacy, a cent above', 'pharmacy', 50_001, '41', RAISED],
    ['at a clinic, at the limit', 'clinic', 100_000, '11', []],
    ['at a clinic, a cent above', 'clinic', 100_001, '11', RAISED],
    ['at a hospital, at the limit', 'hospital', 500_000, '11', []],
    ['at a hospital, a cent above', 'hospital', 500_001, '11', RAISED],
    ['of an inpatient', 'hospital', 9_000_000, '21', []],
    ['of a day ward', 'hospital', 9_000_000, '28', []],
    ['of an inpatient by single disease', 'hospital', 9_000_000, '26', []],
    ['of a delivery', 'hospital', 9_000_000, '52', []],
    ['of maternity without a bed', 'hospital', 9_000_000, '51', RAISED],
    ['of a chronic patient, at three times the limit', 'pharmacy', 150_000, '14', []],
    ['of a chronic patient, a cent above that', 'pharmacy', 150_001, '14', RAISED],
  ])('%s', (_name, category, fund, medicalType, expected) => {
    expect(standing(sold(shop(category), fund, { medicalType }))).toEqual(expected);
  });

  test('counts fund money, not what the bill comes to', () => {
    expect(standing(sold(shop(), 40_000, { total: 90_000 }))).toEqual([]);
  });

  test('of an institution that is not registered says nothing, until a registration comes that held by then', () => {
    const bare = () => sold(new Timeline([detector]), 60_000);
    expect(standing(bare())).toEqual([]);
    expect(standing(bare().at('09:00:00', 'institution', {}, 7200))).toEqual(RAISED);
    expect(standing(bare().at('10:00:01', 'institution'))).toEqual([]);
  });

  test('a registration that comes late as another kind takes it back', () => {
    expect(standing(sold(shop(), 60_000).at('09:00:00', 'institution', { category: 'clinic' }, 7200))).toEqual([]);
  });

  test('says the figures and where to look', () => {
    expect(sold(shop(), 60_000).ticking(60).findings('11:00:00')).toMatchObject([
      {
        subject: { kind: 'settlement', ref: 'S1' },
        amount: '600.00',
        facts: { fund: '600.00', limit: '500.00', category: 'pharmacy', chronic: false },
        evidence: [{ kind: 'settlement', ref: 'S1' }],
      },
    ]);
  });
});

describe('a reversal', () => {
  test.each([
    ['at the same second excuses', '10:00:00', 1, []],
    ['of the same second that comes hours late excuses', '10:00:00', 7200, []],
    ['a second later does not', '10:00:01', 1, RAISED],
  ])('%s', (_name, at, late, expected) => {
    expect(standing(reversed(sold(shop(), 60_000), at, late))).toEqual(expected);
  });

  test('known before its settlement counts as well', () => {
    expect(standing(reversed(sold(shop(), 60_000, {}, 3600), '10:00:00'))).toEqual([]);
    const [told] = reversed(sold(shop(), 60_000, {}, 3600), '10:05:00')
      .ticking(60)
      .standing('12:00:00');
    expect(told?.facts).toMatchObject({ reversed_by: 'R-S1' });
  });

  test('by message withdraws; after days, and after a restart, too', () => {
    const story = sold(shop(), 60_000, { messageId: 'M1' })
      .restarted('11:00:00')
      .restarted(NOON + 3 * DAY)
      .at('10:00:00', 'reversal', { settlementId: 'R1', originalMessageId: 'M1' }, (4 * DAY) / 1000);
    expect(standing(story.ticking(600), NOON + 3 * DAY)).toEqual(RAISED);
    expect(story.ticking(600).standing(NOON + 5 * DAY)).toEqual([]);
  });

  test.each([
    ['before', -7200],
    ['after', 7200],
  ])('of a message that two settlements bore undoes both, received %s them', (_name, late) => {
    const story = sold(shop(), 60_000, { messageId: 'M' }, 7300).at(
      '10:00:00',
      'settlement',
      { settlementId: 'S2', fund: 70_000, person: 'p2', messageId: 'M' },
      7300,
    );
    expect(standing(story)).toEqual(['S1 3', 'S2 3']);
    const undone = story.at('10:00:00', 'reversal', { settlementId: 'R1', originalMessageId: 'M' }, 7300 + late);
    expect(standing(undone)).toEqual([]);
  });

  test('that comes later amends', () => {
    const actions = reversed(sold(shop(), 60_000), '15:00:00').ticking(60).findings('16:00:00');
    expect(actions.map(({ action, facts }) => [action, facts.reversed_by ?? null])).toEqual([
      ['raise', null],
      ['raise', 'R-S1'],
    ]);
  });
});

describe('a person’s day', () => {
  const two = (first: number, second: number, more: Record<string, unknown> = {}, at: string | number = '15:00:00') =>
    sold(shop(), first).at(at, 'settlement', { settlementId: 'S2', fund: second, ...more });

  test.each([
    ['at the limit', two(25_000, 25_000), []],
    ['a cent above', two(25_000, 25_001), ['p1 3']],
    ['of two persons', two(40_000, 40_000, { person: 'p2' }), []],
    ['of an inpatient', two(40_000, 40_000, { medicalType: '21' }), []],
    ['at two institutions', two(40_000, 40_000, { institution: 'P32110000002' }), []],
    ['of a chronic patient', two(40_000, 100_000, { medicalType: '14' }), []],
    ['of a chronic patient, above three times the limit', two(40_000, 110_001, { medicalType: '14' }), ['p1 3']],
    ['with a settlement above by itself, which is said once', two(40_000, 60_000), ['S2 3']],
    ['that is the next', two(40_000, 40_000, {}, NOON + DAY / 2), []],
  ])('%s', (_name, story, expected) => {
    expect(standing(story, NOON + DAY)).toEqual(expected);
  });

  test('what was taken back by its own second widens no limit', () => {
    const chronic = two(30_000, 30_000).at('16:00:00', 'settlement', {
      settlementId: 'S3',
      fund: 1_000,
      medicalType: '14',
    });
    expect(standing(chronic)).toEqual([]);
    expect(standing(reversed(chronic, '16:00:00', 1, 'S3'))).toEqual(['p1 3']);
  });

  test('settled again after a reversal adds up to one; a reversal afterwards changes nothing but the facts', () => {
    expect(standing(reversed(two(40_000, 40_000), '12:00:00'))).toEqual([]);
    expect(standing(reversed(two(40_000, 40_000), '12:00:00', 20_000))).toEqual([]);
    expect(standing(reversed(two(40_000, 40_000), '15:00:01'))).toEqual(['p1 3']);
  });

  test('stands through restarts and days, until a late reversal takes it back', () => {
    const story = () =>
      two(40_000, 40_000)
        .restarted('16:00:00')
        .restarted(NOON + 3 * DAY)
        .ticking(600);
    expect(story().standing(NOON + 5 * DAY)).toHaveLength(1);
    expect(reversed(story(), '12:00:00', (4 * DAY) / 1000).standing(NOON + 5 * DAY)).toEqual([]);
  });
});

test('whatever the order of arrival, the same stands at the end', () => {
  const late = fc.integer({ min: 0, max: 7200 });
  const sale = fc.record({
    minute: fc.integer({ min: 0, max: 90 }),
    fund: fc.constantFrom(20_000, 30_000, 50_000, 60_000, 160_000),
    medicalType: fc.constantFrom('41', '14', '21'),
    person: fc.constantFrom('p1', 'p2'),
    back: fc.option(fc.integer({ min: 0, max: 30 })),
    late: fc.tuple(late, late),
    other: fc.tuple(late, late),
  });
  fc.assert(
    fc.property(fc.array(sale, { maxLength: 6 }), fc.tuple(late, late), (sales, registered) => {
      const run = (pick: 0 | 1) => {
        const story = new Timeline([detector]).at('09:00:00', 'institution', {}, registered[pick]).ticking(600);
        for (const [i, { minute, back, ...sale }] of sales.entries()) {
          const at = NOON + minute * 60_000;
          const { fund, medicalType, person } = sale;
          story.at(at, 'settlement', { settlementId: `S${i}`, fund, medicalType, person }, sale.late[pick]);
          if (back !== null) reversed(story, at + back * 60_000, sale.other[pick], `S${i}`);
        }
        return story.standing('18:00:00');
      };
      expect(run(0)).toEqual(run(1));
    }),
    { numRuns: 60 },
  );
});
