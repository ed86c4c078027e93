// A subject's documents as rows are read one after another: of each identity the first, in the order of documents.
import { compareDocuments, type LaneEvent } from '@yunjian/contracts';
import { documentKey } from '@yunjian/detection';

export class DocumentsSoFar {
  readonly #first = new Map<string, LaneEvent>();
  readonly #sorted: LaneEvent[] = [];
  #listed: readonly LaneEvent[] | null = null;

  /** Whether it is a document that was not there before under its identity. */
  add(event: LaneEvent): boolean {
    if (event.kind === 'judged') return false;
    const key = documentKey(event);
    const known = this.#first.get(key);
    if (known !== undefined && compareDocuments(event, known) >= 0) return false;
    if (known !== undefined) this.#sorted.splice(this.#sorted.indexOf(known), 1);
    this.#first.set(key, event);
    this.#sorted.splice(this.#placeOf(event), 0, event);
    this.#listed = null;
    return known === undefined;
  }

  /** As of now; the same list until something is added, and never changed: what is read out of it may be kept with it. */
  list(): readonly LaneEvent[] {
    this.#listed ??= [...this.#sorted];
    return this.#listed;
  }

  /** Behind all that are not above it; most documents come last. */
  #placeOf(event: LaneEvent): number {
    let [low, high] = [0, this.#sorted.length];
    if (high > 0 && compareDocuments(this.#sorted[high - 1] as LaneEvent, event) <= 0) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareDocuments(this.#sorted[middle] as LaneEvent, event) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
