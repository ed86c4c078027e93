// What a ledger partition knows of drugs and institutions, by lane position: a verdict sees what was read up to its own position. Of a
// drug and an institution only what changed is kept, so a catalogue sent every day costs nothing.
import { compareDocuments, type Drug, type EventBase, type Institution } from '@yunjian/contracts';
import { type DrugFacts, type InstitutionFacts, type LedgerReference, ledgerReference } from '@yunjian/detection';
import { CodePrefixes, changedPrefixes } from './code-prefixes.ts';

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
  /** Code prefixes that came to mean something else. */
  prefixes: string[];
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
  readonly #prefixes = new CodePrefixes();
  readonly #changes: DrugChange[] = [];
  readonly #changesByPrefix = new Map<string, DrugChange[]>();
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
    const drug = timelineOf(this.#drugs, event.item);
    const before = drug.asOf(position)?.prefixes ?? [];
    if (!drug.take(position, announced(event, facts))) return null;
    const now = drug.asOf(position)?.prefixes ?? [];
    this.#prefixes.add(event.item, now);
    const change: DrugChange = {
      position,
      arrival: event.arrival,
      item: event.item,
      prefixes: changedPrefixes(before, now),
    };
    this.#changes.push(change);
    for (const prefix of change.prefixes) {
      const known = this.#changesByPrefix.get(prefix);
      if (known === undefined) this.#changesByPrefix.set(prefix, [change]);
      else known.push(change);
    }
    return change;
  }

  /** The catalogue as of a lane position, that position included. */
  asOf(position: number): LedgerReference {
    const drug = (item: string) => this.#drugs.get(item)?.asOf(position) ?? null;
    return ledgerReference({
      drug,
      institution: (code) => this.#institutions.get(code)?.asOf(position) ?? null,
      codeOwners: (code) => this.#prefixes.owners(code, drug),
    });
  }

  /** When the catalogue came to say something else of these drugs or of this code, between two positions, neither included. */
  drugChanges(items: ReadonlySet<string>, code: string, after: number, before: number): DrugChange[] {
    const last = this.#changes[this.#changes.length - 1];
    if (last === undefined || last.position <= after) return [];
    const found = new Set<DrugChange>();
    if (items.size > 0)
      for (const change of this.#changes)
        if (change.position > after && change.position < before && items.has(change.item)) found.add(change);
    for (const length of this.#prefixes.lengths)
      for (const change of this.#changesByPrefix.get(code.slice(0, length)) ?? [])
        if (change.position > after && change.position < before) found.add(change);
    return [...found].sort((a, b) => a.position - b.position);
  }

  grid(institution: string | null, position: number): string[] {
    return (institution === null ? null : this.#institutions.get(institution)?.asOf(position)?.grid) ?? [];
  }

  /** A batch that comes again must find the changes that it made the first time. */
  #changeAt(position: number, event: Drug | Institution): DrugChange | null {
    if (event.kind !== 'drug') return null;
    return this.#changes.find((change) => change.position === position) ?? null;
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
