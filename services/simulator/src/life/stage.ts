// Where life happens: documents become events with an arrival, truths are noted, and a hospital's spending is summed.
import type { Feed } from '@yunjian/contracts';
import type { City, Counter, Institution } from '../city/city.ts';
import { mix } from '../city/random.ts';
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
import { localDay } from './time.ts';
import { type TruthSketch, truthOf } from './truth.ts';

export interface StageOptions {
  city: City;
  noise: NoiseRates;
  buckets: Buckets;
  spending: Spending;
  plan: (day: number) => DayPlan;
}

export class Stage {
  readonly city: City;
  readonly spending: Spending;
  readonly plan: (day: number) => DayPlan;
  readonly #noise: NoiseRates;
  readonly #buckets: Buckets;

  constructor({ city, noise, buckets, spending, plan }: StageOptions) {
    this.city = city;
    this.spending = spending;
    this.plan = plan;
    this.#noise = noise;
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

  /** A settlement; with `upload` its boxes also come through the stock system, as the same sale. */
  settle(settled: Settled, { upload = true, prompt = false } = {}): SettledEvent {
    const made = settlementEvent(settled);
    this.spending.add(settled.institution, settled.at, made.fund);
    this.send('settlement', made.event, settled.at, prompt);
    if (upload)
      for (const { drug, codes, split, count } of settled.lines)
        for (const code of codes)
          this.move({
            institution: settled.institution,
            action: 'sale',
            drug,
            code,
            at: settled.at + 1000,
            setlId: made.id,
            count: split === true ? count : 1,
            split: split === true,
            mark: made.id,
          });
    return made;
  }

  reverse(settled: Settled, made: SettledEvent, at: number, { prompt = false } = {}): void {
    this.spending.add(settled.institution, at, -made.fund);
    this.send('settlement', reversalEvent(settled, made, at), at, prompt);
  }

  move(moved: Moved): void {
    if (!moved.institution.uploadsPurchases && moved.action === 'purchase') return;
    this.send('trace', traceEvent(moved), moved.at, false);
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

  /** @param knownAt event time of what makes it true, ms */
  truth(sketch: TruthSketch, knownAt: number): void {
    this.#buckets.put({ type: 'truth', arrivalMs: knownAt + 5_000, truth: truthOf(sketch) });
  }

  /** 32 bits for a decision about numbered things. */
  chance(concern: number, a: number, b = 0, c = 0): number {
    return mix(this.city.seed, concern, a, b, c);
  }
}
