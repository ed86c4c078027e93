// Settlements against the hours registered by then, and their place in the night: from the third on they are graver.
import {
  DAY_MS,
  type Institution,
  isoShanghai,
  localDate,
  localDay,
  localMidnight,
  type Reversal,
  type Settlement,
} from '@yunjian/contracts';
import {
  type DetectorHost,
  EVIDENCE_KEPT_MS,
  type Raise,
  type Registration,
  type WindowedLogic,
} from '@yunjian/detection';
import { type Bill, billEvidence, excuses, reversalFacts } from '../bill.ts';
import { type Bills, billsOf } from '../bills.ts';
import { type Mark, Marks, PLAIN } from '../marks.ts';
import { type OpenHours, readOpenHours, USUAL_HOURS } from '../open-hours.ts';
import type { NightParams } from './params.ts';

const MINUTE_MS = 60_000;
/** A night goes from noon to noon. */
const HALF_DAY_MS = DAY_MS / 2;

interface Hours {
  /** Null: none are registered. */
  registered: unknown;
  spans: OpenHours;
  /** ms before and after each span that still count as open. */
  graceMs: number;
}

export class NightLogic implements WindowedLogic {
  readonly #host: DetectorHost<NightParams>;
  readonly #bills: Bills;
  /** `told`: its place in the night, as far as it matters. */
  readonly #marks: Marks<Mark>;
  /** Hours of registrations as read. */
  readonly #read = new WeakMap<Registration, OpenHours | 'none'>();
  readonly on: WindowedLogic['on'];

  constructor(host: DetectorHost<NightParams>) {
    this.#host = host;
    this.#bills = billsOf(host);
    this.#marks = new Marks(host, this.#bills, PLAIN);
    this.on = {
      settlement: (event) => this.#settle(event),
      reversal: (event) => this.#reverse(event),
      institution: (event) => this.#register(event),
    };
  }

  restore(): void {
    this.#marks.restore();
  }

  #settle(event: Settlement): void {
    const { bill, before } = this.#bills.taken(event);
    if (before !== undefined && nightOf(before) !== nightOf(bill)) this.#rank(before, []);
    if (this.#told(bill) > 0 || this.#stands(bill)) this.#rank(bill, [bill]);
  }

  #reverse(event: Reversal): void {
    for (const bill of this.#bills.named(event)) if (this.#told(bill) > 0) this.#rank(bill, [bill]);
  }

  #register({ institution, eventTime, arrival }: Institution): void {
    const from = Math.max(eventTime, arrival - EVIDENCE_KEPT_MS);
    const nights = new Map<number, Bill[]>();
    for (const bill of this.#bills.between(institution, from, Number.POSITIVE_INFINITY)) {
      if (this.#told(bill) === 0 && !this.#stands(bill)) continue;
      const night = nights.get(nightOf(bill));
      if (night === undefined) nights.set(nightOf(bill), [bill]);
      else night.push(bill);
    }
    for (const changed of nights.values()) this.#rank(changed[0] as Bill, changed);
  }

  /**
   * Tells of every settlement of a night by its place in it. Places from `repeated` on are one: told by their number, each settlement that
   * comes late would tell all behind it anew. @param changed what is said of these changed, though they stand as before
   */
  #rank(of: Bill, changed: readonly Bill[]): void {
    const from = localMidnight(nightOf(of)) + HALF_DAY_MS;
    const { repeated } = this.#host.params(of.institution);
    let place = 0;
    for (const bill of this.#bills.between(of.institution, from, from + DAY_MS - 1)) {
      const stands = (this.#told(bill) > 0 || changed.includes(bill)) && this.#stands(bill);
      if (!stands && this.#told(bill) === 0) continue;
      if (stands) place = Math.min(place + 1, repeated);
      this.#tell(bill, stands ? place : 0, stands && place === repeated ? 3 : 4, changed.includes(bill));
    }
  }

  /** @param place in the night, from 1; 0: nothing stands */
  #tell(bill: Bill, place: number, level: 3 | 4, changed: boolean): void {
    const told = this.#told(bill);
    if (place === 0) this.#host.withdraw(this.#claim(bill, place, level, this.#excuse(bill)));
    else if (told === 0) this.#host.raise(this.#claim(bill, place, level, 'settled outside opening hours'));
    else if (told !== place) this.#host.raise(this.#claim(bill, place, level, 'its place in the night changed'));
    else if (changed) this.#host.raise(this.#claim(bill, place, level, 'what is known of it changed'));
    if (place === told) return;
    this.#marks.make(bill).told = place;
    this.#marks.changed(bill);
  }

