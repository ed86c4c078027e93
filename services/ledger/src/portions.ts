// Histories read in portions, one ahead: what is in memory at once is bounded however many subjects a batch touches, and the database
// reads while the rules judge.
import type { LedgerRow } from '@yunjian/detection';

type Histories = Map<string, readonly LedgerRow[]>;

/** Rows that one portion should bring, about. */
const ROWS_AT_ONCE = 10_000;
/** Before anything is known of how many rows a subject has. */
const ROWS_OF_ONE = 20;

export class Portions {
  readonly #read: (subjects: readonly string[]) => Promise<Histories>;
  #rowsOfOne = ROWS_OF_ONE;

  constructor(read: (subjects: readonly string[]) => Promise<Histories>) {
    this.#read = read;
  }

  /** Each subject's rows once, in the order asked; at least one portion. @throws what reading throws */
  async *of(subjects: readonly string[]): AsyncGenerator<Histories> {
    let from = 0;
    const ask = (): Promise<Histories> => {
      const most = Math.max(1, Math.round(ROWS_AT_ONCE / this.#rowsOfOne));
      const asked = this.#read(subjects.slice(from, from + most));
      from += most;
      // It is heard when its turn comes, which it does not where the one before it failed.
      asked.catch(() => {});
      return asked;
    };
    let next = ask();
    for (let more = true; more; ) {
      const histories = await next;
      this.#learn(histories);
      more = from < subjects.length;
      if (more) next = ask();
      yield histories;
    }
  }

  #learn(histories: Histories): void {
    if (histories.size === 0) return;
    let rows = 0;
    for (const list of histories.values()) rows += list.length;
    this.#rowsOfOne = Math.max(1, (this.#rowsOfOne + rows / histories.size) / 2);
  }
}
