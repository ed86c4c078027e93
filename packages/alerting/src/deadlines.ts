// Which alert must move next because time has passed: a heap ordered by deadline, then alert id, so that order depends on state alone.

interface Deadline {
  /** ms */
  at: number;
  id: string;
}

/** Deadlines are never removed early: whoever takes one checks that it still holds. */
export class Deadlines {
  readonly #heap: Deadline[] = [];

  add(at: number, id: string): void {
    const heap = this.#heap;
    heap.push({ at, id });
    let child = heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >>> 1;
      if (!before(heap[child] as Deadline, heap[parent] as Deadline)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  /** Takes the earliest deadline not after `now`, ms. */
  takeDue(now: number): Deadline | null {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.at > now) return null;
    const last = heap.pop() as Deadline;
    if (heap.length > 0) {
      heap[0] = last;
      this.#sink();
    }
    return first;
  }

  #sink(): void {
    const heap = this.#heap;
    for (let parent = 0; ; ) {
      const left = 2 * parent + 1;
      if (left >= heap.length) return;
      const right = left + 1;
      const child = right < heap.length && before(heap[right] as Deadline, heap[left] as Deadline) ? right : left;
      if (!before(heap[child] as Deadline, heap[parent] as Deadline)) return;
      this.#swap(child, parent);
      parent = child;
    }
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    const kept = heap[a] as Deadline;
    heap[a] = heap[b] as Deadline;
    heap[b] = kept;
  }
}

function before(a: Deadline, b: Deadline): boolean {
  return a.at < b.at || (a.at === b.at && a.id < b.id);
}
