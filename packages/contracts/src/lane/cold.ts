// The cold part of a lane record: what only some readers need, left as bytes until somebody asks.

export class ColdPart<T> {
  /** Its JSON begins at `#from`. */
  #bytes: Buffer | null;
  readonly #from: number;
  #value: T | undefined;
  #json: string | undefined;
  #released = false;

  private constructor(bytes: Buffer | null, from: number, value: T | undefined, json: string | undefined) {
    this.#bytes = bytes;
    this.#from = from;
    this.#value = value;
    this.#json = json;
  }

  /** @param json the value as JSON, where the caller has it already. */
  static of<T>(value: T, json?: string): ColdPart<T> {
    return new ColdPart<T>(null, 0, value, json);
  }

  /** Its JSON is what `bytes` hold from there on. They may be a slice of a larger buffer: do not keep the part in state. */
  static fromBytes<T>(bytes: Buffer, from = 0): ColdPart<T> {
    return new ColdPart<T>(bytes, from, undefined, undefined);
  }

  /** @param json its JSON, parsed only when somebody asks */
  static fromText<T>(json: string): ColdPart<T> {
    return new ColdPart<T>(null, 0, undefined, json);
  }

  get(): T {
    if (this.#value === undefined) {
      this.#value = JSON.parse(this.#json ?? (this.#bytes as Buffer).toString('utf8', this.#from)) as T;
      this.#bytes = null;
    }
    return this.#value;
  }

  /** Lets go of the buffer or the longer text that it came in, so that it may be kept in state. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    // A slice of a text keeps all of it in memory: bytes and back make a text of its own.
    if (this.#bytes !== null) this.#json = this.#bytes.toString('utf8', this.#from);
    else if (this.#json !== undefined) this.#json = Buffer.from(this.#json).toString('utf8');
    this.#bytes = null;
  }

  /** Whether its JSON may hold that text; told from the bytes where they are still unread, so that what is sure not to matter is never parsed. */
  mayHold(text: string): boolean {
    return this.#bytes === null || this.#bytes.includes(text, this.#from);
  }

  /** Its JSON as bytes, while nobody has asked for the value; null afterwards, or where it came as text. Not to be kept. */
  unread(): Buffer | null {
    return this.#bytes;
  }

  json(): string {
    this.#json ??= this.#bytes === null ? JSON.stringify(this.#value) : this.#bytes.toString('utf8', this.#from);
    return this.#json;
  }
}
