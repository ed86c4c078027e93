// What a ledger partition knows of drugs and institutions, by lane position: a verdict sees what was read up to its own position. Of a
// drug and an institution only what changed is kept, so a catalogue sent every day costs nothing.
import { compareDocuments, type Drug, type EventBase, type Institution } from '@yunjian/contracts';
import type { LedgerReference } from '@yunjian/detection';

/** A position of the lane at which something became known, and the arrival of the record that brought it, ms. */
interface Change<V> {
  position: number;
  arrival: number;
  value: V;
}

export interface PackChange {
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
  readonly #packs = new Map<string, Timeline<number | null>>();
  readonly #grids = new Map<string, Timeline<string[]>>();
  #taken = -1;

  /** In order of positions; a position taken before is passed over. Tells a drug whose pack is of another size from here on. */
  take(position: number, event: Drug | Institution): PackChange | null {
    if (position <= this.#taken) return this.#changeAt(position, event);
    this.#taken = position;
    if (event.kind === 'institution') {
      timelineOf(this.#grids, event.institution).take(position, announced(event, event.grid));
      return null;
    }
    const changed = timelineOf(this.#packs, event.item).take(position, announced(event, event.packSize));
    return changed ? { position, arrival: event.arrival, item: event.item } : null;
  }

  /** The catalogue as of a lane position, that position included. */
  asOf(position: number): LedgerReference {
    return { packSize: (item) => this.#packs.get(item)?.asOf(position) ?? null };
  }

  /** When the packs of these drugs became of another size, between two positions, neither included. */
  packChanges(items: Iterable<string>, after: number, before: number): PackChange[] {
    const found: PackChange[] = [];
    for (const item of new Set(items))
      for (const { position, arrival } of this.#packs.get(item)?.changes ?? [])
        if (position > after && position < before) found.push({ position, arrival, item });
    return found;
  }

  grid(institution: string | null, position: number): string[] {
    return (institution === null ? null : this.#grids.get(institution)?.asOf(position)) ?? [];
  }

  /** A batch that comes again must find the changes that it made the first time. */
  #changeAt(position: number, event: Drug | Institution): PackChange | null {
    if (event.kind !== 'drug') return null;
    return this.packChanges([event.item], position - 1, position + 1)[0] ?? null;
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
