// pharmacist-absent as timelines: who was signed in, who reports at all, and that the order of arrival decides nothing.
import { Timeline } from '@yunjian/detection';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detector } from './index.ts';

const DAY = 86_400_000;
const at = (date: string, time: string) => Date.parse(`${date}T${time}+08:00`);
const TODAY = '2026-11-20';
const line = (item: string, prescriptionDrug: boolean | null) => ({ line: '1', item, name: null, prescriptionDrug });
const shop = (category = 'pharmacy') => new Timeline([detector]).at('08:00:00', 'institution', { category });
const sign = (timeline: Timeline, time: string | number, present: boolean, fields = {}, late = 1) =>
  timeline.at(time, 'staffPresence', { present, ...fields }, late);
const sold = (timeline: Timeline, fields: Record<string, unknown> = {}, late = 1) =>
  timeline.at('10:00:00', 'settlement', { settlementId: 'S1', cold: { lines: [line('X1', true)] }, ...fields }, late);
const standing = (timeline: Timeline, until: string | number = '10:30:00') =>
  timeline.standing(until).map(({ subject, level }) => `${subject} ${level}`);
const RAISED = ['S1 3'];
const LISTED = [`P32110000001/${TODAY} 3`];
const IN = true;
const OUT = false;

describe('the last signing of the day', () => {
  test.each([
    ['in before', [['09:00:00', IN]], []],
    ['in at the very moment', [['10:00:00', IN]], []],
    ['in a second later', [['10:00:01', IN]], RAISED],
    [
      'in and out',
      [
        ['09:00:00', IN],
        ['09:30:00', OUT],
      ],
      RAISED,
    ],
    [
      'out at the very moment',
      [
        ['09:00:00', IN],
        ['10:00:00', OUT],
      ],
      RAISED,
    ],
    [
      'out a second later',
      [
        ['09:00:00', IN],
        ['10:00:01', OUT],
      ],
      [],
    ],
    [
      'out and in again',
      [
        ['09:00:00', OUT],
        ['09:30:00', IN],
      ],
      [],
    ],
    [
      'out and in at one instant',
      [
        ['09:30:00', IN],
        ['09:30:00', OUT],
      ],
      [],
    ],
    ['in on the day before only', [[at('2026-11-19', '22:00:00'), IN]], RAISED],
    ['in just before midnight', [[at('2026-11-19', '23:59:59'), IN]], RAISED],
    ['in at midnight', [[at(TODAY, '00:00:00'), IN]], []],
  ] as [string, [string | number, boolean][], string[]][])('%s', (_name, signings, expected) => {
    const timeline = shop().at(at('2026-11-18', '00:00:00'), 'institution', { eventId: 'early' }).ticking(30);
    for (const [time, present] of signings) sign(timeline, time, present);
    expect(standing(sold(timeline))).toEqual(expected);
  });

  test.each([
    [
      'another pharmacist who leaves does not take the first along',
      [
        ['A', IN],
        ['B', IN],
        ['B', OUT],
      ],
      [],
    ],
    [
      'until the first leaves too',
      [
        ['A', IN],
        ['B', IN],
        ['B', OUT],
        ['A', OUT],
      ],
      RAISED,
    ],
    [
      'an absence that names nobody is everybody’s',
      [
        ['A', IN],
        ['B', IN],
        [null, OUT],
      ],
      RAISED,
    ],
    [
      'a sign-in that names nobody ends with one that does',
      [
        [null, IN],
        ['A', OUT],
      ],
      RAISED,
    ],
  ] as [string, [string | null, boolean][], string[]][])('%s', (_name, signings, expected) => {
    const timeline = shop();
    for (const [i, [staff, present]] of signings.entries()) sign(timeline, `09:0${i}:00`, present, { staff });
    expect(standing(sold(timeline))).toEqual(expected);
  });

  test('of a doctor or a nurse is no pharmacist’s, though presence is reported', () => {
    expect(standing(sold(sign(shop(), '09:00:00', IN, { role: 'doctor' })))).toEqual(RAISED);
  });

  test('is in the facts and the evidence', () => {
    const out = sign(sign(shop(), '09:00:00', IN), '09:30:00', OUT, { device: 'cam1', eventId: 'out' });
    const [told] = sold(out).findings('10:01:00');
    expect(told).toMatchObject({
      subject: { kind: 'settlement', ref: 'S1' },
      amount: '80.00',
      facts: {
        pharmacist: { zh: '已签退', en: 'signed out' },
        last_signed_at: '2026-11-20T09:30:00+08:00',
        drugs: [{ item: 'X1' }],
      },
      evidence: [
        { kind: 'settlement', ref: 'S1' },
        { kind: 'clip', of: 'check' },
        { kind: 'clip', of: 'device', ref: 'cam1' },
      ],
    });
  });
});

