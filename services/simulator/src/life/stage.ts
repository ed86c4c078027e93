// Where life happens: documents become events with an arrival, truths are noted, and a hospital's spending is summed.
import type { Feed } from '@yunjian/contracts';
import type { City, Counter, Institution } from '../city/city.ts';
import type { DayPlan } from './day.ts';
import {
  type BilledLine,
  boxCode,
  type Checked,
  checkEvent,
  type Moved,
  reversalEvent,
  type Settled,
  type SettledEvent,
  settlementEvent,
  traceEvent,
} from './documents.ts';
import type { Buckets, Item } from './items.ts';
import { deliveries, type NoiseRates, type RawObject } from './noise.ts';
import type { Spending } from './spending.ts';
import { GRACE_MS, localDate, localDay } from './time.ts';
import { type TruthSketch, truthOf } from './truth.ts';

/** A truth comes so long after the event that makes it true, ms. */
export const TRUTH_AFTER_MS = 5_000;

export interface StageOptions {
  city: City;
  noise: NoiseRates;
  buckets: Buckets;
  spending: Spending;
  /** End of the window, and what is still judged after it, ms. */
  until: number;
  plan: (day: number) => DayPlan;
}

export class Stage {
  readonly city: City;
  readonly spending: Spending;
  readonly plan: (day: number) => DayPlan;
  readonly #noise: NoiseRates;
  readonly #until: number;
  readonly #told = new Set<string>();
  readonly #buckets: Buckets;

  constructor({ city, noise, buckets, spending, plan, until }: StageOptions) {
    this.city = city;
    this.spending = spending;
    this.plan = plan;
    this.#noise = noise;
    this.#until = until;
    this.#buckets = buckets;
  }

  /** Codes of as many boxes, numbered on from `first`. */
  boxes(
    line: { drug: BilledLine['drug']; boxes: number },
    institution: Institution,
    at: number,
    serial: number,
    first = 0,
  ): string[] {
    return Array.from({ length: line.boxes }, (_, i) =>
      boxCode(line.drug, institution, localDay(at), serial, first + i),
    );
  }

  /** A settlement whose boxes come through the stock system too, as the same sale. `uploadedAt`: all of it only then, ms. */
  settle(settled: Settled, uploadedAt?: number): SettledEvent {
    const made = settlementEvent(settled);
    const { institution, at, lines } = settled;
    this.spending.add(institution, at, made.fund);
    if (uploadedAt === undefined) this.send('settlement', made.event, at);
    else this.put('settlement', made.event, uploadedAt);
    this.#unbought(settled);
    for (const { drug, codes, split, count } of lines)
      for (const code of codes) {
        const sold: Moved = { institution, action: 'sale', drug, code, at: at + 1000, setlId: made.id, mark: made.id };
        if (split === true) Object.assign(sold, { split, count });
        if (uploadedAt === undefined) this.move(sold);
        else this.put('trace', traceEvent(sold), uploadedAt + 1000);
      }
    return made;
  }

  /** An institution that uploads no purchases at all: one finding a month, once the first sale of the month is 72 h old. */
  #unbought({ institution, at, lines }: Settled): void {
    if (institution.uploadsPurchases || !lines.some(({ codes }) => codes.length > 0)) return;
    const ref = `${institution.code}/${localDate(localDay(at)).slice(0, 7)}`;
    if (this.#told.has(ref)) return;
    this.#told.add(ref);
    this.truth(
      { detector: 'trace-not-purchased', kind: 'institution', ref, institution, start: at, end: at + GRACE_MS },
      at + GRACE_MS,
    );
  }

  reverse(settled: Settled, made: SettledEvent, at: number): void {
    this.spending.add(settled.institution, at, -made.fund);
    this.send('settlement', reversalEvent(settled, made, at), at);
  }

  move(moved: Moved): void {
    this.send('trace', traceEvent(moved), moved.at);
  }

  /** A purchase that is uploaded later than it was made. */
  purchase(
    institution: Institution,
    line: { drug: BilledLine['drug'] },
    codes: readonly string[],
    at: number,
    uploadedAt: number,
  ): void {
    if (!institution.uploadsPurchases) return;
    for (const [i, code] of codes.entries())
      this.put(
        'trace',
        traceEvent({ institution, action: 'purchase', drug: line.drug, code, at }),
        uploadedAt + i * 100,
      );
  }

  /** A check at the counter; its device speaks, so it comes promptly where that matters. */
  check(checked: Omit<Checked, 'counter'> & { counter: Counter }): void {
    const { counter } = checked;
    if (counter.camera === null) return;
    const event = checkEvent({ ...checked, counter: { ...counter, camera: counter.camera } });
    const { faults } = this.plan(localDay(checked.at));
    const list = deliveries(this.city.seed, 'surveillance', event, checked.at, this.#noise, false);
    const disturbed = list.some(({ arrivalMs }) => faults.near(counter, Math.min(arrivalMs, checked.at), arrivalMs));
    for (const { arrivalMs, event: sent } of disturbed
      ? deliveries(this.city.seed, 'surveillance', event, checked.at, this.#noise, true).slice(0, 1)
      : list)
      this.put('surveillance', sent, arrivalMs);
  }

  send(feed: Feed, event: RawObject, at: number, prompt = false): void {
    for (const { arrivalMs, event: sent } of deliveries(this.city.seed, feed, event, at, this.#noise, prompt))
      this.put(feed, sent, arrivalMs);
  }

  put(feed: Feed, event: RawObject, arrivalMs: number): void {
    this.#buckets.put({ type: 'event', arrivalMs, topic: feed, event, bytes: null } satisfies Item);
  }

  putBytes(feed: Feed, bytes: Uint8Array, arrivalMs: number): void {
    this.#buckets.put({ type: 'event', arrivalMs, topic: feed, event: null, bytes });
  }

  /** @param knownAt event time of what makes it true, ms; what lies beyond the window's end is never known */
  truth(sketch: TruthSketch, knownAt: number): void {
    if (knownAt > this.#until) return;
    this.#buckets.put({ type: 'truth', arrivalMs: knownAt + TRUTH_AFTER_MS, truth: truthOf(sketch) });
  }
}
