// How many messages a channel takes: at most so many in any 60 seconds, because a robot that is overrun bans its sender. Half of them may
// leave at once; the other half is spread over the minute, so that the next grave alert never has to wait for a whole one.

const WINDOW_MS = 60_000;

export class RateLimit {
  readonly #perMinute: number;
  readonly #sent: number[] = [];
  #last = Number.NEGATIVE_INFINITY;

  /** What an earlier run sent is not known: half of the first minute counts as used. @param now ms */
  constructor(perMinute: number, now: number) {
    this.#perMinute = perMinute;
    for (let i = 0; i < Math.floor(perMinute / 2); i++) this.#sent.push(now);
  }

  /** Messages that may leave at once: 0 for none, 1 while messages are spread. @param now ms */
  free(now: number): number {
    while (this.#sent.length > 0 && (this.#sent[0] as number) <= now - WINDOW_MS) this.#sent.shift();
    const left = this.#perMinute - this.#sent.length;
    const atOnce = left - Math.floor(this.#perMinute / 2);
    if (atOnce > 0) return atOnce;
    return left > 0 && now - this.#last >= (2 * WINDOW_MS) / this.#perMinute ? 1 : 0;
  }

  used(now: number): void {
    this.#sent.push(now);
    this.#last = now;
  }
}