describe('only', () => {
  const out = (timeline: Timeline) => sign(timeline, '09:00:00', OUT);
  test.each([
    ['at a pharmacy', out(shop()), {}, RAISED],
    ['not at a clinic', out(shop('clinic')), {}, []],
    ['not where nobody is registered', out(new Timeline([detector])), {}, []],
    ['with a prescription drug', out(shop()), { cold: { lines: [line('X1', false)] } }, []],
    ['whether or not there is a prescription', out(shop()), { prescription: 'RX1' }, RAISED],
  ])('%s', (_name, timeline, fields, expected) => {
    expect(standing(sold(timeline, fields))).toEqual(expected);
  });

  test('the registration of that time counts, also one that arrives late', () => {
    const late = sold(sign(new Timeline([detector]), '09:00:00', OUT)).at('09:30:00', 'institution', {}, 7200);
    expect(standing(late)).toEqual([]);
    expect(standing(late, '11:40:00')).toEqual(RAISED);
    const after = sold(sign(new Timeline([detector]), '09:00:00', OUT)).at('10:00:01', 'institution');
    expect(standing(after)).toEqual([]);
  });

  test('a drug of which the catalogue says so, also later', () => {
    const unsaid = sold(sign(shop(), '09:00:00', OUT), { cold: { lines: [line('X1', null)] } });
    expect(standing(unsaid)).toEqual([]);
    const said = unsaid.at('10:40:00', 'drug', { item: 'X1', prescriptionDrug: true });
    expect(standing(said, '10:41:00')).toEqual(RAISED);
    expect(standing(said.at('10:50:00', 'drug', { item: 'X1', prescriptionDrug: false }), '10:51:00')).toEqual([]);
  });
});

describe('a pharmacy that reports no presence at all', () => {
  const two = (timeline: Timeline) =>
    sold(timeline).at('10:05:00', 'settlement', { settlementId: 'S2', cold: { lines: [line('X1', true)] } });

  test('is listed once a day, by the day’s first sale', () => {
    const told = two(shop()).findings('10:30:00');
    expect(told.map(({ action, subject, title, amount }) => [action, subject, title.en, amount])).toEqual([
      ['raise', { kind: 'institution', ref: `P32110000001/${TODAY}` }, 'Pharmacy reports no staff presence', null],
    ]);
    const late = two(shop()).at(
      '09:00:00',
      'settlement',
      { settlementId: 'S0', cold: { lines: [line('X1', true)] } },
      7200,
    );
    expect(late.standing('11:30:00')).toMatchObject([{ facts: { first_sale: 'S0', date: TODAY } }]);
  });

  test('is listed again the next day', () => {
    const next = two(shop()).at(at('2026-11-21', '10:00:00'), 'settlement', {
      settlementId: 'S3',
      cold: { lines: [line('X1', true)] },
    });
    expect(standing(next.ticking(300), at('2026-11-21', '11:00:00'))).toEqual([...LISTED, 'P32110000001/2026-11-21 3']);
  });

  test('is judged by the sale once it reports for that day, even later that day', () => {
    const timeline = sign(two(shop()), '10:20:00', IN);
    expect(standing(timeline, '10:19:00')).toEqual(LISTED);
    expect(standing(timeline)).toEqual(['S1 3', 'S2 3']);
    expect(standing(sign(two(shop()), '09:20:00', IN, {}, 3600))).toEqual([]);
  });

  test.each([
    [30, RAISED],
    [31, LISTED],
  ])('is one whose last report was more than 30 days ago: %i', (days, expected) => {
    const before = at(TODAY, '12:00:00') - days * DAY;
    const timeline = sign(shop().ticking(300), before, IN);
    expect(standing(sold(timeline), '10:30:00')).toEqual(expected);
  });

  test('is listed with the later reversal of the sale on which the listing rests', () => {
    const story = (sale: string) => two(shop()).at('10:20:00', 'reversal', { settlementId: 'R1', originalId: sale });
    expect(story('S2').findings('10:30:00')).toHaveLength(1);
    expect(
      story('S1')
        .findings('10:30:00')
        .map(({ action, facts, evidence }) => [action, facts.reversed_by ?? null, evidence.map(({ ref }) => ref)]),
    ).toEqual([
      ['raise', null, ['S1']],
      ['raise', 'R1', ['S1', 'R1']],
    ]);
  });

  test('is no longer listed when its only such sale was reversed at once', () => {
    const reversed = sold(shop()).at('10:00:00', 'reversal', { settlementId: 'R1', originalId: 'S1' }, 600);
    expect(standing(reversed, '10:09:00')).toEqual(LISTED);
    expect(standing(reversed)).toEqual([]);
  });
});

