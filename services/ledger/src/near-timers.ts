// The timers that come due soon, in memory: few marks need a query.
import type { BatchClock } from './batch-clock.ts';
import type { Timer, WakeStore } from './wakes.ts';

/** Timers are looked up this far ahead of the clock, ms. */
const AHEAD_MS = 600_000;

export class NearTimers {
  readonly #wakes: WakeStore;
  readonly #partition: number;
  /** Timers due up to the horizon. */
  #near: Timer[] = [];
  #horizon = Number.NEGATIVE_INFINITY;

  constructor(wakes: WakeStore, partition: number) {
    this.#wakes = wakes;
    this.#partition = partition;
  }

  /** Those that this batch's marks bring due. */
  async due({ from, to }: BatchClock): Promise<Timer[]> {
    if (to === from) return [];
    if (to > this.#horizon) {
      this.#horizon = to + AHEAD_MS;
      this.#near = await this.#wakes.timers(this.#partition, from, this.#horizon);
    }
    const due = this.#near.filter((timer) => timer.due <= to);
    if (due.length > 0) this.#near = this.#near.filter((timer) => timer.due > to);
    return due;
  }

  /** Stored, resolved is acknowledged. */
  add(timers: Timer[]): Promise<void> {
    for (const timer of timers) if (timer.due <= this.#horizon) this.#near.push(timer);
    return this.#wakes.addTimers(this.#partition, timers);
  }
}
