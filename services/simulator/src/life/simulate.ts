// The simulation: an iterator of raw events in order of arrival, with the truth as it becomes known. Any window of any day, in bounded memory.
import { type Quarter, quarterDays, quarterOf } from '@yunjian/contracts';
import type { City } from '../city/city.ts';
import { traceNotPurchased } from '../patterns/trace-codes.ts';
import { CAMERA_PACE, type CameraPace, liveCameras, noticeSilences, reportStates } from './cameras.ts';
import { DayPlan, type PatternRates } from './day.ts';
import { FAULT_RATES, type FaultRates } from './faults.ts';
import { Buckets, type Item } from './items.ts';
import { liveMalformed } from './malformed.ts';
import { LATEST_MS, NOISE_RATES, type NoiseRates } from './noise.ts';
import { liveVisits } from './ordinary.ts';
import { budgetEvents, drugEvents, institutionEvents } from './registry.ts';
import { Spending } from './spending.ts';
import { liveStaff } from './staff.ts';
import { Stage } from './stage.ts';
import { liveStays } from './stays.ts';
import { deliverEarlier, liveDeliveries } from './supply.ts';
import { localDay, localMidnight, MINUTE_MS, SLICE_MS } from './time.ts';
import type { Truth } from './truth.ts';
import { sellUnbought } from './unbought.ts';

export type { SimulatedEvent, SimulatedTruth } from './items.ts';
export type Simulated = Item;

export interface SimulateOptions {
  /** Visits and patterns of [from, to), ms; `to` may be infinite. Late events arrive up to 4.5 hours after `to`. */
  from: number;
  to: number;
  noise?: Partial<NoiseRates>;
  faults?: Partial<FaultRates>;
  patterns?: Partial<PatternRates>;
  cameras?: Partial<CameraPace>;
  /** Tell first what is registered and what hospitals have spent in the quarter so far; default true. */
  history?: boolean;
  /** Before this instant cameras speak half as often, which is often enough to be alive, ms: less to tell of a past. */
  sparseBefore?: number;
  /** Leave out what arrives at or before this instant, ms: it was sent already. */
  after?: number;
}

/** Cameras are heard so long before the window and after it, ms: the longest look of an identity judgement, and a minute. */
const CAMERA_LEAD_MS = 11 * MINUTE_MS;
const CAMERA_TAIL_MS = 4 * MINUTE_MS;
/** History arrives within so long before the cameras are first heard, ms. */
const HISTORY_MS = 3 * MINUTE_MS;
/** Camera records are never later than this, ms. */
const CAMERA_LATEST_MS = 30 * MINUTE_MS;
/** Share of a quarter in which quarterly-spend cannot speak yet, with a day to spare: then the quarter before is told too. */
const SPEECHLESS_SHARE = 0.13;
const PLANS_KEPT = 4;

/**
 * The same city and options give the same items. A finite window ends with the truth of quarterly-spend, judged as of the local day of the last
 * arrival; an infinite one tells it when a tier is first crossed, to ten minutes.
 * @throws RangeError when the window is empty
 */
export function* simulate(city: City, options: SimulateOptions): Generator<Simulated, void, undefined> {
  const { from, to, history = true, after = Number.NEGATIVE_INFINITY } = options;
  if (!(from < to)) throw new RangeError(`expected from < to, got ${from} and ${to}`);
  const noise = { ...NOISE_RATES, ...options.noise };
  const cameras = { ...CAMERA_PACE, ...options.cameras };
  const plans = planner(city, {
    faults: { ...FAULT_RATES, ...options.faults },
    patterns: { scale: 1, only: null, ...options.patterns },
  });
  const buckets = new Buckets(after);
  const stage = new Stage({
    city,
    noise,
    buckets,
    spending: new Spending(city),
    until: to + CAMERA_TAIL_MS,
    plan: plans,
  });
  const start = from - CAMERA_LEAD_MS;
  if (history) {
    const { scale, only } = { scale: 1, only: null, ...options.patterns };
    const { name, perHour } = traceNotPurchased;
    tellHistory(stage, { from, to }, start, only === null || only.includes(name) ? perHour * scale : 0);
  }

  const known = new Set<string>();
  let last = start;
  const end = to + CAMERA_TAIL_MS;
  for (let slice = Math.floor(start / SLICE_MS) * SLICE_MS; slice < end; slice += SLICE_MS) {
    const pace = slice + SLICE_MS <= (options.sparseBefore ?? 0) ? sparse(cameras) : cameras;
    liveSlice(stage, slice, { from, to }, pace, noise, after);
    for (const item of buckets.takeBefore(slice)) {
      last = item.arrivalMs;
      yield item;
    }
    if (to === Number.POSITIVE_INFINITY) yield* fresh(stage.spending.truths(slice), slice, known);
  }
  for (const item of buckets.rest()) {
    last = item.arrivalMs;
    yield item;
  }
  for (const truth of stage.spending.truths(last)) yield { type: 'truth', arrivalMs: last, truth };
}

