// Lives the city against the clock: what is due is delivered, acknowledged, and only then counted as told.
import { setTimeout as sleep } from 'node:timers/promises';
import type { City } from './city/city.ts';
import type { SimulatedEvent } from './life/items.ts';
import { type Simulated, type SimulateOptions, simulate } from './life/simulate.ts';
import { HOUR_MS, localDay, localMidnight, MINUTE_MS, SLICE_MS } from './life/time.ts';
import type { Truth } from './life/truth.ts';
import type { Told } from './memory.ts';
import type { Outlet } from './outlet.ts';

export interface LiveOptions {
  city: City;
  outlet: Outlet;
  speed: number;
  backfillMs: number;
  cameras: NonNullable<SimulateOptions['cameras']>;
  told: Told | null;
  keep(state: Told): void;
  truths(list: Truth[]): void;
  /** How far behind the clock, ms. */
  behind(ms: number): void;
  signal: AbortSignal;
  now(): number;
  /** Pause where nothing is due, ms. */
  pauseMs: number;
}

/** A longer pause than this is not made up for: life starts anew with its backfill, ms. */
const MADE_UP_MS = 30 * MINUTE_MS;
/** Late events of so long before a restart may still be due, ms. */
const LOOK_BACK_MS = 5 * HOUR_MS;
const FASTEST_PAST_MS = 36 * HOUR_MS;
const EVENTLESS_MS = 65 * MINUTE_MS;
const EVENING_MS = 70 * MINUTE_MS;
const BATCH = 4_000;

/** Where life starts, and from when on it is told. */
export function beginning(
  { told, speed, backfillMs, city }: Pick<LiveOptions, 'told' | 'speed' | 'backfillMs' | 'city'>,
  now: number,
): { lifeFrom: number; from: number; after: number; clock: number } {
  const past = speed > 1 ? Math.min(FASTEST_PAST_MS, speed * 20 * MINUTE_MS) : 0;
  const same = told !== null && told.seed === city.seed && told.rate === city.options.rate;
  if (same && told.toldUntil > now - Math.max(MADE_UP_MS, past)) {
    const { lifeFrom, toldUntil } = told;
    return {
      lifeFrom,
      from: Math.max(lifeFrom, slice(toldUntil - LOOK_BACK_MS)),
      after: toldUntil,
      clock: speed > 1 ? Math.min(toldUntil, now) : now,
    };
  }
  const lifeFrom = slice(Math.min(now - past - backfillMs, eventfulBefore(now - past)));
  return { lifeFrom, from: lifeFrom, after: Number.NEGATIVE_INFINITY, clock: now - past };
}

/** Nothing is planned around midnight: within the first hour of a day life is told from the evening before. */
function eventfulBefore(at: number): number {
  const midnight = localMidnight(localDay(at));
  return at - midnight < EVENTLESS_MS ? midnight - EVENING_MS : at;
}

function slice(ms: number): number {
  return Math.floor(ms / SLICE_MS) * SLICE_MS;
}

/** Runs until the signal aborts. */
export async function live(options: LiveOptions): Promise<void> {
  const { city, outlet, speed, cameras, keep, signal, now } = options;
  const { lifeFrom, from, after, clock } = beginning(options, now());
  const life = simulate(city, { from, to: Number.POSITIVE_INFINITY, after, cameras, sparseBefore: clock });
  const startedAt = now();
  let caughtUpAt = Number.POSITIVE_INFINITY;
  const reached = () => Math.min(now(), clock + (now() - startedAt) * speed);
  let next = life.next();
  while (!signal.aborted) {
    const until = reached();
    if (until >= now() - 1000) caughtUpAt = Math.min(caughtUpAt, now());
    const batch: Simulated[] = [];
    while (!next.done && next.value.arrivalMs <= until && batch.length < BATCH) {
      batch.push(next.value);
      next = life.next();
    }
    options.behind(Math.max(0, now() - (batch.at(-1)?.arrivalMs ?? until)));
    if (batch.length > 0) {
      await outlet.deliver(batch.filter((item): item is SimulatedEvent => item.type === 'event'));
      options.truths(
        batch.flatMap((item) => (item.type === 'truth' && isLived(item.truth, caughtUpAt) ? [item.truth] : [])),
      );
      const toldUntil = (batch[batch.length - 1] as Simulated).arrivalMs;
      keep({
        seed: city.seed,
        rate: city.options.rate,
        lifeFrom,
        toldUntil: batch.length < BATCH ? toldUntil : toldUntil - 1,
      });
    }
    if (batch.length < BATCH) await sleep(options.pauseMs, undefined, { signal }).catch(() => {});
  }
}

/** Silence is judged by arrival: what was silent in a past that is told at once was not silent. */
function isLived({ detector, window }: Truth, caughtUpAt: number): boolean {
  return detector !== 'source-silent' || Date.parse(window.start) >= caughtUpAt;
}
