// When a subject is judged again though nothing came for it: at an instant of the feeds' clock, or when a fact becomes known that its
// verdict waits for. A port, and its implementation in memory.

export interface Timer {
  /** ms of the feeds' clock */
  due: number;
  subject: string;
}

export interface Parked {
  /** The fact waited for. */
  fact: string;
  subject: string;
  /** Lane position at which the subject was judged without it. */
  position: number;
}

/** Everything is of one lane. What is added is seen by the calls that follow; resolved is stored. A row added again is the same row. */
export interface WakeStore {
  addTimers(partition: number, timers: readonly Timer[]): Promise<void>;
  /** Timers with `after` < due <= `upTo`. */
  timers(partition: number, after: number, upTo: number): Promise<Timer[]>;
  park(partition: number, parked: readonly Parked[]): Promise<void>;
  /** What waits for one of these facts. */
  parked(partition: number, facts: readonly string[]): Promise<Parked[]>;
  /** The clock as of a mark, as its value. */
  keepClock(partition: number, position: number, value: Buffer): Promise<void>;
  /** The clock as of the last mark kept below a position. */
  clockBelow(partition: number, position: number): Promise<Buffer | null>;
}

export class MemoryWakes implements WakeStore {
  readonly #timers = new Map<number, Timer[]>();
  readonly #parked = new Map<number, Map<string, Parked[]>>();
  readonly #clocks = new Map<number, Map<number, Buffer>>();

  async addTimers(partition: number, timers: readonly Timer[]): Promise<void> {
    of(this.#timers, partition, () => []).push(...timers);
  }

  async timers(partition: number, after: number, upTo: number): Promise<Timer[]> {
    return (this.#timers.get(partition) ?? []).filter(({ due }) => due > after && due <= upTo);
  }

  async park(partition: number, parked: readonly Parked[]): Promise<void> {
    const facts = of(this.#parked, partition, () => new Map<string, Parked[]>());
    for (const each of parked) of(facts, each.fact, () => []).push(each);
  }

  async parked(partition: number, facts: readonly string[]): Promise<Parked[]> {
    return facts.flatMap((fact) => this.#parked.get(partition)?.get(fact) ?? []);
  }

  async keepClock(partition: number, position: number, value: Buffer): Promise<void> {
    of(this.#clocks, partition, () => new Map<number, Buffer>()).set(position, value);
  }

  async clockBelow(partition: number, position: number): Promise<Buffer | null> {
    let best = -1;
    for (const at of this.#clocks.get(partition)?.keys() ?? []) if (at < position && at > best) best = at;
    return this.#clocks.get(partition)?.get(best) ?? null;
  }
}

function of<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
