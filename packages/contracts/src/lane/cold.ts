// The cold part of a lane record: what only some readers need, left as bytes until somebody asks.

export class ColdPart<T> {
  #bytes: Buffer | null;
  #value: T | undefined;

  private constructor(bytes: Buffer | null, value: T | undefined) {
    this.#bytes = bytes;
    this.#value = value;
  }

  static of<T>(value: T): ColdPart<T> {
    return new ColdPart<T>(null, value);
  }

  /** `bytes` may be a slice of a larger buffer: do not keep the part in state. */
  static fromBytes<T>(bytes: Buffer): ColdPart<T> {
    return new ColdPart<T>(bytes, undefined);
  }

  get(): T {
    if (this.#value === undefined) {
      this.#value = JSON.parse((this.#bytes as Buffer).toString('utf8')) as T;
      this.#bytes = null;
    }
    return this.#value;
  }
}
