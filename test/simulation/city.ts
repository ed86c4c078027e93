// A small city for the tests: what it sends, as the rules read it, and its truth, as they claim it.
import { type Feed, parseRawEvent, toModel, type YunjianEvent } from '@yunjian/contracts';
import { createCity, type SimulateOptions, simulate, type Truth } from '@yunjian/service-simulator';
import type { Expected } from '../oracle/documents.ts';
import { pseudonymiser } from './readings.ts';

export interface Told {
  events: YunjianEvent[];
  truths: Truth[];
  lastArrival: number;
  refused: Map<string, number>;
  sentMalformed: number;
}

/** A small city lived from one instant to another; every event through the contract's validation and the mapping, as ingest does it. */
export function live(seed: number, from: number, to: number, options: Partial<SimulateOptions> = {}): Told {
  const city = createCity(seed, { hospitals: 4, clinics: 2, pharmacies: 16, nightFloor: 0.05, rate: 0.5 });
  const offsets = new Map<Feed, number>();
  const told: Told = { events: [], truths: [], lastArrival: 0, refused: new Map(), sentMalformed: 0 };
  for (const item of simulate(city, {
    from,
    to,
    noise: { late: 0.03, veryLate: 0.01, repeated: 0.03, repeatedAnew: 0.03, contradicted: 0.01 },
    ...options,
  })) {
    if (item.type === 'truth') {
      told.truths.push(item.truth);
      continue;
    }
    told.lastArrival = item.arrivalMs;
    const offset = offsets.get(item.topic) ?? 0;
    offsets.set(item.topic, offset + 1);
    const bytes = item.bytes ?? Buffer.from(JSON.stringify(item.event));
    const parsed = parseRawEvent(bytes, { arrival: item.arrivalMs, replay: false, feed: item.topic });
    if (item.bytes !== null) told.sentMalformed++;
    if (!parsed.ok) {
      if (item.bytes === null) throw new Error(`${JSON.stringify(parsed)} for ${JSON.stringify(item.event)}`);
      told.refused.set(parsed.reason, (told.refused.get(parsed.reason) ?? 0) + 1);
      continue;
    }
    if (item.bytes !== null) throw new Error(`accepted: ${Buffer.from(item.bytes).toString()}`);
    const origin = { feed: parsed.feed, partition: 0, offset, index: 0 };
    told.events.push(toModel(parsed.event, { arrival: item.arrivalMs, origin }, pseudonymiser));
  }
  return told;
}

const sorted = (list: readonly string[]) => [...list].sort();

/** Claims as texts, persons by their pseudonyms, sorted. */
export function expected(list: readonly Expected[]): string[] {
  return sorted(list.map((e) => `${e.detector} ${e.subject} ${e.institution} ${e.tier ?? ''}`));
}

export function claimed(truths: readonly Truth[], ...detectors: string[]): string[] {
  return sorted(
    truths
      .filter(({ detector }) => detectors.includes(detector))
      .map(({ detector, subject, fixmedins_code, tier }) => {
        const ref = subject.kind === 'person' ? pseudonymiser.person(subject.ref) : subject.ref;
        return `${detector} ${ref} ${fixmedins_code} ${tier ?? ''}`;
      }),
  );
}
