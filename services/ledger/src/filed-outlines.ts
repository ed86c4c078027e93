// Outlines of the persons whose partitions this process owns, from its file once that holds all that ClickHouse does: what others added
// while they owned a partition is brought over when it is opened.
import { setImmediate as others, setTimeout as sleep } from 'node:timers/promises';
import { gathering } from './gathering.ts';
import type { StoredRow } from './history.ts';
import type { OutlineFile, OutlineText } from './outline-file.ts';
import { outlineRow } from './outlines.ts';

/** Partitions that are assigned together are read in one go: they lie among each other in the table, ms. */
const GATHERED_MS = 500;

/** Rows of a person in a partition. */
export interface PartOfOutlines extends OutlineText {
  partition: number;
}

/**
 * Rows of these partitions from a position on as ClickHouse holds them, of the persons behind `after` up to `upTo`; null: of all behind it.
 * Every row that was acknowledged before the call.
 */
export type PageOfOutlines = (of: { partitions: number[]; from: number; after: string }) => Promise<{
  rows: PartOfOutlines[];
  upTo: string | null;
}>;

interface Opening {
  partition: number;
  opening: symbol;
}

export class FiledOutlines {
  readonly #file: OutlineFile;
  readonly #page: PageOfOutlines;
  readonly #onDefect: (error: Error) => void;
  /** Which opening of a partition is the last. */
  readonly #openings = new Map<number, symbol>();
  /** By partition, the position below which the file holds everything. */
  readonly #complete = new Map<number, number>();
  #isBroken = false;
  readonly #gatheredMs: number;
  readonly #bringOver = gathering((opened: Opening[]) => this.#bring(opened));

  /** @param onDefect the file, or what it is made from, failed: from then on ClickHouse is asked */
  constructor(file: OutlineFile, page: PageOfOutlines, onDefect: (error: Error) => void, gatheredMs = GATHERED_MS) {
    this.#file = file;
    this.#page = page;
    this.#onDefect = onDefect;
    this.#gatheredMs = gatheredMs;
  }

  /** Rows that another owner left on their way stand behind the committed offset and come again. Resolves when the file is in use, or never will be. */
  async open(partition: number): Promise<void> {
    const opening = Symbol();
    this.#openings.set(partition, opening);
    this.#complete.delete(partition);
    await sleep(this.#gatheredMs);
    await this.#bringOver({ partition, opening });
  }

  async #bring(opened: readonly Opening[]): Promise<null[]> {
    const isLast = ({ partition, opening }: Opening) => this.#openings.get(partition) === opening;
    try {
      const below = new Map(opened.map(({ partition }) => [partition, this.#file.completeBelow(partition) ?? 0]));
      const from = Math.min(...below.values());
      let after: string | null = '';
      while (after !== null && opened.some(isLast)) {
        const { rows, upTo }: Awaited<ReturnType<PageOfOutlines>> = await this.#page({
          partitions: [...below.keys()],
          from,
          after,
        });
        for (const [partition, own] of Map.groupBy(rows, (each) => each.partition))
          this.#file.add(partition, own, null);
        after = upTo;
        await others();
      }
      for (const each of opened)
        if (isLast(each)) this.#complete.set(each.partition, below.get(each.partition) as number);
    } catch (error) {
      this.#giveUp(error as Error);
    }
    return opened.map(() => null);
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
