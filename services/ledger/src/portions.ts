// Histories read in portions, one ahead: what is in memory at once is bounded however many subjects a batch touches, and the database
// reads while the rules judge.

/** Before anything is known of how many rows a subject has. */
const ROWS_OF_ONE = 20;

export class Portions<T> {
  readonly #read: (subjects: readonly string[]) => Promise<Map<string, T>>;
  readonly #rowsIn: (history: T) => number;
  readonly #rowsAtOnce: number;
  #rowsOfOne = ROWS_OF_ONE;

  /** @param rowsAtOnce that one portion should bring, about */
  constructor(
    read: (subjects: readonly string[]) => Promise<Map<string, T>>,
    rowsIn: (history: T) => number,
    rowsAtOnce: number,
  ) {
    this.#read = read;
    this.#rowsIn = rowsIn;
    this.#rowsAtOnce = rowsAtOnce;
  }

  /** What is read of each subject once, in the order asked; at least one portion. @throws what reading throws */
  async *of(subjects: readonly string[]): AsyncGenerator<Map<string, T>> {
    let from = 0;
    const ask = (): Promise<Map<string, T>> => {
      const most = Math.max(1, Math.round(this.#rowsAtOnce / this.#rowsOfOne));
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

  #learn(histories: ReadonlyMap<string, T>): void {
    if (histories.size === 0) return;
    let rows = 0;
    for (const history of histories.values()) rows += this.#rowsIn(history);
    this.#rowsOfOne = Math.max(1, (this.#rowsOfOne + rows / histories.size) / 2);
  }
}
