// Where the sums of lane.institution are kept: a port, and its implementation in memory.

import type { Uploading } from '@yunjian/detection';
import type { StockRow } from './entries.ts';
import type { MonthRow } from './months.ts';

export interface WantedStock {
  /** Stocks whose every row is needed; of the others what lies behind may come summed up, in rows of their own. */
  whole: ReadonlySet<string>;
  subjects: readonly string[];
  /** Only rows at lower positions. */
  below: number;
  /** Settlements that arrived later are left out, ms. */
  arrivedBy: number;
  /** Since when each institution uploads purchases; not there: it uploads none. What was before does not matter, but for a stocktake. */
  uploading: ReadonlyMap<string, Pick<Uploading, 'from' | 'stocktakesFrom'>>;
}

/** Of one lane partition each. What is added is seen by the calls that follow; resolved is stored. A row added again is the same row. */
export interface BookStore {
  addStock(partition: number, rows: readonly StockRow[]): Promise<void>;
  stock(partition: number, wanted: WantedStock): Promise<Map<string, StockRow[]>>;
  /** Subjects of these institutions' stocks. */
  stocksOf(partition: number, institutions: readonly string[]): Promise<string[]>;
  /** Subjects of stocks of these drugs that were moved in parts. */
  splitStocksOf(partition: number, items: readonly string[]): Promise<string[]>;
  /** Settlements below a position that arrived after an instant, ms. */
  settledAfter(partition: number, below: number, arrival: number): Promise<StockRow[]>;
  addMonths(partition: number, rows: readonly MonthRow[]): Promise<void>;
  /** In order of positions. */
  months(partition: number): Promise<MonthRow[]>;
}

/** A settlement counts once the clock has passed its arrival; everything else at once. */
export function waitsForClock({ kind, count }: StockRow): boolean {
  return kind === 'settled' && count > 0;
}

export class MemoryBooks implements BookStore {
  readonly #stock = new Map<string, Map<string, StockRow>>();
  readonly #months = new Map<number, Map<string, MonthRow>>();

  async addStock(partition: number, rows: readonly StockRow[]): Promise<void> {
    for (const row of rows) {
      const key = `${partition}|${row.subject}`;
      const known = this.#stock.get(key) ?? new Map<string, StockRow>();
      known.set(`${row.position}|${row.n}`, row);
      this.#stock.set(key, known);
    }
  }

  async stock(partition: number, { subjects, below, arrivedBy }: WantedStock): Promise<Map<string, StockRow[]>> {
    return new Map(
      subjects.map((subject) => [
        subject,
        [...(this.#stock.get(`${partition}|${subject}`)?.values() ?? [])].filter(
          (row) => row.position < below && (!waitsForClock(row) || row.arrival <= arrivedBy),
        ),
      ]),
    );
  }

  async stocksOf(partition: number, institutions: readonly string[]): Promise<string[]> {
    return [...this.#stock.keys()]
      .filter((key) => institutions.some((institution) => key.startsWith(`${partition}|${institution}|`)))
      .map((key) => key.slice(key.indexOf('|') + 1));
  }

  async splitStocksOf(partition: number, items: readonly string[]): Promise<string[]> {
    return [...this.#stock]
      .filter(([key]) => key.startsWith(`${partition}|`))
      .flatMap(
        ([, rows]) => [...rows.values()].find(({ split, item }) => split && items.includes(item))?.subject ?? [],
      );
  }

  async settledAfter(partition: number, below: number, arrival: number): Promise<StockRow[]> {
    return [...this.#stock]
      .filter(([key]) => key.startsWith(`${partition}|`))
      .flatMap(([, rows]) => [...rows.values()])
      .filter((row) => waitsForClock(row) && row.position < below && row.arrival > arrival);
  }

  async addMonths(partition: number, rows: readonly MonthRow[]): Promise<void> {
    const known = this.#months.get(partition) ?? new Map<string, MonthRow>();
    for (const row of rows) known.set(`${row.position}|${row.n}`, row);
    this.#months.set(partition, known);
  }

  async months(partition: number): Promise<MonthRow[]> {
    return [...(this.#months.get(partition)?.values() ?? [])].sort((a, b) => a.position - b.position || a.n - b.n);
  }
}
