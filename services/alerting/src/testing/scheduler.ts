// A world in which everything that happens between two deciders happens in an order that one seed decides.

export type Random = () => number;

/** Mulberry32: small, seeded, good enough to choose between faults. */
export function random(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Coroutines wait here for their turn; one at a time goes on, drawn by the seed. */
export class Scheduler {
  readonly #waiting: (() => void)[] = [];
  readonly random: Random;

  constructor(seed: number) {
    this.random = random(seed);
  }

  turn(): Promise<void> {
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  upTo(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  /** Lets one of those who wait go on, and everything that follows from it without waiting again. */
  async advance(): Promise<boolean> {
    const [next] = this.#waiting.splice(this.upTo(this.#waiting.length), 1);
    next?.();
    await new Promise((resolve) => setImmediate(resolve));
    return next !== undefined;
  }
}
