// The cold part of a lane record: what only some readers need, left as bytes until somebody asks.

export class ColdPart<T> {
  #bytes: Buffer | null;
  #value: T | undefined;
  #json: string | undefined;
  #released = false;

  private constructor(bytes: Buffer | null, value: T | undefined, json: string | undefined) {
    this.#bytes = bytes;
    this.#value = value;
    this.#json = json;
  }

  /** @param json the value as JSON, where the caller has it already. */
  static of<T>(value: T, json?: string): ColdPart<T> {
    return new ColdPart<T>(null, value, json);
  }

  /** `bytes` may be a slice of a larger buffer: do not keep the part in state. */
  static fromBytes<T>(bytes: Buffer): ColdPart<T> {
    return new ColdPart<T>(bytes, undefined, undefined);
  }

  /** @param json its JSON, parsed only when somebody asks */
  static fromText<T>(json: string): ColdPart<T> {
    return new ColdPart<T>(null, undefined, json);
  }

  get(): T {
    if (this.#value === undefined) {
      this.#value = JSON.parse(this.#json ?? (this.#bytes as Buffer).toString('utf8')) as T;
      this.#bytes = null;
    }
    return this.#value;
  }

  /** Lets go of the buffer or the longer text that it came in, so that it may be kept in state. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    // A slice of a text keeps all of it in memory: bytes and back make a text of its own.
    const bytes = this.#bytes ?? (this.#json === undefined ? null : Buffer.from(this.#json));
    if (bytes !== null) this.#json = bytes.toString('utf8');
    this.#bytes = null;
  }

  /** Whether its JSON may hold that text; told from the bytes where they are still unread, so that what is sure not to matter is never parsed. */
  mayHold(text: string): boolean {
    return this.#bytes === null || this.#bytes.includes(text);
  }

  json(): string {
    this.#json ??= this.#bytes === null ? JSON.stringify(this.#value) : this.#bytes.toString('utf8');
    return this.#json;
  }
}
