// Things in order of their event time, so that a window is looked up without walking over everything that is remembered. Most come last
// and leave first; who comes late is put in his place.

const NONE: readonly never[] = [];
/** Room at the front is given back when it is this much, and half of all. */
const SLACK = 64;

export class TimeIndex<T extends { at: number }> {
  #items: (T | undefined)[] = [];
  /** What lies before this index has left, and is held no longer. */
  #first = 0;

  add(item: T): void {
    const items = this.#items;
    const last = items[items.length - 1];
    if (last === undefined || last.at <= item.at) items.push(item);
    else items.splice(this.#above(item.at), 0, item);
  }

  delete(item: T): void {
    const items = this.#items;
    for (let i = this.#from(item.at); i < items.length && (items[i] as T).at === item.at; i++) {
      if (items[i] !== item) continue;
      if (i === this.#first) items[this.#first++] = undefined;
      else items.splice(i, 1);
      break;
    }
    if (this.#first > SLACK && this.#first * 2 > items.length) {
      this.#items = items.slice(this.#first);
      this.#first = 0;
    }
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
    const items = this.#items;
    const last = items[items.length - 1];
    if (last === undefined || last.at < from) return NONE;
    const start = this.#from(from);
    let end = start;
    while (end < items.length && (items[end] as T).at <= to) end++;
    return start === end ? NONE : (items.slice(start, end) as T[]);
  }

  /** Index of the first item at or after, ms. */
  #from(at: number): number {
    let [low, high] = [this.#first, this.#items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#items[middle] as T).at < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Index of the first item after, ms. */
  #above(at: number): number {
    let [low, high] = [this.#first, this.#items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#items[middle] as T).at <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
