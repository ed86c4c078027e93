// Which months an institution uploaded purchases of, and the first sales of months without any. Small enough for memory; every change is
// a row by lane position, read again at the start.
import { localDate, localDay, localMidnight } from '@yunjian/contracts';
import type { MonthSale, SalesMonth } from '@yunjian/detection';

export type MonthRow = { position: number; n: number; institution: string; month: string } & (
  | { kind: 'purchase'; day: number }
  | { kind: 'sale'; ref: string; sale: MonthSale | null }
);

/** Of a month's sales only the earliest matter: the first that was not reversed in time. */
const KEPT_SALES = 20;

export function monthOf(ms: number): string {
  return localDate(localDay(ms)).slice(0, 7);
}

interface Known<V> {
  position: number;
  value: V;
}

const NONE: ReadonlySet<string> = new Set();

function asOf<V>(versions: readonly Known<V>[], position: number): V | null {
  return versions.findLast((version) => version.position <= position)?.value ?? null;
}

export class MonthBook {
  /** By institution and month: the earliest day, local midnight in ms. */
  readonly #purchases = new Map<string, Map<string, Known<number>[]>>();
  /** By institution and month, then by sale. */
  readonly #sales = new Map<string, Map<string, Known<MonthSale | null>[]>>();

  readonly #monthsOf = new Map<string, Set<string>>();

  /** What was kept: in order of positions. */
  restore(rows: readonly MonthRow[]): void {
    for (const row of rows) this.#take(row);
  }

  /** A purchase is known from this position on. Null: it tells nothing new. */
  purchase(position: number, institution: string, at: number): MonthRow | null {
    const month = monthOf(at);
    const day = localMidnight(localDay(at));
    // By what was known before: a batch that comes again must tell what it told the first time.
    const known = asOf(this.#purchases.get(institution)?.get(month) ?? [], position - 1);
    if (known !== null && known <= day) return null;
    return this.#take({ position, n: 0, institution, month, kind: 'purchase', day });
  }

  /** A sale as of this position; null: it no longer counts. */
  sale(position: number, institution: string, month: string, ref: string, sale: MonthSale | null): MonthRow | null {
    const kept = this.#sales.get(`${institution}|${month}`);
    const known = asOf(kept?.get(ref) ?? [], position - 1);
    if (JSON.stringify(known) === JSON.stringify(sale)) return null;
    if (known === null && (sale === null || this.#isLate(kept, sale, position - 1))) return null;
    return this.#take({ position, n: 0, institution, month, kind: 'sale', ref, sale });
  }

  /** The earliest day of purchases of each month, by month, as known at a position. */
  purchases(institution: string, position: number): { month: string; day: number }[] {
    return [...(this.#purchases.get(institution) ?? [])]
      .flatMap(([month, versions]) => {
        const day = asOf(versions, position);
        return day === null ? [] : [{ month, day }];
      })
      .sort((a, b) => (a.month < b.month ? -1 : 1));
  }

  seen(institution: string, month: string, position: number): boolean {
    return asOf(this.#purchases.get(institution)?.get(month) ?? [], position) !== null;
  }

  month(institution: string, month: string, position: number, clock: number): SalesMonth {
    const sales = [...(this.#sales.get(`${institution}|${month}`) ?? [])]
      .flatMap(([, versions]) => asOf(versions, position) ?? [])
      .sort(inOrder)
      .slice(0, KEPT_SALES);
    return { institution, month, sales, clock, purchasesSeen: (each) => this.seen(institution, each, position) };
  }

  /** Institutions that upload purchases. */
  uploaders(): string[] {
    return [...this.#purchases.keys()];
  }

  /** Months of which an institution's sales are kept. */
  monthsOf(institution: string): ReadonlySet<string> {
    return this.#monthsOf.get(institution) ?? NONE;
  }

  /** Everything of which sales are kept. */
  *months(): Generator<{ institution: string; month: string }> {
    for (const [institution, months] of this.#monthsOf) for (const month of months) yield { institution, month };
  }

  #isLate(kept: Map<string, Known<MonthSale | null>[]> | undefined, sale: MonthSale, position: number): boolean {
    const sales = [...(kept?.values() ?? [])].flatMap((versions) => asOf(versions, position) ?? []);
    return sales.filter((other) => inOrder(other, sale) < 0).length >= KEPT_SALES;
  }

  #take(row: MonthRow): MonthRow {
    const { position, institution, month } = row;
    if (row.kind === 'purchase') {
      const months = this.#purchases.get(institution) ?? new Map<string, Known<number>[]>();
      this.#purchases.set(institution, months);
      put(months, month, { position, value: row.day });
    } else {
      const key = `${institution}|${month}`;
      const sales = this.#sales.get(key) ?? new Map<string, Known<MonthSale | null>[]>();
      this.#sales.set(key, sales);
      this.#monthsOf.set(institution, (this.#monthsOf.get(institution) ?? new Set()).add(month));
      put(sales, row.ref, { position, value: row.sale });
    }
    return row;
  }
}

function put<V>(map: Map<string, Known<V>[]>, key: string, version: Known<V>): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [version]);
  else if (!known.some(({ position }) => position === version.position)) {
    known.push(version);
    known.sort((a, b) => a.position - b.position);
  }
}

function inOrder(a: MonthSale, b: MonthSale): number {
  return a.at - b.at || (a.ref < b.ref ? -1 : a.ref > b.ref ? 1 : 0);
}
