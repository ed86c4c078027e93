// Where a ledger keeps the rows of its subjects: a port, and its implementation in memory for evaluation and tests.
import type { LedgerRow } from '@yunjian/detection';

export interface StoredRow extends LedgerRow {
  subject: string;
  /** Drugs that the row concerns, for looking subjects up by drug. */
  items: string[];
  /** The lane value, as it is stored. */
  value: Buffer;
}

/** Subjects with more rows than this are dummy codes: reported once, and judged no further. */
export const MAX_ROWS = 10_000;

export interface LedgerHistory {
  /** Resolved is acknowledged. A row inserted again is the same row. */
  insert(partition: number, rows: readonly StoredRow[]): Promise<void>;
  /** Rows of each subject in this partition by position, at most MAX_ROWS + 1; a position appears once. */
  read(partition: number, subjects: readonly string[]): Promise<Map<string, LedgerRow[]>>;
  insertReference(partition: number, rows: readonly { position: number; value: Buffer }[]): Promise<void>;
  readReference(partition: number): Promise<{ position: number; value: Buffer }[]>;
  /** Subjects of this partition of which a sale of one of these drugs was received at or after `since`, ms. */
  soldSince(partition: number, items: readonly string[], since: number): Promise<string[]>;
}

export class MemoryHistory implements LedgerHistory {
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

  async insertReference(partition: number, rows: readonly { position: number; value: Buffer }[]): Promise<void> {
    const known = this.#reference.get(partition) ?? new Map<number, Buffer>();
    for (const { position, value } of rows) known.set(position, value);
    this.#reference.set(partition, known);
  }

  async readReference(partition: number): Promise<{ position: number; value: Buffer }[]> {
    return [...(this.#reference.get(partition) ?? [])].map(([position, value]) => ({ position, value }));
  }

  async soldSince(partition: number, items: readonly string[], since: number): Promise<string[]> {
    const found: string[] = [];
    for (const [key, rows] of this.#rows) {
      if (!key.startsWith(`${partition}|`)) continue;
      const sold = [...rows.values()].some(
        (row) =>
          row.event.kind !== 'codeReversed' &&
          row.event.arrival >= since &&
          row.items.some((item) => items.includes(item)),
      );
      if (sold) found.push(key.slice(key.indexOf('|') + 1));
    }
    return found;
  }
}
