// Packed rows as a checkpoint brings them, until their owner takes them: of a row that comes again the later holds, and nothing is copied.
import type { PackedBlock } from './blocks.ts';

const GONE = -1;

export class LoadedRows {
  #blocks: Buffer[] = [];
  /** Of each row that came: its number, its block, and where it begins there, or that it is gone, and ends. */
  #numbers: number[] = [];
  #blockOf: number[] = [];
  #starts: number[] = [];
  #ends: number[] = [];

  /** @throws when the block ends within a row */
  add(block: PackedBlock): void {
    const place = this.#blocks.push(block.bytes) - 1;
    block.each((number, from, to) => this.#note(number, place, from, to));
  }

  remove(number: number): void {
    this.#note(number, 0, GONE, GONE);
  }

  get size(): number {
    return this.#numbers.length === 0 ? 0 : this.#order().length;
  }

  /** Each row in the order of their numbers. */
  each(visit: (number: number, bytes: Buffer, from: number, to: number) => void): void {
    for (const i of this.#order())
      visit(
        this.#numbers[i] as number,
        this.#blocks[this.#blockOf[i] as number] as Buffer,
        this.#starts[i] as number,
        this.#ends[i] as number,
      );
  }

  clear(): void {
    this.#blocks = [];
    this.#numbers = [];
    this.#blockOf = [];
    this.#starts = [];
    this.#ends = [];
  }

  #note(number: number, block: number, from: number, to: number): void {
    this.#numbers.push(number);
    this.#blockOf.push(block);
    this.#starts.push(from);
    this.#ends.push(to);
  }

  /** Which of those that came hold, by their numbers: these are given one behind the other, so they lie close. */
  #order(): Int32Array {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const number of this.#numbers) {
      if (number < least) least = number;
      if (number > most) most = number;
    }
    if (least > most) return new Int32Array(0);
    const last = new Int32Array(most - least + 1).fill(GONE);
    for (let i = 0; i < this.#numbers.length; i++)
      last[(this.#numbers[i] as number) - least] = this.#starts[i] === GONE ? GONE : i;
    return last.filter((i) => i !== GONE);
  }
}
