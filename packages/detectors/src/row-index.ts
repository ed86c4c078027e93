// Numbers of packed rows in order of their event time, with what a search asks of each beside it in one list of numbers: nothing here is an
// object, and nothing that is not found is touched. Most come last and leave first, and most is asked of the last.

/** Room at the front is given back when it is this many rows, and half of all. */
const SLACK = 64;
const NUMBER = 1;

export class RowIndex {
  /** Of each row: its time, its number, and what else is asked. */
  #list: number[] = [];
  #begin = 0;
  readonly #stride: number;

  /** @param columns how many numbers a row has behind its time and its own number */
  constructor(columns: number) {
    this.#stride = columns + 2;
  }

  add(at: number, number: number, a: number, b: number, c = 0, d = 0): void {
    const list = this.#list;
    const stride = this.#stride;
    if (list.length === this.#begin || (list[list.length - stride] as number) <= at) {
      if (stride === 4) list.push(at, number, a, b);
      else list.push(at, number, a, b, c, d);
      return;
    }
    const place = this.#from(at + 1);
    list.splice(place, 0, ...[at, number, a, b, c, d].slice(0, stride));
  }

  remove(at: number, number: number): void {
    for (let i = this.#from(at); i < this.#list.length && this.#list[i] === at; i += this.#stride)
      if (this.#list[i + NUMBER] === number) {
        this.#list.splice(i, this.#stride);
        return;
      }
  }

  /** @param kept number of the first row that is kept: what lies before is let go */
  trim(kept: number): void {
    const list = this.#list;
    const stride = this.#stride;
    while (this.#begin < list.length && (list[this.#begin + NUMBER] as number) < kept) this.#begin += stride;
    if (this.#begin <= SLACK * stride || this.#begin * 2 <= list.length) return;
    this.#list = list.slice(this.#begin);
    this.#begin = 0;
  }

  /** What is known of each row, to be read with the places that `search` gives. */
  get list(): readonly number[] {
    return this.#list;
  }

  get stride(): number {
    return this.#stride;
  }

  /** Place behind the last row with at ≤ to, ms: its rows are walked from there, the newest first, while their time is not before. */
  behind(to: number): number {
    const { length } = this.#list;
    if (length === this.#begin || (this.#list[length - this.#stride] as number) <= to) return length;
    return this.#from(to + 1);
  }

  /** Place of the first row. */
  get begin(): number {
    return this.#begin;
  }

  /** Numbers of the kept rows with from ≤ at ≤ to, ms, of which the column holds the key; the newest first. */
  matching(kept: number, from: number, to: number, column: number, key: number): readonly number[] {
    const list = this.#list;
    const stride = this.#stride;
    let found: number[] | null = null;
    for (let i = this.behind(to) - stride; i >= this.#begin && (list[i] as number) >= from; i -= stride)
      if (list[i + column] === key && (list[i + NUMBER] as number) >= kept) {
        found ??= [];
        found.push(list[i + NUMBER] as number);
      }
    return found ?? NONE;
  }

  /** Place of the newest row of each key of the column, of rows with from ≤ at ≤ to, ms: for many searches over the same stretch. */
  newestBy(column: number, from: number, to: number): ReadonlyMap<number, number> {
    const list = this.#list;
    const stride = this.#stride;
    const newest = new Map<number, number>();
    for (let i = this.behind(to) - stride; i >= this.#begin && (list[i] as number) >= from; i -= stride) {
      const key = list[i + column] as number;
      if (!newest.has(key)) newest.set(key, i);
    }
    return newest;
  }

  /** Numbers of the kept rows with from ≤ at ≤ to, ms; the newest first. */
  between(kept: number, from: number, to: number): number[] {
    const list = this.#list;
    const stride = this.#stride;
    const found: number[] = [];
    for (let i = this.behind(to) - stride; i >= this.#begin && (list[i] as number) >= from; i -= stride)
      if ((list[i + NUMBER] as number) >= kept) found.push(list[i + NUMBER] as number);
    return found;
  }

  /** Place of the first row at or after, ms. */
  #from(at: number): number {
    const list = this.#list;
    const stride = this.#stride;
    let [low, high] = [this.#begin / stride, list.length / stride];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((list[middle * stride] as number) < at) low = middle + 1;
      else high = middle;
    }
    return low * stride;
  }
}

const NONE: readonly number[] = [];
