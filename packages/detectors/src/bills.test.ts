// The book of settlements that rules share: how long it keeps what, that no rule knows by another's alert what it would have forgotten by
// itself, and that each says alone what it says beside the others.
import { ColdPart, type Finding, type Reversal, type Settlement } from '@yunjian/contracts';
import { type AnyDetector, createReversals, instantOf, KeyedState, Timeline } from '@yunjian/detection';
import { expect, test } from 'vitest';
import { ofPerson } from './bill.ts';
import { Bills } from './bills.ts';
import { detector as cluster } from './card-cluster/index.ts';
import { detector as empty } from './empty-swipe/index.ts';
import { detector as large } from './large-amount/index.ts';
import { Marks, PLAIN } from './marks.ts';
import { detector as night } from './night-settlement/index.ts';
import { detector as cycle } from './swipe-return-cycle/index.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function world(before?: KeyedState) {
  const state = new KeyedState();
  for (const change of before?.all() ?? []) state.load(JSON.parse(JSON.stringify(change)));
  let clock = Number.NEGATIVE_INFINITY;
  const reversals = createReversals(state.table('reversal'));
  const bills = new Bills({
    attach: (name, rows) => state.attach(name, rows),
    clocks: { at: () => clock } as never,
    reversals,
  });
  const table = <V>(name: string) => state.table<V>(name);
  const marks = new Marks({ table }, bills, PLAIN);
  const notes = bills.note('items', (lines) => lines.map(({ item }) => item));
  bills.restore();
  marks.restore();
  const mark = (now: number) => {
    clock = now;
    bills.onMark();
  };
  const settle = (id: string, at: number, fields: Partial<Settlement> = {}, replaces = false) => {
    const event = {
      kind: 'settlement',
      institution: 'P1',
      settlementId: id,
      eventTime: at,
      arrival: at,
      person: 'p1',
      certificate: '02',
      medicalType: '41',
      fund: 100,
      terminal: 'D1',
      byAgent: false,
      messageId: null,
      prescription: null,
      cold: ColdPart.of({ lines: [{ line: '1', item: 'XA', name: null, prescriptionDrug: null }] }),
      ...fields,
    } as unknown as Settlement;
    bills.on.settlement?.(event, { replaces: replaces ? { eventTime: at, fund: 0 } : null });
    return bills.taken(event);
  };
  const reverse = (fields: Partial<Reversal>) => {
    const event = {
      kind: 'reversal',
      institution: 'P1',
      originalId: null,
      originalMessageId: null,
      ...fields,
    } as Reversal;
    reversals.take({ ...event, document: 'r', settlementId: 'R1', eventTime: 1, arrival: 1 });
    bills.on.reversal?.(event, { replaces: null });
  };
  return { state, bills, marks, notes, mark, settle, reverse };
}

const kept = (bills: Bills) => [...bills.houses()].flatMap(({ byTime }) => byTime.all());

test('what nothing rests on is kept for 49 hours, what an alert rests on for 400 days', () => {
  const { bills, marks, mark, settle, state } = world();
  settle('S1', 0);
  const { bill } = settle('S2', 0);
  marks.make(bill).held = true;
  marks.changed(bill);
  mark(49 * HOUR);
  expect(kept(bills).map(({ id }) => id)).toEqual(['S1', 'S2']);
  mark(49 * HOUR + 1);
  expect(kept(bills).map(({ id }) => id)).toEqual(['S2']);
  expect(bills.isRecent(bill)).toBe(false);
  mark(400 * DAY);
  expect(bills.get('P1', 'S2')).toBe(bill);
  mark(400 * DAY + 1);
  expect(kept(bills)).toEqual([]);
  expect([...state.all()].filter(({ table }) => table !== 'reversal')).toEqual([]);
});

