// Timers on feed clocks: a heap per clock. Not part of the checkpoint: a detector arms its timers again from its tables on restore.
import type { ClockName, FeedClocks } from './clocks.ts';

interface Armed {
  clock: ClockName;
  at: number;
  sequence: number;
  id: string;
}

/** Fires an id once the clock has passed (is above) its instant. An id has one instant: arming it again moves it. */
export class Timers {
  readonly #heaps = new Map<ClockName, Armed[]>();
  readonly #current = new Map<string, Armed>();
  #sequence = 0;

  /** @param at ms; due at the first mark whose clock is above it. */
  arm(id: string, clock: ClockName, at: number): void {
    const known = this.#current.get(id);
    if (known !== undefined && known.at === at && known.clock === clock) return;
    const armed: Armed = { clock, at, sequence: this.#sequence++, id };
    this.#current.set(id, armed);
    let heap = this.#heaps.get(clock);
    if (heap === undefined) {
      heap = [];
      this.#heaps.set(clock, heap);
    }
    push(heap, armed);
  }

  cancel(id: string): void {
    this.#current.delete(id);
  }

  /**
   * Ids that are due by the clocks of now; each is disarmed. In order of the ids: a timer that was armed early, and asks again, stands for a
   * later instant after a restart, and what is told must come in the same order then.
   */
  takeDue(clocks: FeedClocks): string[] {
    const due: string[] = [];
    for (const [clock, heap] of this.#heaps) {
      const now = clocks.at(clock);
      while (heap.length > 0 && (heap[0] as Armed).at < now) {
        const top = pop(heap);
        if (this.#current.get(top.id) !== top) continue;
        this.#current.delete(top.id);
        due.push(top.id);
      }
    }
    return due.sort();
  }

  get size(): number {
    return this.#current.size;
  }
}

function before(a: Armed, b: Armed): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}

function push(heap: Armed[], armed: Armed): void {
  let i = heap.push(armed) - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!before(armed, heap[parent] as Armed)) break;
    heap[i] = heap[parent] as Armed;
    i = parent;
  }
  heap[i] = armed;
}

function pop(heap: Armed[]): Armed {
  const top = heap[0] as Armed;
  const last = heap.pop() as Armed;
  if (heap.length === 0) return top;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1] as Armed, heap[child] as Armed)) child++;
    if (!before(heap[child] as Armed, last)) break;
    heap[i] = heap[child] as Armed;
    i = child;
  }
  heap[i] = last;
  return top;
}
