// Virtual time for one simulated world: everything that happens is an event of one queue, drawn by one seed; nothing waits for real.
import { type Random, random } from '../../../services/alerting/src/testing/scheduler.ts';

interface Due {
  at: number;
  sequence: number;
  act: () => void;
  /** Whether promises may go on because of it. */
  wakes: boolean;
}

export class Kernel {
  now: number;
  readonly random: Random;
  readonly #heap: Due[] = [];
  #sequence = 0;

  constructor(seed: number, start: number) {
    this.random = random(seed);
    this.now = start;
  }

  chance(probability: number): boolean {
    return probability > 0 && this.random() < probability;
  }

  /** A whole number of [from, to]. */
  between(from: number, to: number): number {
    return from + Math.floor(this.random() * (to - from + 1));
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)] as T;
  }

  at(at: number, act: () => void, wakes = true): void {
    const due = { at: Math.max(at, this.now), sequence: this.#sequence++, act, wakes };
    const heap = this.#heap;
    let i = heap.push(due) - 1;
    for (let up = (i - 1) >> 1; i > 0 && earlier(due, heap[up] as Due); up = (i - 1) >> 1) {
      heap[i] = heap[up] as Due;
      i = up;
    }
    heap[i] = due;
  }

  after(ms: number, act: () => void): void {
    this.at(this.now + ms, act);
  }

  /** For what resolves nothing by itself. */
  quietlyAfter(ms: number, act: () => void): void {
    this.at(this.now + ms, act, false);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.at(this.now + ms, resolve));
  }

  /** Lets time pass to `until`. Between two events every promise that can go on has gone on: a tick comes when no microtask is left. */
  async run(until: number): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#heap.length > 0 && (this.#heap[0] as Due).at <= until) {
      const due = this.#pop();
      this.now = due.at;
      due.act();
      if (due.wakes) await new Promise<void>((resolve) => process.nextTick(resolve));
    }
    this.now = until;
  }

  #pop(): Due {
    const heap = this.#heap;
    const top = heap[0] as Due;
    const last = heap.pop() as Due;
    if (heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && earlier(heap[child + 1] as Due, heap[child] as Due)) child++;
      if (!earlier(heap[child] as Due, last)) break;
      heap[i] = heap[child] as Due;
      i = child;
    }
    heap[i] = last;
    return top;
  }
}

function earlier(a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}

/** A process: what it waits for reaches it while it lives, and while it is stopped (SIGSTOP) only once it goes on. */
export class Process {
  readonly name: string;
  readonly kernel: Kernel;
  alive = true;
  /** Instant up to which it is stopped, ms. */
  stoppedUntil = 0;

  constructor(name: string, kernel: Kernel) {
    this.name = name;
    this.kernel = kernel;
  }

  get stopped(): boolean {
    return this.stoppedUntil > this.kernel.now;
  }

  get responsive(): boolean {
    return this.alive && !this.stopped;
  }

  /** Acts at that instant, or when it goes on; never once it is dead. */
  hears(at: number, act: () => void): void {
    const fire = (): void => {
      if (!this.alive) return;
      if (this.stopped) this.kernel.at(this.stoppedUntil, fire);
      else act();
    };
    this.kernel.at(at, fire);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.hears(this.kernel.now + ms, resolve));
  }
}
