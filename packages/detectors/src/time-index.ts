// Things in order of their event time, so that a window is looked up without walking over everything that is remembered. Most come last
// and leave first; who comes late is put in his place. Times, and keys where there are any, lie in lists of their own beside the things:
// a search reads numbers that are neighbours in memory, and touches nothing that it does not find.

const NONE: readonly never[] = [];
/** Room at the front is given back when it is this much, and half of all. */
const SLACK = 64;

export class TimeIndex<T extends { at: number }> {
  #items: (T | undefined)[] = [];
  #times: number[] = [];
  /** For each of `keysOf` the items' keys, in their order. */
  #keys: number[][];
  readonly #keysOf: readonly ((item: T) => number)[];
  /** What lies before this index has left, and is held no longer. */
  #first = 0;

  /** @param keysOf what `matching` looks for: 32-bit integers that stay while the item is in */
  constructor(keysOf: readonly ((item: T) => number)[] = []) {
    this.#keysOf = keysOf;
    this.#keys = keysOf.map(() => []);
  }

  add(item: T): void {
    const times = this.#times;
    const last = times.length - 1;
    if (last < this.#first || (times[last] as number) <= item.at) {
      this.#items.push(item);
      times.push(item.at);
      for (let k = 0; k < this.#keysOf.length; k++)
        (this.#keys[k] as number[]).push((this.#keysOf[k] as (item: T) => number)(item));
      return;
    }
    const place = this.#above(item.at);
    this.#items.splice(place, 0, item);
    times.splice(place, 0, item.at);
    for (const [k, keyOf] of this.#keysOf.entries()) this.#keys[k]?.splice(place, 0, keyOf(item));
  }

  delete(item: T): void {
    for (let i = this.#from(item.at); i < this.#times.length && this.#times[i] === item.at; i++) {
      if (this.#items[i] !== item) continue;
      if (i === this.#first) this.#items[this.#first++] = undefined;
      else {
        this.#items.splice(i, 1);
        this.#times.splice(i, 1);
        for (const keys of this.#keys) keys.splice(i, 1);
      }
      break;
    }
    if (this.#first <= SLACK || this.#first * 2 <= this.#items.length) return;
    this.#items = this.#items.slice(this.#first);
    this.#times = this.#times.slice(this.#first);
    this.#keys = this.#keys.map((keys) => keys.slice(this.#first));
    this.#first = 0;
  }

  get empty(): boolean {
    return this.#items.length === this.#first;
  }

  get first(): T | undefined {
    return this.#items[this.#first];
  }

  /** Everything, as it is now. */
  all(): T[] {
    return this.#items.slice(this.#first) as T[];
  }

  /** Items with from ≤ at ≤ to, ms, in order of time. */
  between(from: number, to: number): readonly T[] {
    const times = this.#times;
    const last = times.length - 1;
    if (last < this.#first || (times[last] as number) < from) return NONE;
    const start = this.#from(from);
    let end = start;
    while (end <= last && (times[end] as number) <= to) end++;
    return start === end ? NONE : (this.#items.slice(start, end) as T[]);
  }

  /** Items with from ≤ at ≤ to, ms, that have that key, in order of time. @param which of `keysOf` */
  matching(from: number, to: number, key: number, which = 0): readonly T[] {
    const times = this.#times;
    const last = times.length - 1;
    if (last < this.#first || (times[last] as number) < from) return NONE;
    const keys = this.#keys[which] as number[];
    let found: T[] | null = null;
    for (let i = this.#from(from); i <= last && (times[i] as number) <= to; i++)
      if (keys[i] === key) {
        found ??= [];
        found.push(this.#items[i] as T);
      }
    return found ?? NONE;
  }

  /** Index of the first item at or after, ms. */
  #from(at: number): number {
    const times = this.#times;
    let [low, high] = [this.#first, times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[middle] as number) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Index of the first item after, ms. */
  #above(at: number): number {
    const times = this.#times;
    let [low, high] = [this.#first, times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[middle] as number) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
