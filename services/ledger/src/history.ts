// Where a ledger keeps the rows of its subjects: a port, and its implementation in memory for evaluation and tests.
import type { LedgerRow } from '@yunjian/detection';
import { type Outlined, outlinesOf } from './outlines.ts';
import { SubjectFilter } from './subject-filter.ts';
import { MemoryWakes, type WakeStore } from './wakes.ts';

export interface StoredRow extends LedgerRow {
  subject: string;
  /**
   * What subjects are looked up by when something becomes known late: of a code the drugs sold in parts, of a person the institution and
   * the drugs handed out for days.
   */
  items: string[];
  /** The lane value, as it is stored. */
  value: Buffer;
}

/** A row that is found by one of its items. `arrival` in ms. */
export interface SoldRow {
  subject: string;
  item: string;
  position: number;
  arrival: number;
}

/** Subjects with more rows than this are dummy codes: reported once, and judged no further. */
export const MAX_ROWS = 10_000;

export interface LedgerHistory {
  readonly wakes: WakeStore;
  /** Resolved is acknowledged; what is read sees the rows from the call on. A row inserted again is the same row. */
  insert(partition: number, rows: readonly StoredRow[]): Promise<void>;
  /** Rows of each subject in this partition by position, at most MAX_ROWS + 1; a position appears once. */
  read(partition: number, subjects: readonly string[]): Promise<Map<string, LedgerRow[]>>;
  /** Of lane.person: the rows of each subject in outline, as `read` would find them or some more. */
  outlines(partition: number, subjects: readonly string[]): Promise<Map<string, Outlined>>;
  /** Whoever opens a partition of lane.person prepares its outlines: until this resolves they are slower to read. Never rejects. */
  prepareOutlines(partition: number): Promise<void>;
  /** Every subject of which this partition has a row by the call is in it. */
  seen(partition: number): Promise<SubjectFilter>;
  insertReference(partition: number, rows: readonly { position: number; value: Buffer }[]): Promise<void>;
  /** In order of positions. */
  readReference(partition: number): Promise<{ position: number; value: Buffer }[]>;
  /** Rows of this partition that have one of these items and were received at or after its `since`, ms; more do no harm. */
  soldSince(partition: number, wanted: readonly { item: string; since: number }[]): Promise<SoldRow[]>;
  /** Subjects of this partition that begin with one of these and of which something was received at or after `since`, ms; more do no harm. */
  codesSince(partition: number, wanted: readonly { prefix: string; since: number }[]): Promise<string[]>;
}

/** Binary logarithm of the filter's bits: memory holds few subjects. */
const FILTER_SIZE = 16;

export class MemoryHistory implements LedgerHistory {
  readonly wakes = new MemoryWakes();
  readonly #rows = new Map<string, Map<number, StoredRow>>();
  readonly #reference = new Map<number, Map<number, Buffer>>();

  async insert(partition: number, rows: readonly StoredRow[]): Promise<void> {
    for (const row of rows) {
      const key = `${partition}|${row.subject}`;
      const known = this.#rows.get(key);
      if (known === undefined) this.#rows.set(key, new Map([[row.position, row]]));
      else known.set(row.position, row);
    }
  }

  async read(partition: number, subjects: readonly string[]): Promise<Map<string, LedgerRow[]>> {
    return new Map(
      subjects.map((subject) => {
        const rows = [...(this.#rows.get(`${partition}|${subject}`)?.values() ?? [])];
        return [subject, rows.sort((a, b) => a.position - b.position).slice(0, MAX_ROWS + 1)];
      }),
    );
  }

  async outlines(partition: number, subjects: readonly string[]) {
    return outlinesOf(partition, await this.read(partition, subjects));
  }

  async prepareOutlines(): Promise<void> {}

  async seen(partition: number): Promise<SubjectFilter> {
    const filter = new SubjectFilter(FILTER_SIZE);
    for (const key of this.#rows.keys())
      if (key.startsWith(`${partition}|`)) filter.add(key.slice(key.indexOf('|') + 1));
    return filter;
  }

  async insertReference(partition: number, rows: readonly { position: number; value: Buffer }[]): Promise<void> {
    const known = this.#reference.get(partition) ?? new Map<number, Buffer>();
    for (const { position, value } of rows) known.set(position, value);
    this.#reference.set(partition, known);
  }

  async readReference(partition: number): Promise<{ position: number; value: Buffer }[]> {
    return [...(this.#reference.get(partition) ?? [])]
      .sort(([a], [b]) => a - b)
      .map(([position, value]) => ({ position, value }));
  }

  async soldSince(partition: number, wanted: readonly { item: string; since: number }[]) {
    const found: SoldRow[] = [];
    for (const [key, rows] of this.#rows) {
      if (!key.startsWith(`${partition}|`)) continue;
      for (const { item, since } of wanted)
        for (const { event, items, position } of rows.values())
          if (event.arrival >= since && items.includes(item))
            found.push({ subject: key.slice(key.indexOf('|') + 1), item, position, arrival: event.arrival });
    }
    return found;
  }

  async codesSince(partition: number, wanted: readonly { prefix: string; since: number }[]) {
    const found: string[] = [];
    for (const [key, rows] of this.#rows) {
      const subject = key.slice(key.indexOf('|') + 1);
      const since = wanted.filter(({ prefix }) => subject.startsWith(prefix)).map((each) => each.since);
      if (
        key.startsWith(`${partition}|`) &&
        [...rows.values()].some(({ event }) => event.arrival >= Math.min(...since))
      )
        found.push(subject);
    }
    return found;
  }
}
