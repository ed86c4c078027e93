// Stocks of one lane partition: what each position changes, summed, and what the rule says of it there. Stateless but for what waits:
// a settlement counts once the clock has passed its arrival, so that a purchase sent before it has been read.
import type { StockBalance, Uploading } from '@yunjian/detection';
import type { BatchClock } from '../batch-clock.ts';
import type { Claims } from '../findings.ts';
import { balanceOf, isLatest, summed } from './balance.ts';
import type { StockRow } from './entries.ts';
import { type BookStore, waitsForClock } from './store.ts';

/** What was sent together may arrive in any order: read so far behind an arrival, ms (design: clocks and absence). */
export const SLACK_MS = 10_000;

/** Stocks whose sums stay in memory; about half a kilobyte each. */
const MOST_KEPT = 100_000;

export interface StockBatch {
  /** The batch's first and last position. */
  first: number;
  last: number;
  clock: BatchClock;
  rows: readonly StockRow[];
  /** Positions at which it changed since when an institution uploads purchases. */
  turns: readonly { position: number; institution: string }[];
  /** Positions at which it changed how large a drug's pack is. */
  packs: readonly { position: number; item: string }[];
  uploading(institution: string, position: number): Uploading | null;
  packSize(item: string, position: number): number | null;
  /** Null: the rule could not judge it. */
  claims(of: StockBalance, position: number): Claims | null;
  /** What is said at a position, and what was said before. */
  differs(said: Claims, says: Claims, position: number): void;
}

export class StockBook {
  readonly #partition: number;
  readonly #store: BookStore;
  /** Settlements that the clock has not passed. */
  #waiting: StockRow[] = [];

  /** Stocks judged lately, summed, the latest last: of one partition nobody else adds a row. */
  readonly #sums = new Map<string, StockRow[]>();

  constructor(partition: number, store: BookStore) {
    this.#partition = partition;
    this.#store = store;
  }

  #keep(subject: string, rows: StockRow[]): void {
    this.#sums.delete(subject);
    this.#sums.set(subject, rows);
    if (this.#sums.size > MOST_KEPT) this.#sums.delete(this.#sums.keys().next().value as string);
  }

  /** @param below first position to come; @param clock as of it, ms */
  async open(below: number, clock: number): Promise<void> {
    this.#waiting = await this.#store.settledAfter(this.#partition, below, clock - SLACK_MS);
  }

  async judge(batch: StockBatch): Promise<void> {
    const { first, clock, rows, turns, packs } = batch;
    const fresh = rows.map((row) => ({ row, at: this.#countsAt(row, clock) }));
    const passed = this.#waiting.map((row) => ({ row, at: clock.reaches(dueOf(row)) })).filter(({ at }) => at !== null);
    const touched = new Map<string, Set<number>>();
    const add = (subject: string, position: number) => {
      const known = touched.get(subject);
      if (known === undefined) touched.set(subject, new Set([position]));
      else known.add(position);
    };
    for (const { row, at } of [...fresh, ...passed]) if (at !== null) add(row.subject, at);
    for (const subject of await this.#store.stocksOf(
      this.#partition,
      turns.map(({ institution }) => institution),
    ))
      for (const { position, institution } of turns) if (subject.startsWith(`${institution}|`)) add(subject, position);
    for (const subject of await this.#store.splitStocksOf(
      this.#partition,
      packs.map(({ item }) => item),
    ))
      for (const { position, item } of packs) if (split(subject).item === item) add(subject, position);
    // What this batch itself brings is not in the store yet.
    for (const row of [...rows, ...this.#waiting]) {
      for (const { position, institution } of turns)
        if (row.institution === institution && row.position <= position) add(row.subject, position);
      for (const { position, item } of packs)
        if (row.split && row.item === item && row.position <= position) add(row.subject, position);
    }
    if (touched.size > 0) {
      const counted = rows.filter(({ kind }) => kind === 'stocktake').map(({ subject }) => subject);
      const turning = new Set(turns.map(({ institution }) => institution));
      const subjects = [...touched.keys()];
      const whole = new Set([
        ...counted,
        ...subjects.filter((subject) => turning.has(split(subject).institution)),
        ...rows.filter((row) => this.#isOfLatest(row)).map(({ subject }) => subject),
      ]);
      const stored = await this.#store.stock(this.#partition, {
        subjects: subjects.filter((subject) => whole.has(subject) || !this.#sums.has(subject)),
        whole,
        below: first,
        arrivedBy: clock.from - SLACK_MS,
        uploading: new Map(
          subjects.flatMap((subject) => {
            const { institution } = split(subject);
            const uploading = batch.uploading(institution, first - 1);
            return uploading === null ? [] : [[institution, uploading]];
          }),
        ),
      });
      const local = Map.groupBy(
        [...fresh, ...this.#waiting.map((row) => ({ row, at: clock.reaches(dueOf(row)) }))],
        ({ row }) => row.subject,
      );
      for (const [subject, positions] of touched) {
        const base = stored.get(subject) ?? this.#sums.get(subject) ?? [];
        const own = local.get(subject) ?? [];
        this.#judgeStock(subject, positions, base, own, batch);
        const counted = own.flatMap(({ row, at }) => (at === null ? [] : [row]));
        this.#keep(subject, summed([...base, ...counted], batch.uploading(split(subject).institution, batch.last)));
      }
    }
    this.#waiting = [...this.#waiting, ...rows.filter(waitsForClock)].filter((row) => dueOf(row) > clock.to);
  }

  /** Whether a settlement is taken back that, for all that is known here, is the latest: which was before it, its sum does not say. */
  #isOfLatest(row: StockRow): boolean {
    if (row.kind !== 'settled' || row.count > 0) return false;
    const sums = this.#sums.get(row.subject);
    return sums === undefined || isLatest(sums, row);
  }

  #judgeStock(
    subject: string,
    positions: ReadonlySet<number>,
    stored: readonly StockRow[],
    local: readonly { row: StockRow; at: number | null }[],
    batch: StockBatch,
  ): void {
    const of = split(subject);
    const saysAt = (position: number) => {
      const rows = [...stored, ...local.flatMap(({ row, at }) => (at !== null && at <= position ? [row] : []))];
      return batch.claims(
        balanceOf(rows, of, batch.uploading(of.institution, position), batch.packSize(of.item, position)),
        position,
      );
    };
    let said = saysAt(batch.first - 1);
    for (const position of [...positions].sort((a, b) => a - b)) {
      const says = saysAt(position);
      if (says !== null) batch.differs(said ?? NOTHING, says, position);
      said = says;
    }
  }

  /** The position of this batch at which a row begins to count; null: not in it. */
  #countsAt(row: StockRow, clock: BatchClock): number | null {
    if (!waitsForClock(row)) return row.position;
    return clock.at(row.position) >= dueOf(row) ? row.position : clock.reaches(dueOf(row), row.position);
  }
}

const NOTHING: Claims = new Map();

function dueOf({ arrival }: StockRow): number {
  return arrival + SLACK_MS;
}

export function split(subject: string): { institution: string; item: string } {
  const bar = subject.indexOf('|');
  return { institution: subject.slice(0, bar), item: subject.slice(bar + 1) };
}
