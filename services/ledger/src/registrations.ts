// What an institution was registered as: each registration holds from its event time on (contract), and is known from the lane position at
// which it was read. Of one document the first holds.
import { compareDocuments, type Institution } from '@yunjian/contracts';
import type { InstitutionFacts } from '@yunjian/detection';

interface Registration extends Pick<Institution, 'document' | 'eventTime' | 'arrival' | 'origin'> {
  position: number;
  facts: InstitutionFacts;
  /** Position from which on another registration stands for its document. */
  replaced: number;
}

/** What a registration changed: of the newest, and of the place at any time. */
export interface Registered {
  newest: boolean;
  place: boolean;
}

export class Registrations {
  /** By event time, of one instant in order of documents. */
  readonly #known: Registration[] = [];
  readonly #byDocument = new Map<string, Registration>();

  take(position: number, event: Institution): Registered {
    const { document, eventTime, arrival, origin, category, level, grid, longitude, latitude } = event;
    const first = this.#byDocument.get(document);
    if (first !== undefined && compareDocuments(first, event) <= 0) return { newest: false, place: false };
    const facts = { category, level, grid, longitude, latitude };
    const told = { document, eventTime, arrival, origin, position, facts, replaced: Number.POSITIVE_INFINITY };
    const times = first === undefined ? [eventTime] : [eventTime, first.eventTime];
    const [newest, places] = [this.at(position), times.map((at) => placeOf(this.at(position, at)))];
    if (first !== undefined) first.replaced = position;
    this.#byDocument.set(document, told);
    let behind = this.#known.length;
    while (behind > 0 && isBefore(told, this.#known[behind - 1] as Registration)) behind--;
    this.#known.splice(behind, 0, told);
    return {
      newest: JSON.stringify(newest) !== JSON.stringify(this.at(position)),
      place: times.some((at, i) => placeOf(this.at(position, at)) !== places[i]),
    };
  }

  /** What holds at an instant by what is known as of a position, that position included; null: nothing does. @param at ms; without it the newest */
  at(position: number, at = Number.POSITIVE_INFINITY): InstitutionFacts | null {
    for (let i = this.#known.length - 1; i >= 0; i--) {
      const known = this.#known[i] as Registration;
      if (known.eventTime <= at && known.position <= position && position < known.replaced) return known.facts;
    }
    return null;
  }
}

function isBefore(a: Registration, b: Registration): boolean {
  return a.eventTime < b.eventTime || (a.eventTime === b.eventTime && compareDocuments(a, b) < 0);
}

function placeOf(facts: InstitutionFacts | null): string {
  return `${facts?.longitude ?? null} ${facts?.latitude ?? null}`;
}
