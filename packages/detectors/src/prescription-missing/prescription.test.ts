// prescription-missing as timelines: which drugs, which bills, what excuses, and that the order of arrival decides nothing.
import { Timeline } from '@yunjian/detection';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detector } from './index.ts';

const DAY = 86_400_000;
const NOON = Date.parse('2026-11-20T12:00:00+08:00');
const line = (item: string, prescriptionDrug: boolean | null, n = '1') => ({
  line: n,
  item,
  name: `药 ${item}`,
  prescriptionDrug,
});
const shop = () => new Timeline([detector]);
const slow = () => shop().ticking(60);
const sold = (timeline: Timeline, lines: object[], fields: Record<string, unknown> = {}, late = 1) =>
  timeline.at('10:00:00', 'settlement', { settlementId: 'S1', cold: { lines }, ...fields }, late);
const record = (timeline: Timeline, at: string | number, prescriptionDrug: boolean | null, late = 1) =>
  timeline.at(at, 'drug', { item: 'X1', prescriptionDrug, eventId: `drug-${at}-${late}` }, late);
const standing = (timeline: Timeline, until: string | number = '10:30:00') =>
  timeline.standing(until).map(({ subject, level }) => `${subject} ${level}`);
const RAISED = ['S1 3'];

describe('a settlement', () => {
  test.each([
    ['with a prescription drug and no number', [line('X1', true)], {}, RAISED],
    ['with a number', [line('X1', true)], { prescription: 'RX1' }, []],
    ['of other drugs', [line('X1', false), line('X2', false, '2')], {}, []],
    ['with one such drug among others', [line('X1', false), line('X2', true, '2')], {}, RAISED],
    ['whose bill does not say, and nobody else', [line('X1', null)], {}, []],
    ['without lines', [], {}, []],
    ['of the ward', [line('X1', true)], { medicalType: '21' }, []],
    ['of a day ward', [line('X1', true)], { medicalType: '28' }, []],
    ['of a delivery', [line('X1', true)], { medicalType: '52' }, []],
    ['of an outpatient', [line('X1', true)], { medicalType: '11' }, RAISED],
    ['of a chronic patient', [line('X1', true)], { medicalType: '14' }, RAISED],
  ])('%s', (_name, lines, fields, expected) => {
    expect(standing(sold(shop(), lines, fields))).toEqual(expected);
  });

  test('says which drugs, who says so, and where to look', () => {
    const [told] = sold(record(shop(), '09:00:00', true), [line('X1', null), line('X2', true, '2')]).findings(
      '10:01:00',
    );
    expect(told).toMatchObject({
      subject: { kind: 'settlement', ref: 'S1' },
      amount: '80.00',
      facts: {
        prescription: null,
        drugs: [
          { line: '1', item: 'X1', name: '药 X1', prescription_by: 'catalogue' },
          { line: '2', item: 'X2', name: '药 X2', prescription_by: 'bill' },
        ],
      },
      evidence: [{ kind: 'settlement', ref: 'S1' }],
    });
  });
});

describe('the catalogue', () => {
  test('speaks where the bill does not, known before', () => {
    expect(standing(sold(record(shop(), '09:00:00', true), [line('X1', null)]))).toEqual(RAISED);
    expect(standing(sold(record(shop(), '09:00:00', false), [line('X1', null)]))).toEqual([]);
  });

  test('never against the bill', () => {
    expect(standing(sold(record(shop(), '09:00:00', true), [line('X1', false)]))).toEqual([]);
    expect(standing(sold(record(shop(), '09:00:00', false), [line('X1', true)]))).toEqual(RAISED);
  });

  test('judges again what was sold in the last 48 hours, to the second, and nothing older', () => {
    const until = NOON + 3 * DAY;
    const after = (late: number) => record(sold(slow(), [line('X1', null)]), '10:00:00', true, late);
    expect(standing(after(48 * 3600 + 1), until)).toEqual(RAISED);
    expect(standing(after(48 * 3600 + 2), until)).toEqual([]);
  });

  test('takes back by a later record, and what stands for longer than 48 hours is left standing', () => {
    const wrong = () => sold(record(slow(), '09:00:00', true), [line('X1', null)]);
    expect(standing(record(wrong(), '11:00:00', false), '12:00:00')).toEqual([]);
    expect(standing(record(wrong(), NOON + 3 * DAY, false), NOON + 3 * DAY + 60_000)).toEqual(RAISED);
  });

  test('of two records the later event time holds, whatever arrives first', () => {
    const told = record(record(sold(shop(), [line('X1', null)]), '09:00:00', false), '08:00:00', true, 7200);
    expect(standing(told, '12:00:00')).toEqual([]);
  });
});

describe('a later document of the same settlement', () => {
  const again = (timeline: Timeline, fields: Record<string, unknown>, late: number) =>
    sold(timeline, [line('X1', true)], { eventId: 'settlement-S1', ...fields }, late);

  test('that brings the number withdraws, however late', () => {
    const timeline = again(again(shop(), {}, 1), { prescription: 'RX7' }, 3600);
    expect(standing(timeline, '10:30:00')).toEqual(RAISED);
    expect(timeline.findings('11:30:00').at(-1)).toMatchObject({ action: 'withdraw', facts: { prescription: 'RX7' } });
    expect(standing(again(again(slow(), {}, 1), { prescription: 'RX7' }, 3 * 86_400), NOON + 4 * DAY)).toEqual([]);
  });

  test('that brings none changes nothing', () => {
    expect(standing(again(again(shop(), {}, 1), { fund: 1 }, 60))).toEqual(RAISED);
  });

  test('that is read before the first one counts as well', () => {
    const bringing = () => again(shop(), { prescription: 'RX7' }, 5);
    expect(standing(again(bringing(), { behind: 60 }, 1))).toEqual([]);
    expect(standing(again(again(shop(), {}, 5), { behind: 60, prescription: 'RX7' }, 1))).toEqual([]);
    expect(standing(again(again(shop(), {}, 5), { behind: 60, fund: 1 }, 1))).toEqual(RAISED);
  });

  test('sent again unchanged, it is one alert', () => {
    const told = again(again(shop(), {}, 1), {}, 60).findings('10:30:00');
    expect(told.map(({ action }) => action)).toEqual(['raise']);
  });
});

