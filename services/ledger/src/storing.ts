// What a batch has on its way into the store. A failure is told to whoever waits for all of it, and is never left unheard meanwhile: a
// promise that fails while nobody listens ends the process.

export class Storing {
  readonly #underWay: Promise<void>[] = [];

  add(...promises: Promise<void>[]): void {
    for (const promise of promises) {
      promise.catch(() => {});
      this.#underWay.push(promise);
    }
  }

  /** Resolves once everything added so far is acknowledged. */
  all(): Promise<void> {
    const stored = Promise.all(this.#underWay).then(() => {});
    stored.catch(() => {});
    return stored;
  }
}
