// What a ledger partition knows of drugs and institutions, by lane position: a verdict sees what was read up to its own position.
import { compareDocuments, type Drug, type Institution } from '@yunjian/contracts';
import type { LedgerReference } from '@yunjian/detection';

interface Known<T> {
  position: number;
  event: T;
}

export class ReferenceBook {
  readonly #drugs = new Map<string, Known<Drug>[]>();
  readonly #institutions = new Map<string, Known<Institution>[]>();

  take(position: number, event: Drug | Institution): void {
    if (event.kind === 'drug') add(this.#drugs, event.item, { position, event });
    else add(this.#institutions, event.institution, { position, event });
  }

  /** The catalogue as of a lane position, that position included. */
  asOf(position: number): LedgerReference {
    return { packSize: (item) => latest(this.#drugs.get(item), position)?.packSize ?? null };
  }

  grid(institution: string | null, position: number): string[] {
    return institution === null ? [] : (latest(this.#institutions.get(institution), position)?.grid ?? []);
  }
}

function add<T>(index: Map<string, Known<T>[]>, key: string, known: Known<T>): void {
  const list = index.get(key);
  if (list === undefined) index.set(key, [known]);
  else if (!list.some(({ position }) => position === known.position)) list.push(known);
}

/** Of what was read by then: the latest by event time; of one document the first. */
function latest<T extends Drug | Institution>(list: readonly Known<T>[] | undefined, position: number): T | null {
  let best: T | null = null;
  for (const { position: at, event } of list ?? []) {
    if (at > position) continue;
    if (
      best === null ||
      event.eventTime > best.eventTime ||
      (event.eventTime === best.eventTime && compareDocuments(event, best) > 0)
    )
      best = event;
  }
  return best;
}
