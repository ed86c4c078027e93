// The feeds' clock within one batch: what it shows at each position, and which mark brings it to an instant.
import { decodeLane, type Mark } from '@yunjian/contracts';
import type { FeedClock } from './feed-clock.ts';
import type { LedgerInput } from './rows.ts';

export class BatchClock {
  /** Before the batch, ms. */
  readonly from: number;
  /** Behind it, ms. */
  readonly to: number;
  /** The batch's last mark: a clock kept there is one that a restart can go on from. */
  readonly lastMark: number | null;
  readonly #marks: { position: number; now: number }[] = [];

  /** Moves the clock to the batch's end. */
  constructor(clock: FeedClock, inputs: readonly LedgerInput[]) {
    this.from = clock.now;
    let lastMark: number | null = null;
    for (const { position, event } of inputs) {
      if (event.kind !== 'mark') continue;
      lastMark = position;
      const before = clock.now;
      clock.apply(event);
      if (clock.now > before) this.#marks.push({ position, now: clock.now });
    }
    this.to = clock.now;
    this.lastMark = lastMark;
  }

  /** As of a position of the batch, that position included. */
  at(position: number): number {
    return this.#marks.findLast((mark) => mark.position <= position)?.now ?? this.from;
  }

  /** The mark behind `after` at which the clock reaches an instant; null: not in this batch. */
  reaches(due: number, after = -1): number | null {
    return this.#marks.find(({ position, now }) => position > after && now >= due)?.position ?? null;
  }
}

/** A clock that goes on from one that was kept. */
export function restore(clock: FeedClock, value: Buffer | null): void {
  if (value !== null) clock.apply(decodeLane(value) as Mark);
}
