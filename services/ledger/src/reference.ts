// What a ledger partition knows of drugs and institutions, by lane position: a verdict sees what was read up to its own position. Of a
// drug and an institution only what changed is kept, so a catalogue sent every day costs nothing.
import {
  compareDocuments,
  type Drug,
  type EventBase,
  type Institution,
  type LaneEvent,
  type PurchasesSeen,
  type Trace,
} from '@yunjian/contracts';
import { type DrugFacts, type LedgerReference, ledgerReference } from '@yunjian/detection';
import { CodePrefixes, changedPrefixes } from './code-prefixes.ts';
import { factKey, LearntFacts } from './facts.ts';
import { Registrations } from './registrations.ts';

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
  /** Whether its own limit (`maxDays`) did. */
  limit: boolean;
}

/** From here on something else is known of that institution. */
export interface InstitutionChange {
  position: number;
  arrival: number;
  institution: string;
  /** Whether its coordinates are, at any time. */
  place: boolean;
}

type Learnt = { drug: DrugChange } | { institution: InstitutionChange } | { fact: FactLearnt };

/** From here on a fact is known for which subjects may wait. */
export interface FactLearnt {
  position: number;
  fact: string;
}

export type ReferenceEvent = Drug | Institution | PurchasesSeen | Trace;

/** Null: an event about a subject. Of traces, a stocktake of boxes without codes declares them. */
export function asReference(event: LaneEvent): ReferenceEvent | null {
  switch (event.kind) {
    case 'drug':
    case 'institution':
    case 'purchasesSeen':
      return event;
    case 'trace':
      return event.action === 'stocktake' && event.code === null ? event : null;
    default:
      return null;
  }
}

type Announced<V> = Pick<EventBase, 'document' | 'eventTime' | 'arrival' | 'origin'> & { value: V };

/** One drug: the latest by event time holds, of one document the first. */
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
  readonly #institutions = new Map<string, Registrations>();
  readonly #prefixes = new CodePrefixes();
  readonly #changes: DrugChange[] = [];
  readonly #registered = new Map<number, InstitutionChange>();
  readonly #changesByPrefix = new Map<string, DrugChange[]>();
  readonly #facts = new LearntFacts();
  /** By institution and month, the position from which on a purchase is known. */
  readonly #purchases = new Map<string, Map<string, number>>();
  #lastChange = -1;
  #taken = -1;

  /** Position from which on a drug or an institution is known to be something else, the last one; -1: none is. */
  get lastChange(): number {
    return this.#lastChange;
  }

  /** In order of positions; a position taken before is passed over. Tells what holds from here on that did not before. */
  take(position: number, event: ReferenceEvent): Learnt | null {
    if (position > this.#taken) {
      this.#taken = position;
      this.#learn(position, event);
    }
    // A batch that comes again must find the changes that it made the first time.
    const drug = this.#changes.findLast((change) => change.position === position);
    if (drug !== undefined) return { drug };
    const institution = this.#registered.get(position);
    if (institution !== undefined) return { institution };
    const fact = this.#facts.at(position);
    return fact === null ? null : { fact: { position, fact } };
  }

  #learn(position: number, event: ReferenceEvent): void {
    if (event.kind === 'purchasesSeen') {
      const { institution, month } = event;
      const months = this.#purchases.get(institution) ?? new Map<string, number>();
      this.#purchases.set(institution, months);
      if (!months.has(month)) months.set(month, position);
      this.#facts.learn(position, monthKey(institution, month), 0, factKey({ kind: 'purchases', institution }));
      return;
    }
    if (event.kind === 'trace') {
      const { institution, item, eventTime } = event;
      this.#facts.learn(position, factKey({ kind: 'uncoded', institution, item }), eventTime);
      return;
    }
    if (event.kind === 'institution') {
      this.#register(position, event);
      return;
    }
    const { prescriptionDrug, packSize, maxDays, prefixes } = event;
    const facts = { prescriptionDrug, packSize, maxDays, prefixes };
    const drug = timelineOf(this.#drugs, event.item);
    const known = drug.asOf(position);
    const before = known?.prefixes ?? [];
    if (!drug.take(position, announced(event, facts))) return;
    const now = drug.asOf(position)?.prefixes ?? [];
    this.#prefixes.add(event.item, now);
    const change: DrugChange = {
      position,
      arrival: event.arrival,
      item: event.item,
      prefixes: changedPrefixes(before, now),
      limit: (known?.maxDays ?? null) !== (drug.asOf(position)?.maxDays ?? null),
    };
    this.#changes.push(change);
    this.#lastChange = position;
    for (const prefix of change.prefixes) {
      const known = this.#changesByPrefix.get(prefix);
      if (known === undefined) this.#changesByPrefix.set(prefix, [change]);
      else known.push(change);
    }
  }

  #register(position: number, event: Institution): void {
    const { institution, arrival } = event;
    const registrations = this.#institutions.get(institution) ?? new Registrations();
    this.#institutions.set(institution, registrations);
    const { newest, place } = registrations.take(position, event);
    if (!newest && !place) return;
    this.#lastChange = position;
    this.#registered.set(position, { position, arrival, institution, place });
  }

  /** What is known as of a lane position, that position included. @param clock of the feeds by then, ms */
  asOf(position: number, clock = Number.NEGATIVE_INFINITY): LedgerReference {
    const drug = (item: string) => this.#drugs.get(item)?.asOf(position) ?? null;
    return ledgerReference({
      drug,
      institution: (code, at) => this.#institutions.get(code)?.at(position, at) ?? null,
      codeOwners: (code) => this.#prefixes.owners(code, drug),
      purchasesSeen: (institution, month) => (this.#purchases.get(institution)?.get(month) ?? Infinity) <= position,
      uncodedSince: (institution, item) => this.#facts.asOf(position, factKey({ kind: 'uncoded', institution, item })),
      clock: () => clock,
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
    return (institution === null ? null : this.#institutions.get(institution)?.at(position)?.grid) ?? [];
  }
}

function monthKey(institution: string, month: string): string {
  return `purchases|${institution}|${month}`;
}

function timelineOf<V>(index: Map<string, Timeline<V>>, key: string): Timeline<V> {
  let timeline = index.get(key);
  if (timeline === undefined) {
    timeline = new Timeline();
    index.set(key, timeline);
  }
  return timeline;
}

function announced<V>({ document, eventTime, arrival, origin }: Drug, value: V): Announced<V> {
  return { document, eventTime, arrival, origin, value };
}
