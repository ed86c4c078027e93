// Rows of one length behind each other, as they were when they were added, for a checkpoint to take: of one added twice the later holds.
import { FixedBlock } from './blocks.ts';

/** Rows of a block at most, so that a chunk of a checkpoint can be filled evenly; and room for the first. */
const [BLOCK_ROWS, FIRST_ROWS] = [256, 4];

export class FixedRows {
  readonly #width: number;
  readonly #rowWords: number;
  #blocks: FixedBlock[] = [];
  #bytes = Buffer.alloc(0);
  #words = new Uint32Array(0);
  #room = 0;
  #filled = 0;

  /** @param width bytes of a row, a multiple of four */
  constructor(width: number) {
    this.#width = width;
    this.#rowWords = width / 4;
  }

  get rows(): number {
    return this.#blocks.length * BLOCK_ROWS + this.#filled;
  }

  /** @param row as words */
  add(row: Uint32Array): void {
    if (this.#filled === this.#room) this.#makeRoom();
    const at = this.#filled++ * this.#rowWords;
    for (let i = 0; i < this.#rowWords; i++) this.#words[at + i] = row[i] as number;
  }

  /** What was added since the last call. */
  take(): FixedBlock[] {
    const blocks = this.#blocks;
    if (this.#filled === 0) return blocks;
    blocks.push(this.#block());
    this.#blocks = [];
    // As many as this time may well come until the next.
    this.#begin(this.#filled);
    return blocks;
  }

  #makeRoom(): void {
    const [before, filled] = [this.#bytes, this.#filled];
    if (filled === BLOCK_ROWS) {
      this.#blocks.push(this.#block());
      this.#begin(BLOCK_ROWS);
      return;
    }
    this.#begin(Math.min(BLOCK_ROWS, Math.max(FIRST_ROWS, this.#room * 2)));
    this.#filled = filled;
    before.copy(this.#bytes, 0, 0, filled * this.#width);
  }

  #begin(room: number): void {
    this.#room = room;
    this.#filled = 0;
    this.#bytes = Buffer.allocUnsafeSlow(room * this.#width);
    this.#words = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset, room * this.#rowWords);
  }

  #block(): FixedBlock {
    return new FixedBlock(this.#bytes.subarray(0, this.#filled * this.#width), this.#filled);
  }
}