describe('a reversal', () => {
  const reversed = (at: string, late = 1, by: Record<string, unknown> = { originalId: 'S1' }) =>
    sold(late > 9999 ? slow() : shop(), [line('X1', true)], { messageId: 'M1' }).at(
      at,
      'reversal',
      { settlementId: 'R1', ...by },
      late,
    );

  test('at the settlement’s own time raises nothing, whenever it arrives, by settlement or by message', () => {
    expect(standing(reversed('10:00:00'))).toEqual([]);
    expect(standing(reversed('10:00:00', 3600), '10:30:00')).toEqual(RAISED);
    expect(standing(reversed('10:00:00', 3600), '11:30:00')).toEqual([]);
    expect(standing(reversed('10:00:00', 1, { originalMessageId: 'M1' }))).toEqual([]);
    expect(standing(reversed('10:00:00', 3 * 86_400, { originalMessageId: 'M1' }), NOON + 4 * DAY)).toEqual([]);
  });

  test('a second later, the act happened: it is in the facts', () => {
    const [told] = reversed('10:00:01').standing('10:30:00');
    expect(told?.facts).toMatchObject({ reversed_by: 'R1', reversed_at: '2026-11-20T10:00:01+08:00' });
    expect(standing(reversed('10:00:01', 3 * 86_400), NOON + 4 * DAY)).toEqual(RAISED);
  });

  test('before its settlement is read counts, and is in the facts', () => {
    const early = (at: string) => shop().at(at, 'reversal', { settlementId: 'R1', originalId: 'S1' });
    expect(standing(sold(early('10:00:00'), [line('X1', true)], {}, 600))).toEqual([]);
    const [told] = sold(early('10:05:00'), [line('X1', true)], {}, 600).standing('10:30:00');
    expect(told?.facts.reversed_by).toBe('R1');
  });
});

/** Everything that can be said about one sale, in whatever order it arrives. */
const lateness = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 7, maxLength: 7 });
const world = (late: readonly number[], settled: boolean) => {
  const timeline = shop();
  const drugs = [line('X1', null), line('X2', null, '2')];
  record(timeline, '09:50:00', true, (late[0] as number) + 600);
  record(timeline, '09:55:00', settled, (late[1] as number) + 300);
  timeline.at('09:40:00', 'drug', { item: 'X2', prescriptionDrug: true, eventId: 'x2' }, (late[2] as number) + 1200);
  sold(timeline, drugs, {}, late[3]);
  timeline.at('10:00:00', 'settlement', { settlementId: 'S2', messageId: 'M2', cold: { lines: drugs } }, late[4]);
  timeline.at('10:00:00', 'reversal', { settlementId: 'R2', originalMessageId: 'M2' }, late[5]);
  return timeline.at('10:00:10', 'reversal', { settlementId: 'R1', originalId: 'S1' }, late[6]);
};

describe('the final state', () => {
  test('is the same in any order of arrival, and after a restart', () => {
    const final = (timeline: Timeline) => timeline.standing('10:20:00');
    for (const settled of [true, false]) {
      const expected = final(world([1, 1, 1, 1, 1, 1, 1], settled));
      expect(expected.map(({ subject }) => subject)).toEqual(['S1']);
      fc.assert(
        fc.property(lateness, fc.integer({ min: 0, max: 900 }), (late, restart) => {
          expect(final(world(late, settled))).toEqual(expected);
          expect(final(world(late, settled).restarted(NOON - 2 * 3_600_000 + restart * 1000))).toEqual(expected);
        }),
        { numRuns: 20 },
      );
    }
  });

  test('what stands for days survives a restart, and its reversal is still known by its message', () => {
    const story = () =>
      sold(slow(), [line('X1', true)], { messageId: 'M1' }).at(
        '10:00:00',
        'reversal',
        { settlementId: 'R1', originalMessageId: 'M1' },
        4 * 86_400,
      );
    const restarted = story().restarted(NOON + 3 * DAY);
    expect(standing(restarted, NOON + 3.5 * DAY)).toEqual(RAISED);
    expect(restarted.findings(NOON + 5 * DAY)).toEqual(story().findings(NOON + 5 * DAY));
    expect(standing(restarted, NOON + 5 * DAY)).toEqual([]);
  });

  test('findings are the same with and without a restart', () => {
    const story = () =>
      sold(shop(), [line('X1', null)])
        .at('10:05:00', 'drug', { item: 'X1', prescriptionDrug: true })
        .at('10:00:00', 'reversal', { settlementId: 'R1', originalId: 'S1' }, 1200);
    expect(story().restarted('10:01:00').restarted('10:10:00').findings('10:30:00')).toEqual(
      story().findings('10:30:00'),
    );
  });
});
