// Living against the clock: the past at once, everything acknowledged before it counts as told, restarts without a gap.
import { describe, expect, test } from 'vitest';
import { createCity } from './city/city.ts';
import type { SimulatedEvent } from './life/items.ts';
import { HOUR_MS, MINUTE_MS } from './life/time.ts';
import type { Truth } from './life/truth.ts';
import { beginning, live } from './live.ts';
import type { Told } from './memory.ts';
import type { Outlet } from './outlet.ts';

const small = createCity(3, { hospitals: 2, clinics: 1, pharmacies: 6, nightFloor: 0.05, rate: 0.3 });
const town = createCity(4, { hospitals: 12, clinics: 6, pharmacies: 60, nightFloor: 0.1, rate: 0.3 });
const NOW = Date.parse('2026-11-20T15:05:00+08:00');

interface Run {
  events: SimulatedEvent[];
  truths: Truth[];
  told: Told | null;
}

/** Lives from one instant of a clock that moves by itself until another. */
async function run(told: Told | null, from: number, until: number, city = small): Promise<Run> {
  const result: Run = { events: [], truths: [], told };
  const stop = new AbortController();
  let clock = from;
  const outlet: Outlet = {
    deliver: async (events) => {
      result.events.push(...events);
    },
    health: { ok: true, reason: '' },
  };
  await live({
    city,
    outlet,
    speed: 1,
    backfillMs: HOUR_MS,
    cameras: {},
    told,
    keep: (state) => {
      result.told = state;
    },
    truths: (list) => result.truths.push(...list),
    behind: (ms) => {
      if (ms < MINUTE_MS / 2) clock += MINUTE_MS;
      if (clock > until) stop.abort();
    },
    signal: stop.signal,
    now: () => clock,
    pauseMs: 1,
  });
  return result;
}

describe('live', () => {
  test('the last hour is told at once, with something of each of the first patterns', async () => {
    const { events, truths, told } = await run(null, NOW, NOW + 3 * MINUTE_MS);
    expect(told?.lifeFrom).toBe(Date.parse('2026-11-20T14:00:00+08:00'));
    expect(Math.max(...events.map(({ arrivalMs }) => arrivalMs))).toBeLessThan(NOW + 5 * MINUTE_MS);
    const detectors = new Set(truths.map(({ detector }) => detector));
    for (const detector of ['identity-check-missing', 'quarterly-spend', 'trace-repeated'])
      expect(detectors).toContain(detector);
  });

  test('a restart goes on where it was acknowledged', { timeout: 60_000 }, async () => {
    const whole = await run(null, NOW, NOW + 30 * MINUTE_MS);
    const first = await run(null, NOW, NOW + 10 * MINUTE_MS);
    const second = await run(first.told, NOW + 12 * MINUTE_MS, NOW + 30 * MINUTE_MS);
    const ids = (events: readonly SimulatedEvent[]) =>
      new Set(events.map(({ event, arrivalMs }) => `${event?.event_id} ${arrivalMs}`));
    const both = ids([...first.events, ...second.events]);
    const reached = second.told?.toldUntil ?? 0;
    for (const id of ids(whole.events.filter(({ arrivalMs }) => arrivalMs <= reached))) expect(both).toContain(id);
    expect(second.events.length).toBeLessThan(whole.events.length / 2);
  });

  test('after a long pause life begins anew; a faster life begins in the past', () => {
    const told: Told = { seed: 3, rate: 0.3, lifeFrom: NOW - 20 * HOUR_MS, toldUntil: NOW - 9 * HOUR_MS };
    const options = { told, backfillMs: HOUR_MS, city: small };
    expect(beginning({ ...options, speed: 1 }, NOW).from).toBe(Date.parse('2026-11-20T14:00:00+08:00'));
    expect(beginning({ ...options, speed: 60 }, NOW)).toMatchObject({ after: told.toldUntil, clock: told.toldUntil });
    expect(beginning({ ...options, told: null, speed: 60 }, NOW).clock).toBe(NOW - 20 * HOUR_MS);
  });
});

describe('a newcomer at any hour', () => {
  test.each([0, 1, 3, 6, 12, 18, 23].map((hour) => [hour]))(
    'at %i o’clock, on a quarter’s third day',
    { timeout: 60_000 },
    async (hour) => {
      const now = Date.parse('2026-10-03T00:20:00+08:00') + hour * HOUR_MS;
      const { truths } = await run(null, now, now + 2 * MINUTE_MS, town);
      const found = new Set(truths.map(({ detector, subject }) => `${detector}${subject.ref.slice(12)}`));
      const any = (start: string) => [...found].some((name) => name.startsWith(start));
      expect(any('identity-check-missing') || any('verification-unavailable')).toBe(true);
      expect(any('trace-repeated')).toBe(true);
      expect(any('quarterly-spend/2026Q3')).toBe(true);
    },
  );
});
