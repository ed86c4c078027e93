// Settlements as windowed rules keep them, once for all of them: for 48 hours, so that what comes late judges them again, and those on which
// an alert rests for as long as reversals are taken. What a rule has to say of one lies in its own marks (marks.ts).
import { DAY_MS, type Reversal, type Settlement } from '@yunjian/contracts';
import {
  type CommonHost,
  type CommonLogic,
  type DetectorHost,
  EVIDENCE_KEPT_MS,
  ObjectRows,
  type ReversalRef,
  type WindowedLogic,
} from '@yunjian/detection';
import { type Bill, House, inOrder } from './bill.ts';
import { BillQueue } from './bill-queue.ts';
import { pack, unpack } from './bill-rows.ts';
import { FeeLines, type LineHead } from './fee-lines.ts';

/** Reversals are taken this long (contract), ms. */
const STANDING_KEPT_MS = 400 * DAY_MS;
/** An hour more than the evidence is promised: the clock may run ahead of a record that is being read. */
const KEPT_MS = EVIDENCE_KEPT_MS + 3_600_000;

/** Something that is noted of each settlement when it is read, since its cold part is not kept. */
export interface Note<T> {
  of(bill: Bill): T | null;
}

/** Whoever has marks of bills. */
export interface Marking {
  /** Its alerts rest on the bill: it is kept for as long as reversals are taken. */
  holds(bill: Bill): boolean;
  /** It is kept no longer. */
  forgotten(bill: Bill): void;
}

export class Bills implements CommonLogic {
  readonly #host: Pick<CommonHost, 'attach' | 'clocks' | 'reversals'>;
  readonly #rows: ObjectRows<Bill>;
  readonly #houses = new Map<string, House>();
  readonly #expiry = new BillQueue();
  readonly #standing = new BillQueue();
  readonly #noteNames: string[] = [];
  readonly #noted: ((lines: readonly LineHead[]) => unknown)[] = [];
  readonly #lines = new FeeLines();
  readonly #markings: Marking[] = [];
  readonly #whenOld: ((bill: Bill) => void)[] = [];
  /** As of the last mark, ms. */
  #recentFrom = Number.NEGATIVE_INFINITY;
  #event: Settlement | null = null;
  #taken: { bill: Bill; before: Bill | undefined } | null = null;
  readonly on: WindowedLogic['on'];

  constructor(host: Pick<CommonHost, 'attach' | 'clocks' | 'reversals'>) {
    this.#host = host;
    this.#rows = new ObjectRows<Bill>({
      keyOf: ({ institution, id }) => `${institution}|${id}`,
      codec: {
        pack: (bill) => pack(bill, this.#noteNames),
        unpack: (packed, key) =>
          unpack(
            packed,
            key,
            (institution) => this.house(institution),
            (name) => this.#noteNumber(name),
          ),
      },
      all: () => this.#all(),
    });
    host.attach('bill', this.#rows);
    this.on = {
      settlement: (event) => this.#take(event),
      reversal: (event) => this.#reverse(event),
    };
  }

