// A batch in pieces: between them others get the loop, since a member that sends no heartbeat for a session is expelled.
import { setImmediate as others } from 'node:timers/promises';

const [FIRST, SMALLEST, LARGEST] = [64, 8, 4_096];
/** A piece that took less is followed by a larger one, one that took more by a smaller one, ms. */
const [SHORT_MS, LONG_MS] = [10, 40];

/** How large the next piece is: as many records as lately took a moment, whatever they cost. */
export class Pieces {
  #size = FIRST;

  /** Hands records over in order, piece by piece, for as long as `goesOn` says so. Resolves when they are taken or nobody wants the rest. */
  async take<T>(
    records: readonly T[],
    goesOn: () => boolean,
    process: (piece: readonly T[]) => Promise<void>,
  ): Promise<void> {
    for (let from = 0; from < records.length && goesOn(); ) {
      const piece = from === 0 && records.length <= this.#size ? records : records.slice(from, from + this.#size);
      from += piece.length;
      const began = performance.now();
      await process(piece);
      const took = performance.now() - began;
      if (took > LONG_MS) this.#size = Math.max(SMALLEST, this.#size >> 1);
      else if (took < SHORT_MS && piece.length === this.#size) this.#size = Math.min(LARGEST, this.#size * 2);
      if (from < records.length) await others();
    }
  }
}
