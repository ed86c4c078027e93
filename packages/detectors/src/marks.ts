// What one detector says, or has learnt, of single bills: of the few of which there is anything. Its own table, beside the bills of all.
import type { Codec, DetectorHost, Table } from '@yunjian/detection';
import type { Bill, House } from './bill.ts';
import type { Bills } from './bills.ts';

export interface MarksOptions<M> {
  /** The detector's table in which they are (default: `mark`). */
  table?: string;
  codec: Codec<M>;
  /** A bill of which nothing is said yet. */
  fresh(bill: Bill): M;
  /** Nothing is said of it any more, and nothing learnt that its bill would not show. */
  isFresh(mark: M, bill: Bill): boolean;
  /** An alert rests on it. */
  holds(mark: M): boolean;
  /** Nothing waits for it that a restart would find anew (default: nothing ever does). A fresh mark that is idle is let go. */
  isIdle?(mark: M): boolean;
  /** Its bill is kept no longer, and the mark not either. */
  forgotten?(bill: Bill, mark: M): void;
}

export class Marks<M> {
  readonly #table: Table<M>;
  readonly #bills: Bills;
  readonly #options: MarksOptions<M>;
  readonly #number: number;
  /** How many bills of an institution have one. */
  readonly #byHouse = new Map<House, number>();

  constructor(host: Pick<DetectorHost<never>, 'table'>, bills: Bills, options: MarksOptions<M>) {
    this.#table = host.table(options.table ?? 'mark', { codec: options.codec });
    this.#bills = bills;
    this.#options = options;
    this.#number = bills.mark({
      holds: (bill) => {
        const mark = this.of(bill);
        return mark !== undefined && options.holds(mark);
      },
      forgotten: (bill) => this.#forget(bill),
    });
  }

  restore(): void {
    for (const [key, mark] of this.#table.entries()) {
      const bar = key.indexOf('|');
      const bill = this.#bills.get(key.slice(0, bar), key.slice(bar + 1));
      if (bill === undefined) this.#table.delete(key);
      else this.#put(bill, mark);
    }
  }

  of({ marks }: Bill): M | undefined {
    return marks === null ? undefined : (marks[this.#number] as M | undefined);
  }

  /** Whether there is any of the institution. */
  isAnyAt(house: House): boolean {
    return this.#byHouse.has(house);
  }

  /** The mark of a bill, to be changed in place; then say `changed`. */
  make(bill: Bill): M {
    let mark = this.of(bill);
    if (mark === undefined) {
      mark = this.#options.fresh(bill);
      this.#put(bill, mark);
    }
    return mark;
  }

  /** What is kept of a bill was changed in place. */
  changed(bill: Bill): void {
    const mark = this.of(bill);
    if (mark === undefined) return;
    const key = `${bill.institution}|${bill.id}`;
    if (!this.#options.isFresh(mark, bill)) this.#table.set(key, mark);
    else {
      this.#table.delete(key);
      if (this.#options.isIdle?.(mark) ?? true) this.#let(bill);
    }
  }

  #put(bill: Bill, mark: M): void {
    bill.marks ??= [];
    bill.marks[this.#number] = mark;
    this.#byHouse.set(bill.house, (this.#byHouse.get(bill.house) ?? 0) + 1);
  }

  #forget(bill: Bill): void {
    const mark = this.of(bill);
    if (mark === undefined) return;
    this.#options.forgotten?.(bill, mark);
    this.#let(bill);
    this.#table.delete(`${bill.institution}|${bill.id}`);
  }

  #let(bill: Bill): void {
    if (this.of(bill) === undefined) return;
    (bill.marks as unknown[])[this.#number] = undefined;
    const left = (this.#byHouse.get(bill.house) as number) - 1;
    if (left === 0) this.#byHouse.delete(bill.house);
    else this.#byHouse.set(bill.house, left);
  }
}

/** What the rules about settlements keep of one. */
export interface Mark {
  /** What was said of it, in the detector's own terms (a level, a place); 0: nothing stands. */
  told: number;
  /** An alert about something larger rests on it. */
  held: boolean;
}

export interface MarkRows {
  codec: Codec<Mark>;
  fresh(): Mark;
  isFresh(mark: Mark): boolean;
  holds(mark: Mark): boolean;
}

/** Marks of rules that need no camera. */
export const PLAIN: MarkRows = {
  codec: {
    pack: ({ told, held }) => (held ? [told, 1] : told),
    unpack: (packed) =>
      typeof packed === 'number'
        ? { told: packed, held: false }
        : { told: (packed as [number, number])[0], held: true },
  },
  fresh: () => ({ told: 0, held: false }),
  isFresh: ({ told, held }) => told === 0 && !held,
  holds: ({ told, held }) => told > 0 || held,
};