  restore(): void {
    this.#recentFrom = this.#host.clocks.at('observed') - KEPT_MS;
    for (const bill of this.#rows.takeLoaded().sort(byArrival)) {
      bill.reversed = this.#host.reversals.of(bill.institution, bill.id, bill.messageId) !== null;
      bill.house.restore(bill);
      (this.isRecent(bill) ? this.#expiry : this.#standing).add(bill);
    }
  }

  /** @param of what is noted of its lines, as JSON; null: nothing. The same name, the same note. */
  note<T>(name: string, of: (lines: readonly LineHead[]) => T | null): Note<T> {
    const number = this.#noteNumber(name);
    this.#noted[number] = of;
    return { of: ({ notes }) => (notes?.[number] as T | undefined) ?? null };
  }

  /** Returns the number of the marks. */
  mark(marking: Marking): number {
    return this.#markings.push(marking) - 1;
  }

  /** @param told of each bill as it comes to be no longer recent, before it is forgotten, or kept for an alert's sake alone */
  whenOld(told: (bill: Bill) => void): void {
    this.#whenOld.push(told);
  }

  house(institution: string): House {
    let house = this.#houses.get(institution);
    if (house === undefined) {
      house = new House(institution);
      this.#houses.set(institution, house);
    }
    return house;
  }

  /** The settlement that is being read as kept, and the one whose place it takes, if its document replaces another. */
  taken(event: Settlement): { bill: Bill; before: Bill | undefined } {
    if (this.#event !== event || this.#taken === null)
      throw new Error(`settlement ${event.settlementId} of ${event.institution} was not kept: see the poison before`);
    return this.#taken;
  }

  get(institution: string, id: string): Bill | undefined {
    return this.#houses.get(institution)?.get(id);
  }

  /** The bills that a reversal names, in order: one or none, unless several bore its message. */
  named({ institution, originalId, originalMessageId }: Reversal): readonly Bill[] {
    const house = this.#houses.get(institution);
    if (house === undefined) return [];
    if (originalId === null) return house.ofMessage(originalMessageId);
    const bill = house.get(originalId);
    return bill === undefined ? [] : [bill];
  }

  /** The earliest reversal that names it. */
  reversalOf({ reversed, institution, id, messageId }: Bill): ReversalRef | null {
    return reversed ? this.#host.reversals.of(institution, id, messageId) : null;
  }

  /** Whether it is kept for its own sake: behind 48 hours only those know it on which an alert of theirs rests. */
  isRecent({ arrival }: Bill): boolean {
    return arrival >= this.#recentFrom;
  }

  /** Bills of an institution with from ≤ at ≤ to, ms, in order of time and id. */
  between(institution: string, from: number, to: number): Bill[] {
    return this.#houses.get(institution)?.between(from, to) ?? [];
  }

  /** The institutions of which something is or was kept. */
  houses(): IterableIterator<House> {
    return this.#houses.values();
  }

  onMark(): void {
    const clock = this.#host.clocks.at('observed');
    const old: Bill[] = [];
    this.#expiry.takeBefore(clock - KEPT_MS, (bill) => {
      for (const told of this.#whenOld) told(bill);
      old.push(bill);
    });
    for (const bill of old)
      if (this.#isHeld(bill)) this.#standing.add(bill);
      else this.#forget(bill);
    this.#standing.takeBefore(clock - STANDING_KEPT_MS, (bill) => this.#forget(bill));
    this.#recentFrom = clock - KEPT_MS;
  }

  #take(event: Settlement): void {
    const { institution, settlementId: id, messageId, eventTime: at, arrival, person, terminal, fund, byAgent } = event;
    const house = this.house(institution);
    const before = house.get(id);
    const bill: Bill = {
      house,
      institution: house.institution,
      id,
      messageId,
      at,
      arrival,
      person,
      terminal,
      fund,
      type: event.medicalType,
      byAgent,
      remote: event.certificate === '01' && terminal === null,
      prescribed: event.prescription !== null,
      notes: this.#notesOf(event),
      marks: before?.marks ?? null,
      reversed: this.#host.reversals.of(institution, id, messageId) !== null,
      earlier: null,
      dirty: false,
      gone: false,
    };
    if (before !== undefined) house.remove(before);
    this.#rows.add(bill, before);
    house.add(bill);
    this.#expiry.add(bill);
    this.#event = event;
    this.#taken = { bill, before };
  }

  #reverse(event: Reversal): void {
    for (const bill of this.named(event)) bill.reversed = true;
  }

  #notesOf(event: Settlement): unknown[] | null {
    if (this.#noted.length === 0) return null;
    const lines = this.#lines.of(event);
    let notes: unknown[] | null = null;
    for (let i = 0; i < this.#noted.length; i++) {
      const note = this.#noted[i]?.(lines) ?? null;
      if (note !== null) {
        notes ??= [];
        notes[i] = note;
      }
    }
    return notes;
  }

  #noteNumber(name: string): number {
    const known = this.#noteNames.indexOf(name);
    return known >= 0 ? known : this.#noteNames.push(name) - 1;
  }

  #isHeld(bill: Bill): boolean {
    return bill.marks !== null && this.#markings.some((marking) => marking.holds(bill));
  }

  #forget(bill: Bill): void {
    bill.house.remove(bill);
    if (bill.marks !== null) for (const marking of this.#markings) marking.forgotten(bill);
    this.#rows.remove(bill);
  }

  /** A house at a time, as it is when it is come to. */
  *#all(): IterableIterator<Bill> {
    for (const house of this.#houses.values()) yield* house.byTime.all();
  }
}

/** The bills of the lane, for all rules that need them. */
export function billsOf(host: Pick<DetectorHost<never>, 'common'>): Bills {
  return host.common('bills', (own) => new Bills(own));
}

function byArrival(a: Bill, b: Bill): number {
  return (
    a.arrival - b.arrival || (a.institution < b.institution ? -1 : a.institution > b.institution ? 1 : inOrder(a, b))
  );
}
