// A subject's documents as rows are read one after another: of each identity the first, in the order of documents.
import { compareDocuments, type LaneEvent } from '@yunjian/contracts';
import { documentKey } from '@yunjian/detection';

export class DocumentsSoFar {
  readonly #first = new Map<string, LaneEvent>();
  #sorted: LaneEvent[] | null = [];

  add(event: LaneEvent): void {
    const key = documentKey(event);
    const known = this.#first.get(key);
    if (known !== undefined && compareDocuments(event, known) >= 0) return;
    this.#first.set(key, event);
    this.#sorted = null;
  }

  list(): readonly LaneEvent[] {
    this.#sorted ??= [...this.#first.values()].sort(compareDocuments);
    return this.#sorted;
  }
}