function liveSlice(
  stage: Stage,
  slice: number,
  window: { from: number; to: number },
  cameras: CameraPace,
  noise: NoiseRates,
  after: number,
): void {
  const plan = stage.plan(localDay(slice));
  const until = slice + SLICE_MS;
  if (until + CAMERA_LATEST_MS > after)
    liveCameras(
      stage,
      plan,
      Math.max(slice, window.from - CAMERA_LEAD_MS),
      Math.min(until, window.to + CAMERA_TAIL_MS),
      cameras,
    );
  noticeSilences(stage, plan, slice, until, { from: window.from - CAMERA_LEAD_MS, to: window.to + CAMERA_TAIL_MS });
  const [start, end] = [Math.max(slice, window.from), Math.min(until, window.to)];
  for (const act of plan.acts)
    if (act.start >= slice && act.start < until && act.start >= window.from && act.end < window.to)
      act.emit(stage, plan);
  if (start >= end || until + LATEST_MS < after) return;
  newQuarter(stage, start, end);
  liveStaff(stage, plan.day, start, end);
  liveDeliveries(stage, start, end, window);
  liveVisits(stage, plan, start, end);
  liveStays(stage, start, end);
  liveMalformed(stage, stage.city, start, end, noise.malformed);
}

/** Half as often, where a camera then still speaks well within the minute after which it counts as silent. */
function sparse({ heartbeatMs, presenceMs }: CameraPace): CameraPace {
  return heartbeatMs <= 20_000
    ? { heartbeatMs: heartbeatMs * 2, presenceMs: Math.min(60_000, presenceMs * 2) }
    : { heartbeatMs, presenceMs };
}

/** Truths told for the first time. */
function* fresh(truths: readonly Truth[], arrivalMs: number, known: Set<string>): Generator<Simulated> {
  for (const truth of truths) {
    const key = `${truth.subject.ref}/${truth.tier}`;
    if (known.has(key)) continue;
    known.add(key);
    yield { type: 'truth', arrivalMs, truth };
  }
}

/** Registry, budgets, the quarter's bills so far, the day's signings and deliveries: all told in a few minutes before the cameras are heard. */
function tellHistory(stage: Stage, window: { from: number; to: number }, start: number, unboughtPerHour: number): void {
  let told = 0;
  const arrival = () => Math.round(start - (HISTORY_MS * 200_000) / (200_000 + told++));
  const now = quarterOf(window.from);
  const quarters = isSpeechless(window.from, now) ? [quarterBefore(now), now] : [now];
  const since = localMidnight(quarterDays(quarterBefore(now)).first);
  for (const event of [...institutionEvents(stage.city, since), ...drugEvents(stage.city, since)])
    stage.put('reference', event, arrival());
  for (const quarter of quarters)
    for (const event of budgetEvents(stage.city, quarter)) stage.put('reference', event, arrival());
  const today = localMidnight(localDay(window.from));
  const past = start - HISTORY_MS;
  liveStaff(stage, localDay(window.from), today, past, arrival);
  liveStaff(stage, localDay(window.from), past, window.from);
  reportStates(stage, stage.plan(localDay(start)), start, arrival);
  liveStays(stage, localMidnight(quarterDays(quarters[0] as Quarter).first), past, arrival);
  liveStays(stage, past, window.from);
  deliverEarlier(stage, window, (at) => (at < past ? arrival() : at + 1_000));
  sellUnbought(stage, window.from, unboughtPerHour, arrival);
}

function isSpeechless(at: number, quarter: Quarter): boolean {
  const { first, total } = quarterDays(quarter);
  return localDay(at) - first + 1 < total * SPEECHLESS_SHARE;
}

function quarterBefore({ year, quarter }: Quarter): Quarter {
  return quarter === 1 ? { year: year - 1, quarter: 4 } : { year, quarter: (quarter - 1) as Quarter['quarter'] };
}

/** A quarter that begins within the window brings its budgets. */
function newQuarter(stage: Stage, from: number, until: number): void {
  const quarter = quarterOf(until - 1);
  const begins = localMidnight(quarterDays(quarter).first);
  if (begins < from || begins >= until) return;
  for (const event of budgetEvents(stage.city, quarter)) stage.send('reference', event, begins);
}

function planner(city: City, options: ConstructorParameters<typeof DayPlan>[2]): (day: number) => DayPlan {
  const kept = new Map<number, DayPlan>();
  return (day) => {
    let plan = kept.get(day);
    if (plan === undefined) {
      plan = new DayPlan(city, day, options);
      kept.set(day, plan);
      if (kept.size > PLANS_KEPT) kept.delete(Math.min(...kept.keys()));
    }
    return plan;
  };
}
