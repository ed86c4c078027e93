// Cycles of one person at one institution, told month by month: what ends a third cycle within 60 days speaks, more of them amend it.
import { DAY_MS, isoShanghai, localDate, localDay, type Reversal, type Settlement, yuan } from '@yunjian/contracts';
import type { DetectorHost, Raise, Table, WindowedLogic } from '@yunjian/detection';
import { type Bill, billEvidence, inOrder, ofPerson } from '../bill.ts';
import { type Bills, billsOf, type Note } from '../bills.ts';
import { type Mark, Marks, PLAIN } from '../marks.ts';
import { type Cycle, type CycleRule, counted, cyclesOf, returned } from './cycles.ts';
import { itemsNoteOf } from './items.ts';
import type { CycleParams } from './params.ts';

const MINUTE_MS = 60_000;
/** What a month's alert rests on is kept for longer than this behind the clock, ms. */
const JUDGED_MS = 300 * DAY_MS;

/** What stands of a month: which cycles, and the end of the last. */
type Told = Record<string, [cycles: string, lastAt: number]>;

export class CycleLogic implements WindowedLogic {
  readonly #host: DetectorHost<CycleParams>;
  readonly #bills: Bills;
  /** Of whoever has returned anything at once: held. */
  readonly #marks: Marks<Mark>;
  readonly #items: Note<string>;
  readonly #told: Table<Told>;
  readonly on: WindowedLogic['on'];

  constructor(host: DetectorHost<CycleParams>) {
    this.#host = host;
    this.#bills = billsOf(host);
    this.#marks = new Marks(host, this.#bills, PLAIN);
    this.#items = itemsNoteOf(this.#bills);
    this.#told = host.table('told');
    this.on = {
      settlement: (event) => this.#settle(event),
      reversal: (event) => this.#reverse(event),
    };
  }

  restore(): void {
    this.#marks.restore();
  }

  #settle(event: Settlement): void {
    const { bill, before } = this.#bills.taken(event);
    // Whoever comes alone, and has nothing taken back, has no cycle.
    if (before !== undefined || bill.reversed || bill.earlier !== null) this.#judge(bill);
    if (before !== undefined && before.person !== bill.person) this.#judge(before);
  }

  #reverse(event: Reversal): void {
    for (const bill of this.#bills.named(event)) this.#judge(bill);
  }

  #judge(of: Bill): void {
    const key = keyOf(of);
    const bills = ofPerson(of).filter((bill) => this.#bills.isRecent(bill) || this.#marks.of(bill) !== undefined);
    const told = this.#told.get(key);
    const rule = this.#rule(of.institution);
    // Nearly nobody ever returns anything at once: nothing is kept for long of whoever does not.
    if (told === undefined && !bills.some((bill) => returned(bill, rule) !== null)) return;
    this.#hold(bills);
    const months = this.#speaking(cyclesOf(bills, rule), of.institution);
    if (months.size === 0 && told === undefined) return;
    const now: Told = {};
    for (const [month, cycles] of months) {
      const said = cycles
        .map(({ settled, reversal, again }) =>
          [settled.id, reversal.id, again.id, this.#bills.reversalOf(again)?.id ?? ''].join(' '),
        )
        .join('|');
      now[month] = [said, (cycles.at(-1) as Cycle).again.at];
      if (told?.[month]?.[0] === said) continue;
      const reason = told?.[month] === undefined ? 'settled, returned and settled again' : 'its cycles changed';
      this.#host.raise(this.#claim(of, month, cycles, reason));
    }
    const forgotten = this.#host.clocks.at('observed') - JUDGED_MS;
    for (const [month, [, lastAt]] of Object.entries(told ?? {}))
      if (now[month] === undefined && lastAt > forgotten)
        this.#host.withdraw(this.#claim(of, month, [], 'fewer cycles than it takes'));
    if (Object.keys(now).length === 0) this.#told.delete(key);
    else this.#told.set(key, now);
  }

  /** By month of the end: the cycles behind those that are at least the third within the window. */
  #speaking(cycles: readonly Cycle[], institution: string): Map<string, Cycle[]> {
    const { window, cycles: least } = this.#host.params(institution);
    const months = new Map<string, Cycle[]>();
    for (const cycle of cycles) {
      const from = cycle.again.at - window * DAY_MS;
      const within = counted(cycles.filter(({ settled, again }) => settled.at >= from && again.at <= cycle.again.at));
      if (within.length < least || !within.includes(cycle)) continue;
      const month = localDate(localDay(cycle.again.at)).slice(0, 7);
      months.set(month, [...new Set([...(months.get(month) ?? []), ...within])]);
    }
    return months;
  }

  #hold(bills: readonly Bill[]): void {
    for (const bill of bills) {
      if (this.#marks.of(bill)?.held === true) continue;
      this.#marks.make(bill).held = true;
      this.#marks.changed(bill);
    }
  }

  #claim({ institution, person, at }: Bill, month: string, cycles: readonly Cycle[], reason: string): Raise {
    const first = cycles[0]?.settled.at ?? at;
    const last = cycles.at(-1)?.again.at ?? at;
    return {
      subject: { kind: 'person', ref: person },
      institution,
      anchor: `${institution}/${month}`,
      window: { start: first, end: last },
      eventTime: last,
      amount: cycles.length === 0 ? null : cycles.reduce((sum, { settled }) => sum + settled.fund, 0),
      facts: {
        month,
        count: cycles.length,
        cycles: cycles.map(({ settled, reversal, again }) => ({
          settled: settled.id,
          settled_at: isoShanghai(settled.at),
          fund: yuan(settled.fund),
          reversed_by: reversal.id,
          minutes: Math.round((reversal.at - settled.at) / MINUTE_MS),
          again: again.id,
          again_at: isoShanghai(again.at),
        })),
      },
      evidence: [...new Set(cycles.flatMap(({ settled, again }) => [settled, again]))]
        .sort(inOrder)
        .flatMap((bill) => billEvidence(bill.id, this.#bills.reversalOf(bill))),
      reason,
    };
  }

  #rule(institution: string): CycleRule {
    const { within, correction } = this.#host.params(institution);
    return {
      withinMs: within * MINUTE_MS,
      correctionMs: correction * MINUTE_MS,
      reversalOf: (bill) => this.#bills.reversalOf(bill),
      itemsOf: (bill) => this.#items.of(bill),
    };
  }
}

function keyOf({ institution, person }: Bill): string {
  return `${institution}|${person}`;
}