  #claim(bill: Bill, place: number, level: 3 | 4, reason: string): Raise {
    const { institution, id, at, person, terminal, fund } = bill;
    const reversal = this.#bills.reversalOf(bill);
    const hours = this.#hours(bill);
    return {
      subject: { kind: 'settlement', ref: id },
      institution,
      anchor: id,
      level,
      window: { start: at, end: at },
      eventTime: at,
      amount: fund,
      facts: {
        settled_at: isoShanghai(at),
        open_hours: hours?.registered ?? null,
        minutes_outside: hours === null ? null : Math.floor(outside(hours.spans, at) / MINUTE_MS),
        night_of: localDate(nightOf(bill)),
        place_in_night: place === 0 ? null : level === 3 ? `${place}+` : place,
        person,
        terminal,
        ...reversalFacts(reversal),
      },
      evidence: billEvidence(id, reversal),
      reason,
    };
  }

  #stands(bill: Bill): boolean {
    const { institution, at, type } = bill;
    const hours = this.#hours(bill);
    if (hours === null) return false;
    const away = outside(hours.spans, at);
    if (away === 0 || away <= hours.graceMs) return false;
    return !this.#host.params(institution).exempt.includes(type) && !excuses(this.#bills.reversalOf(bill), at);
  }

  #told(bill: Bill): number {
    return this.#marks.of(bill)?.told ?? 0;
  }

  /** Null where nothing is claimed: not registered by then, or a hospital. */
  #hours({ institution, at }: Bill): Hours | null {
    const registration = this.#host.registry.at(institution, at);
    if (registration === null || registration.category === 'hospital') return null;
    let spans = this.#read.get(registration);
    if (spans === undefined) {
      spans = readOpenHours(registration.openHours) ?? 'none';
      this.#read.set(registration, spans);
    }
    if (spans === 'none') return { registered: null, spans: USUAL_HOURS, graceMs: 0 };
    const graceMs = this.#host.params(institution).grace * MINUTE_MS;
    return { registered: registration.openHours, spans, graceMs };
  }

  #excuse(bill: Bill): string {
    return excuses(this.#bills.reversalOf(bill), bill.at)
      ? 'the settlement was reversed in time'
      : 'by the registration it was within opening hours';
  }
}

/** The local day on whose noon the night begins. */
function nightOf({ at }: Bill): number {
  return localDay(at - HALF_DAY_MS);
}

/** How far an instant lies from the nearest opening hours, ms: 0 within them, closing time included where they are registered to the minute. */
function outside(hours: OpenHours, at: number): number {
  const clock = at - localMidnight(localDay(at));
  for (const [from, to] of hours) if (clock >= from * MINUTE_MS && clock < to * MINUTE_MS) return 0;
  let nearest = Number.POSITIVE_INFINITY;
  for (const day of [-DAY_MS, 0, DAY_MS])
    for (const [from, to] of hours) {
      const [start, end] = [from * MINUTE_MS + day, to * MINUTE_MS + day];
      // At closing time itself it is closed, though for no time yet.
      nearest = Math.min(nearest, clock < start ? start - clock : Math.max(clock - end, 1));
    }
  return nearest;
}
