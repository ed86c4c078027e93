// The simulator's truth against the oracles: both read detectors.md, neither knows the other.
import { type Feed, parseRawEvent, toModel, type YunjianEvent } from '@yunjian/contracts';
import { createCity, simulate, type Truth } from '@yunjian/service-simulator';
import { describe, expect, test } from 'vitest';
import type { Expected } from '../oracle/documents.ts';
import { identityOracle } from '../oracle/identity.ts';
import { quarterlyOracle } from '../oracle/quarterly.ts';
import { traceOracle } from '../oracle/trace.ts';
import { pseudonymiser, readDay } from './readings.ts';

const HOUR_MS = 3_600_000;

const READ = [
  'identity-mismatch',
  'empty-swipe',
  'card-cluster',
  'pharmacist-absent',
  'prescription-missing',
  'large-amount',
  'night-settlement',
  'excess-supply',
  'duplicate-charge',
  'trace-product-mismatch',
  'trace-missing',
];

interface Told {
  events: YunjianEvent[];
  truths: Truth[];
  lastArrival: number;
  refused: Map<string, number>;
  sentMalformed: number;
}

function live(seed: number, from: number, to: number): Told {
  const city = createCity(seed, { hospitals: 4, clinics: 2, pharmacies: 16, nightFloor: 0.05, rate: 0.5 });
  const offsets = new Map<Feed, number>();
  const told: Told = { events: [], truths: [], lastArrival: 0, refused: new Map(), sentMalformed: 0 };
  for (const item of simulate(city, {
    from,
    to,
    noise: { late: 0.03, veryLate: 0.01, repeated: 0.03, repeatedAnew: 0.03, contradicted: 0.01 },
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

const keys = (list: readonly string[]) => [...list].sort();
const expected = (list: readonly Expected[]) =>
  keys(list.map((e) => `${e.detector} ${e.subject} ${e.institution} ${e.tier ?? ''}`));
const claimed = (truths: readonly Truth[], ...detectors: string[]) =>
  keys(
    truths
      .filter(({ detector }) => detectors.includes(detector))
      .map((t) => `${t.detector} ${t.subject.ref} ${t.fixmedins_code} ${t.tier ?? ''}`),
  );

describe.each([
  ['morning', 11, '2026-11-20T08:10:00+08:00', 4],
  ['night', 12, '2026-11-21T00:40:00+08:00', 4],
  ['over midnight', 13, '2026-11-21T21:00:00+08:00', 4],
] as const)('the truth of a small city, %s', (_, seed, start, hours) => {
  const from = Date.parse(start);
  const told = live(seed, from, from + hours * HOUR_MS);

  test('everything meant to be well formed is accepted, nothing else', () => {
    expect([...told.refused.values()].reduce((a, b) => a + b, 0)).toBe(told.sentMalformed);
    expect(told.sentMalformed).toBeGreaterThan(0);
  });

  test('identity', () => {
    const ours = claimed(told.truths, 'identity-check-missing', 'verification-unavailable');
    expect(ours).toEqual(expected(identityOracle(told.events)));
    expect(ours.filter((key) => key.startsWith('identity-check-missing')).length).toBeGreaterThan(3);
    expect(ours.filter((key) => key.startsWith('verification-unavailable')).length).toBeGreaterThan(3);
  });

  test('trace-repeated', { timeout: 60_000 }, () => {
    const ours = claimed(told.truths, 'trace-repeated');
    expect(ours).toEqual(expected(traceOracle(told.events)));
    expect(ours.length).toBeGreaterThan(3);
  });

  test('quarterly-spend', () => {
    const ours = claimed(told.truths, 'quarterly-spend');
    expect(ours).toEqual(expected(quarterlyOracle(told.events, told.lastArrival)));
    expect(ours.length).toBeGreaterThan(2);
  });

  test('each other rule by a simple reading', { timeout: 60_000 }, () => {
    const inClear = new Map(
      told.truths
        .filter(({ subject }) => subject.kind === 'person')
        .map((t) => [t.subject.ref, pseudonymiser.person(t.subject.ref)]),
    );
    const ours = told.truths
      .filter(({ detector }) => READ.includes(detector))
      .map((t) => `${t.detector} ${inClear.get(t.subject.ref) ?? t.subject.ref} ${t.fixmedins_code} `);
    expect(keys(ours)).toEqual(expected(readDay(told.events)));
  });
});
