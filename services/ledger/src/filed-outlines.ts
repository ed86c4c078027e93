// Outlines of the persons whose partitions this process owns, from its file once that holds all that ClickHouse does: what others added
// while they owned a partition is brought over when it is opened.
import { setImmediate as others } from 'node:timers/promises';
import type { StoredRow } from './history.ts';
import type { OutlineFile, OutlineText } from './outline-file.ts';
import { outlineRow } from './outlines.ts';

/** Persons of one page. */
const PAGE = 4_000;

/**
 * Rows of a partition from a position on as ClickHouse holds them, by subject: those of the first `limit` subjects behind `after`.
 * Every row that was acknowledged before the call.
 */
export type PageOfOutlines = (of: {
  partition: number;
  from: number;
  after: string;
  limit: number;
}) => Promise<OutlineText[]>;

export class FiledOutlines {
  readonly #file: OutlineFile;
  readonly #page: PageOfOutlines;
  readonly #onDefect: (error: Error) => void;
  /** Which opening of a partition is the last. */
  readonly #openings = new Map<number, symbol>();
  /** By partition, the position below which the file holds everything. */
  readonly #complete = new Map<number, number>();
  #isBroken = false;

  /** @param onDefect the file, or what it is made from, failed: from then on ClickHouse is asked */
  constructor(file: OutlineFile, page: PageOfOutlines, onDefect: (error: Error) => void) {
    this.#file = file;
    this.#page = page;
    this.#onDefect = onDefect;
  }

  /** Rows that another owner left on their way stand behind the committed offset and come again. Resolves when the file is in use, or never will be. */
  async open(partition: number): Promise<void> {
    const opening = Symbol();
    this.#openings.set(partition, opening);
    this.#complete.delete(partition);
    const isLast = () => this.#openings.get(partition) === opening;
    try {
      const from = this.#file.completeBelow(partition) ?? 0;
      let after: string | undefined = '';
      while (after !== undefined && isLast()) {
        const rows: OutlineText[] = await this.#page({ partition, from, after, limit: PAGE });
        this.#file.add(partition, rows, null);
        after = rows.length < PAGE ? undefined : rows[rows.length - 1]?.subject;
        await others();
      }
      if (isLast()) this.#complete.set(partition, from);
    } catch (error) {
      this.#giveUp(error as Error);
    }
  }

  /** Rows of whoever owns the partition, in order of positions but for those that are added to a position later. */
  add(partition: number, rows: readonly StoredRow[]): void {
    if (this.#isBroken || rows.length === 0) return;
    const known = this.#complete.get(partition);
    const behind = rows.reduce((last, { position }) => Math.max(last, position + 1), known ?? 0);
    const texts = rows.map((row) => ({ subject: row.subject, text: JSON.stringify(outlineRow(partition, row)) }));
    try {
      this.#file.add(partition, texts, known === undefined ? null : behind);
    } catch (error) {
      this.#giveUp(error as Error);
    }
    if (known !== undefined) this.#complete.set(partition, behind);
  }

  /** Rows of each subject, a comma between two, no text of one without any; null: the file does not hold all of them. */
  read(partition: number, subjects: readonly string[]): Map<string, string> | null {
    if (this.#isBroken || !this.#file.isOurs || !this.#complete.has(partition)) return null;
    const found = new Map<string, string>();
    try {
      for (const subject of subjects) {
        const text = this.#file.get(partition, subject);
        if (text !== undefined) found.set(subject, text);
      }
    } catch (error) {
      this.#giveUp(error as Error);
      return null;
    }
    return found;
  }

  #giveUp(error: Error): void {
    if (!this.#isBroken) this.#onDefect(error);
    this.#isBroken = true;
  }
}
