// Whether a processing stage works: its committed offsets must keep moving, since the router's marks give it work every second.

/** Offsets of one stage as last seen, and since when each has stood still. */
export class StageWatch {
  #seen = new Map<number, { offset: number; movedAt: number | null }>();

  /**
   * @param offsets committed offset by partition, null where there is none
   * @param at ms
   * @returns when the slowest partition last moved, ms; null while one has not been seen to move
   */
  observe(offsets: readonly (number | null)[], at: number): number | null {
    let slowest: number | null = Number.POSITIVE_INFINITY;
    for (const [partition, offset] of offsets.entries()) {
      if (offset === null || offset === undefined) {
        slowest = null;
        continue;
      }
      const seen = this.#seen.get(partition);
      const movedAt = seen !== undefined && seen.offset !== offset ? at : (seen?.movedAt ?? null);
      this.#seen.set(partition, { offset, movedAt });
      slowest = slowest === null || movedAt === null ? null : Math.min(slowest, movedAt);
    }
    return slowest === Number.POSITIVE_INFINITY ? null : slowest;
  }
}
