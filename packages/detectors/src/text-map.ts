// Things by a text of theirs that hardly ever comes again. A Map makes every text that it is asked with one of the engine's own, in a table of
// all of them: with texts that are new each time that costs more than all else about the search.

export class TextMap<T extends object> {
  readonly #textOf: (item: T) => string | null;
  /** By the hash of their text; several where they share it. */
  readonly #items = new Map<number, T | T[]>();

  /** @param textOf stays as it is while the item is in */
  constructor(textOf: (item: T) => string | null) {
    this.#textOf = textOf;
  }

  get(text: string): T | undefined {
    const found = this.#items.get(hashOf(text));
    if (found === undefined) return undefined;
    if (Array.isArray(found)) return found.find((item) => this.#textOf(item) === text);
    return this.#textOf(found) === text ? found : undefined;
  }

  /** Takes the place of what has the same text. Without a text it is not taken. Returns what it took the place of. */
  put(item: T): T | undefined {
    const text = this.#textOf(item);
    if (text === null) return undefined;
    const hash = hashOf(text);
    const found = this.#items.get(hash);
    if (found === undefined) {
      this.#items.set(hash, item);
      return undefined;
    }
    const sharing = Array.isArray(found) ? found : [found];
    const place = sharing.findIndex((other) => this.#textOf(other) === text);
    const before = sharing[place];
    if (before === undefined) this.#items.set(hash, [...sharing, item]);
    else this.#items.set(hash, sharing.length === 1 ? item : sharing.with(place, item));
    return before;
  }

  /** Takes out that very item, if it is in. */
  remove(item: T): void {
    const text = this.#textOf(item);
    if (text === null) return;
    const hash = hashOf(text);
    const found = this.#items.get(hash);
    if (found === item) this.#items.delete(hash);
    else if (Array.isArray(found)) {
      const left = found.filter((other) => other !== item);
      this.#items.set(hash, left.length === 1 ? (left[0] as T) : left);
    }
  }
}

function hashOf(text: string): number {
  let hash = text.length;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}
