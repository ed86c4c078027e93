// What a ledger partition knows of drugs and institutions, by lane position: a verdict sees what was read up to its own position. Of a
// drug and an institution only what changed is kept, so a catalogue sent every day costs nothing.
import { compareDocuments, type Drug, type EventBase, type Institution } from '@yunjian/contracts';
import type { DrugFacts, InstitutionFacts, LedgerReference } from '@yunjian/detection';

/** A position of the lane at which something became known, and the arrival of the record that brought it, ms. */
interface Change<V> {
  position: number;
  arrival: number;
  value: V;
}

/** From here on the catalogue says something else of that drug. */
export interface DrugChange {
  position: number;
  arrival: number;
  item: string;
}

type Announced<V> = Pick<EventBase, 'document' | 'eventTime' | 'arrival' | 'origin'> & { value: V };

/** One drug or institution: the latest by event time holds, of one document the first. */
class Timeline<V> {
  readonly #documents = new Map<string, Announced<V>>();
  readonly changes: Change<V>[] = [];

  /** Whether what holds from this position on is something else than before. */
  take(position: number, told: Announced<V>): boolean {
    const known = this.#documents.get(told.document);
    if (known !== undefined && compareDocuments(known, told) <= 0) return false;
    this.#documents.set(told.document, told);
    const value = this.#latest().value;
    const last = this.changes[this.changes.length - 1];
    if (last !== undefined && JSON.stringify(last.value) === JSON.stringify(value)) return false;
    this.changes.push({ position, arrival: told.arrival, value });
    return true;
  }

  asOf(position: number): V | null {
    for (let i = this.changes.length - 1; i >= 0; i--) {
      const change = this.changes[i] as Change<V>;
      if (change.position <= position) return change.value;
    }
    return null;
  }

  #latest(): Announced<V> {
    let best: Announced<V> | null = null;
    for (const told of this.#documents.values())
      if (
        best === null ||
        told.eventTime > best.eventTime ||
        (told.eventTime === best.eventTime && compareDocuments(told, best) > 0)
      )
        best = told;
    return best as Announced<V>;
  }
}

export class ReferenceBook {
  readonly #drugs = new Map<string, Timeline<DrugFacts>>();
  readonly #institutions = new Map<string, Timeline<InstitutionFacts>>();
  #taken = -1;

  /** In order of positions; a position taken before is passed over. Tells a drug of which something else holds from here on. */
  take(position: number, event: Drug | Institution): DrugChange | null {
    if (position <= this.#taken) return this.#changeAt(position, event);
    this.#taken = position;
    if (event.kind === 'institution') {
      const { category, level, grid, longitude, latitude } = event;
      const facts = { category, level, grid, longitude, latitude };
      timelineOf(this.#institutions, event.institution).take(position, announced(event, facts));
      return null;
    }
    const { prescriptionDrug, packSize, maxDays, prefixes } = event;
    const facts = { prescriptionDrug, packSize, maxDays, prefixes };
    const changed = timelineOf(this.#drugs, event.item).take(position, announced(event, facts));
    return changed ? { position, arrival: event.arrival, item: event.item } : null;
  }

  /** The catalogue as of a lane position, that position included. */
  asOf(position: number): LedgerReference {
    return {
      drug: (item) => this.#drugs.get(item)?.asOf(position) ?? null,
      institution: (code) => this.#institutions.get(code)?.asOf(position) ?? null,
    };
  }

  /** When the catalogue came to say something else of these drugs, between two positions, neither included. */
  drugChanges(items: Iterable<string>, after: number, before: number): DrugChange[] {
    const found: DrugChange[] = [];
    for (const item of new Set(items))
      for (const { position, arrival } of this.#drugs.get(item)?.changes ?? [])
        if (position > after && position < before) found.push({ position, arrival, item });
    return found;
  }

  grid(institution: string | null, position: number): string[] {
    return (institution === null ? null : this.#institutions.get(institution)?.asOf(position)?.grid) ?? [];
  }

  /** A batch that comes again must find the changes that it made the first time. */
  #changeAt(position: number, event: Drug | Institution): DrugChange | null {
    if (event.kind !== 'drug') return null;
    return this.drugChanges([event.item], position - 1, position + 1)[0] ?? null;
  }
}

function timelineOf<V>(index: Map<string, Timeline<V>>, key: string): Timeline<V> {
  let timeline = index.get(key);
  if (timeline === undefined) {
    timeline = new Timeline();
    index.set(key, timeline);
  }
  return timeline;
}

function announced<V>({ document, eventTime, arrival, origin }: Drug | Institution, value: V): Announced<V> {
  return { document, eventTime, arrival, origin, value };
}