test('a mark of which nothing is left is let go, in memory as in the table', () => {
  const { marks, settle, state, mark } = world();
  const [one, two] = [settle('S1', 0).bill, settle('S2', 0).bill];
  for (const bill of [one, two]) {
    marks.make(bill).told = 1;
    marks.changed(bill);
  }
  marks.make(one).told = 0;
  marks.changed(one);
  expect([marks.of(one), marks.of(two)]).toEqual([undefined, { told: 1, held: false }]);
  expect(marks.isAnyAt(one.house)).toBe(true);
  marks.make(two).told = 0;
  marks.changed(two);
  expect(marks.isAnyAt(one.house)).toBe(false);
  expect([...state.table('mark').entries()]).toEqual([]);
  marks.make(two).told = 1;
  mark(401 * DAY);
  expect(marks.isAnyAt(one.house)).toBe(false);
});

test('a restart finds bills, marks, notes, persons, messages and reversals', () => {
  const first = world();
  const { bill } = first.settle('S1', 1, { messageId: 'm1', prescription: 'rx' });
  first.settle('S2', 2);
  first.settle('S3', 3, { person: 'p2', terminal: null, certificate: '01', byAgent: true });
  first.marks.make(bill).told = 2;
  first.marks.changed(bill);
  first.reverse({ originalMessageId: 'm1' });
  const { bills, marks, notes } = world(first.state);
  const [one, two, three] = kept(bills);
  if (one === undefined || two === undefined || three === undefined) throw new Error('expected three bills');
  expect([one.prescribed, one.remote, three.remote, three.byAgent]).toEqual([true, false, true, true]);
  expect(marks.of(one)).toEqual({ told: 2, held: false });
  expect(notes.of(one)).toEqual(['XA']);
  expect(new Set(ofPerson(one).map(({ id }) => id))).toEqual(new Set(['S1', 'S2']));
  expect(bills.reversalOf(one)).toEqual({ id: 'R1', at: 1 });
  expect(bills.reversalOf(two)).toBeNull();
  expect(bills.named({ institution: 'P1', originalId: null, originalMessageId: 'm1' } as Reversal)).toEqual([one]);
});

test('a document takes the place of another with its marks, and nothing of the other is left', () => {
  const { bills, marks, settle } = world();
  const before = settle('S1', 5, { person: 'p1' }).bill;
  marks.make(before).told = 1;
  const { bill, before: replaced } = settle('S1', 9, { person: 'p2' }, true);
  expect(replaced).toBe(before);
  expect(marks.of(bill)?.told).toBe(1);
  expect(bills.between('P1', 0, 100)).toEqual([bill]);
  expect(bill.house.lastOf('p1')).toBeUndefined();
});

test('a reversal by message means every bill that bore it', () => {
  const { bills, settle, reverse } = world();
  settle('S1', 1, { messageId: 'm1' });
  settle('S2', 2, { messageId: 'm1' });
  reverse({ originalMessageId: 'm1' });
  expect(kept(bills).map(({ reversed }) => reversed)).toEqual([true, true]);
});

test('each rule says alone what it says beside the others, also of what another has kept for longer', () => {
  const all = [cluster, empty, large, night, cycle];
  const story = (detectors: readonly AnyDetector[]) => {
    const timeline = new Timeline(detectors).ticking(600).at('08:00:00', 'institution').beats('09:00:00', '11:00:00');
    for (let day = 0; day < 4; day++)
      for (const [i, person] of ['p1', 'p2', 'p3', 'p1'].entries()) {
        const at = instantOf(i === 3 ? '23:40:00' : '10:00:00') + day * DAY + i * 60_000;
        timeline.at(at, 'settlement', { settlementId: `S${day}-${i}`, person, fund: i === 0 ? 60_000 : 30_000 });
        if (i === 1)
          timeline.at(
            at + 60_000,
            'reversal',
            { settlementId: `R${day}`, originalId: `S${day}-1`, person },
            day === 0 ? 3 * 86_400 : 1,
          );
      }
    timeline.at('10:00:30', 'presence', { persons: 0 });
    return timeline.findings(instantOf('23:59:00') + 5 * DAY);
  };
  const told = (findings: Finding[]) =>
    findings.map(({ detector, action, alert_id, facts }) => ({ detector, action, alert_id, facts }));
  const together = told(story(all));
  expect(new Set(together.map(({ detector }) => detector)).size).toBeGreaterThan(3);
  for (const detector of all)
    expect(told(story([detector]))).toEqual(together.filter((one) => one.detector === detector.id));
});
