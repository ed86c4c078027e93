// Numbers of packed rows in order of their event time, with what a search asks of each beside it in one list of numbers: nothing here is an
// object, and nothing that is not found is touched. Most come last and leave first; those that are forgotten are let go when one comes.

/** Room at the front is given back when it is this many rows, and half of all. */
const SLACK = 64;
const [AT, NUMBER] = [0, 1];

export class RowIndex {
  /** Of each row: its time, its number, and what else is asked. */
  #list: number[] = [];
  #begin = 0;
  readonly #stride: number;

  /** @param columns how many numbers a row has behind its time and its own number */
  constructor(columns: number) {
    this.#stride = columns + 2;
  }

  /** @param kept number of the first row that is kept: what lies before is let go */
  add(kept: number, at: number, number: number, a: number, b: number, c = 0, d = 0): void {
    this.trim(kept);
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

  /** Places of rows with from ≤ at ≤ to, ms, in order of time: the first, and behind the last. */
  search(from: number, to: number): { start: number; end: number } {
    const list = this.#list;
    if (list.length === this.#begin || (list[list.length - this.#stride] as number) < from) return NOTHING;
    const start = this.#from(from);
    let end = start;
    while (end < list.length && (list[end + AT] as number) <= to) end += this.#stride;
    return { start, end };
  }

  /** Numbers of the kept rows with from ≤ at ≤ to, ms, of which the column holds the key. */
  matching(kept: number, from: number, to: number, column: number, key: number): readonly number[] {
    const list = this.#list;
    if (list.length === this.#begin || (list[list.length - this.#stride] as number) < from) return NONE;
    let found: number[] | null = null;
    for (let i = this.#from(from); i < list.length && (list[i] as number) <= to; i += this.#stride)
      if (list[i + column] === key && (list[i + NUMBER] as number) >= kept) {
        found ??= [];
        found.push(list[i + NUMBER] as number);
      }
    return found ?? NONE;
  }

  /** Numbers of the kept rows with from ≤ at ≤ to, ms, in order of time. */
  between(kept: number, from: number, to: number): number[] {
    const { start, end } = this.search(from, to);
    const found: number[] = [];
    for (let i = start; i < end; i += this.#stride)
      if ((this.#list[i + NUMBER] as number) >= kept) found.push(this.#list[i + NUMBER] as number);
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
const NOTHING = { start: 0, end: 0 };
