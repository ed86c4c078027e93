// A member's signs of life while handlers work, and whether the coordinator may have given its partitions away by now.
import { isExpelled } from './faults.ts';

/** Between two; the library sends at most one a second. */
const BEAT_MS = 500;
const NONE = async () => {};

export class Heartbeats {
  readonly #sessionMs: number;
  readonly #onExpelled: () => void;
  readonly #timer: NodeJS.Timeout;
  #send: () => Promise<void> = NONE;
  #working = 0;
  #joins = 0;
  #answeredAt = 0;

  /** @param onExpelled the coordinator no longer counts the member in */
  constructor(sessionMs: number, onExpelled: () => void) {
    this.#sessionMs = sessionMs;
    this.#onExpelled = onExpelled;
    this.#timer = setInterval(() => {
      if (this.#working > 0) void this.beat();
    }, BEAT_MS);
  }

  /** What a batch of before gave may speak for a member that is no more: the library begins a consumer that broke down as another. */
  joined(): void {
    this.#joins++;
    this.#send = NONE;
    this.answered();
  }

  /** The coordinator has taken a heartbeat. */
  answered(): void {
    this.#answeredAt = performance.now();
  }

  /** True: as far as is known here the session may have run out. */
  get lapsed(): boolean {
    return performance.now() - this.#answeredAt > this.#sessionMs;
  }

  /** The library gives the way to send one with a batch only. */
  through(send: () => Promise<void>): void {
    this.#send = send;
  }

  async during(work: () => Promise<void>): Promise<void> {
    this.#working++;
    try {
      await work();
    } finally {
      this.#working--;
    }
  }

  async beat(): Promise<void> {
    const joins = this.#joins;
    try {
      await this.#send();
    } catch (error) {
      // One that was on its way while the group was joined anew is refused for the generation before.
      if (isExpelled(error) && joins === this.#joins) this.#onExpelled();
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
