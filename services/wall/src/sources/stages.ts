// Up to when a processing stage has done everything: its committed offsets against the ends of its lane as they were seen over time.

/** Looks that are remembered: a stage further behind than these is stale by any limit. */
const REMEMBERED = 40;

interface Look {
  /** ms */
  at: number;
  /** Next offset to be written, by partition. */
  ends: readonly number[];
}

/** One consumer group on one lane. */
export class StageWatch {
  #looks: Look[] = [];
  #doneAt: number | null = null;

  /**
   * @param at when the ends were asked for, ms
   * @param ends next offset to be written, by partition
   * @param committed offset by partition, null where there is none
   * @returns the last instant by which everything that the lane held then has been done, ms; null while none is known, or nothing was ever done
   */
  observe(at: number, ends: readonly number[], committed: readonly (number | null)[]): number | null {
    if (!committed.some((offset) => offset !== null)) return null;
    this.#looks.push({ at, ends });
    const reached = this.#looks.findLastIndex((look) =>
      look.ends.every((end, partition) => end === 0 || (committed[partition] ?? 0) >= end),
    );
    if (reached >= 0) {
      this.#doneAt = (this.#looks[reached] as Look).at;
      this.#looks.splice(0, reached + 1);
    }
    if (this.#looks.length > REMEMBERED) this.#looks.shift();
    return this.#doneAt;
  }
}
