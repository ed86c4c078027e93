// Whether a consumer still belongs to its group. The library joins again when the coordinator has expelled it, but where that join fails (the
// coordinator moves, a broker was away) it goes on to fetch what it held before: without a member id it sends no heartbeat any more, with the
// old one it is told of no join. Nobody says so, and nothing of it would ever be handled again.

/** Fetches go on beside a join that takes its time: so long is waited before it is called lost, ms. */
const DOUBT_MS = 10_000;

export class Membership {
  readonly #sessionMs: number;
  #saidAt = performance.now();
  #leftAt: number | null = null;
  #doubtedAt: number | null = null;

  constructor(sessionMs: number) {
    this.#sessionMs = sessionMs;
  }

  /** A join begins, or who holds the consumer takes it for expelled. */
  leaves(): void {
    this.#leftAt ??= performance.now();
  }

  joined(): void {
    this.#leftAt = null;
    this.confirmed();
  }

  /** The coordinator has taken a heartbeat. */
  confirmed(): void {
    this.#saidAt = performance.now();
  }

  /** Call with each fetch. True: the consumer fetches and belongs to nothing; it must be begun anew, and is asked about anew from now on. */
  isLost(): boolean {
    const now = performance.now();
    if (this.#leftAt === null && now - this.#saidAt <= this.#sessionMs) {
      this.#doubtedAt = null;
      return false;
    }
    this.#doubtedAt ??= now;
    if (now - this.#doubtedAt < DOUBT_MS) return false;
    this.#doubtedAt = null;
    this.joined();
    return true;
  }
}