describe('when we may speak', () => {
  test('not before what was sent by then has been read', () => {
    const timeline = sold(sign(shop(), '09:00:00', OUT));
    expect(standing(timeline, '10:00:11')).toEqual([]);
    expect(standing(timeline, '10:00:13')).toEqual(RAISED);
    const behind = sign(sold(sign(shop(), '09:00:00', OUT)), '09:59:00', IN).stalled(
      'surveillance',
      '09:58:00',
      '10:20:00',
    );
    expect(behind.findings('10:30:00')).toEqual([]);
  });

  test('a sign-in that comes late withdraws at once, a signing-out that comes late accuses', () => {
    const timeline = sign(sold(sign(shop(), '09:00:00', OUT)), '09:59:00', IN, {}, 900);
    expect(standing(timeline, '10:10:00')).toEqual(RAISED);
    expect(timeline.findings('10:30:00').at(-1)).toMatchObject({
      action: 'withdraw',
      reason: 'a pharmacist was signed in',
    });
    const out = sign(sold(sign(shop(), '09:00:00', IN)), '09:59:00', OUT, {}, 900);
    expect(standing(out, '10:10:00')).toEqual([]);
    expect(standing(out)).toEqual(RAISED);
  });

  test('a settlement that comes hours late is judged by what was signed; one of 48 hours ago makes no claim', () => {
    const days = (late: number) => sold(sign(shop().ticking(300), '09:00:00', OUT), {}, late);
    expect(standing(days(10 * 3600), '20:30:00')).toEqual(RAISED);
    expect(standing(days(49 * 3600), at('2026-11-22', '12:00:00'))).toEqual([]);
  });
});

describe('a reversal', () => {
  const reversed = (time: string, late: number, by: Record<string, unknown> = { originalId: 'S1' }) =>
    sold(sign(shop().ticking(300), '09:00:00', OUT), { messageId: 'M1' }).at(
      time,
      'reversal',
      { settlementId: 'R1', ...by },
      late,
    );
  test.each([
    ['by settlement', { originalId: 'S1' }],
    ['by message', { originalMessageId: 'M1' }],
  ])('at the settlement’s own time withdraws whenever it arrives, named %s', (_name, by) => {
    expect(standing(reversed('10:00:00', 1, by))).toEqual([]);
    expect(standing(reversed('10:00:00', 3600, by))).toEqual(RAISED);
    expect(standing(reversed('10:00:00', 3 * 86_400, by), at('2026-11-23', '11:00:00'))).toEqual([]);
  });

  test('a second later is in the facts, with what had been signed, three days later too', () => {
    for (const late of [60, 3 * 86_400]) {
      const [told] = reversed('10:00:01', late).standing(at('2026-11-23', '11:00:00'));
      expect(told?.facts).toMatchObject({ reversed_by: 'R1', pharmacist: { zh: '已签退', en: 'signed out' } });
    }
  });
});

/** A morning with two pharmacists, three sales and a late registration, in whatever order it arrives. */
const world = (late: readonly number[]) => {
  const timeline = new Timeline([detector]);
  const next = (i: number) => late[i] as number;
  timeline.at('08:00:00', 'institution', {}, 7200 + next(0));
  sign(timeline, '09:00:00', IN, { staff: 'A' }, next(1) + 1800);
  sign(timeline, '09:30:00', OUT, { staff: 'A' }, next(2));
  sign(timeline, '09:50:00', IN, { staff: 'B' }, next(3));
  sign(timeline, '10:10:00', OUT, { staff: 'B' }, next(4));
  for (const [i, time] of ['09:20:00', '09:40:00', '10:00:00', '10:20:00'].entries())
    timeline.at(
      time,
      'settlement',
      { settlementId: `S${i}`, cold: { lines: [line('X1', i === 1 ? null : true)] } },
      next(5 + i),
    );
  timeline.at('10:20:00', 'reversal', { settlementId: 'R3', originalId: 'S3' }, next(9));
  timeline.at('10:30:00', 'settlement', { settlementId: 'S4', cold: { lines: [line('X1', true)] } }, next(10));
  return timeline.at('08:30:00', 'drug', { item: 'X1', prescriptionDrug: true }, next(11)).ticking(10);
};

describe('the final state', () => {
  test('is the same in any order of arrival, and after a restart', () => {
    const final = (timeline: Timeline) => timeline.standing('11:30:00');
    const expected = final(world(Array.from({ length: 12 }, () => 1)));
    expect(expected.map(({ subject }) => subject)).toEqual(['S1', 'S4']);
    const lateness = fc.array(fc.integer({ min: 1, max: 2400 }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(lateness, fc.integer({ min: 0, max: 5400 }), (late, restart) => {
        expect(final(world(late))).toEqual(expected);
        expect(final(world(late).restarted(at(TODAY, '10:00:00') + restart * 1000))).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  test('findings are the same with and without a restart', () => {
    const story = () => sign(sold(sign(shop(), '09:00:00', OUT)), '09:59:00', IN, {}, 900);
    expect(story().restarted('10:00:05').restarted('10:05:00').findings('10:30:00')).toEqual(
      story().findings('10:30:00'),
    );
  });
});
