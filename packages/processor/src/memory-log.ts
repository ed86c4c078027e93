// A checkpoint log in memory, for tests, evaluation and the fault simulator. Faults are injected through `before`.
import { type CheckpointLog, Fenced, type StoredRecord } from './ports.ts';

export type LogOperation = 'append' | 'appended' | 'commit' | 'committed' | 'read';

export class MemoryCheckpointLog implements CheckpointLog {
  readonly #records: StoredRecord[];
  #low = 0;
  #pointer: number | null = null;
  #generation = 0;
  /** Called before and after each write, so that a test can fail or delay it. */
  before: (operation: LogOperation) => Promise<void> | void = () => {};

  constructor() {
    this.#records = [];
  }

  /** A new owner's view: pointer commits of earlier views are refused from now on. */
  join(): CheckpointLog {
    const generation = ++this.#generation;
    return {
      append: (values) => this.append(values),
      read: (from, to) => this.read(from, to),
      bounds: () => this.bounds(),
      pointer: () => this.pointer(),
      commitPointer: async (offset) => {
        await this.before('commit');
        if (generation !== this.#generation) throw new Fenced('expelled from the group');
        this.#pointer = offset;
        await this.before('committed');
      },
      trim: (before) => this.trim(before),
    };
  }

  async append(values: Buffer[]): Promise<number> {
    await this.before('append');
    const first = this.#low + this.#records.length;
    for (const [i, value] of values.entries()) this.#records.push({ offset: first + i, value });
    await this.before('appended');
    return first;
  }
  async read(from: number, to: number): Promise<StoredRecord[]> {
    await this.before('read');
    return this.#records.slice(Math.max(0, from - this.#low), Math.max(0, to - this.#low));
  }
  async bounds(): Promise<{ low: number; next: number }> {
    return { low: this.#low, next: this.#low + this.#records.length };
  }
  async pointer(): Promise<number | null> {
    return this.#pointer;
  }
  async commitPointer(offset: number): Promise<void> {
    this.#pointer = offset;
  }
  async trim(before: number): Promise<void> {
    const gone = Math.max(0, before - this.#low);
    this.#records.splice(0, gone);
    this.#low += gone;
  }
  get size(): number {
    return this.#records.length;
  }
}
