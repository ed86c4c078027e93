// Building blocks of patterns: one sale with its boxes bought before, and a check that covers it.
import type { Drug } from '../city/catalogue.ts';
import type { Counter, Institution } from '../city/city.ts';
import { psnNo } from '../city/persons.ts';
import { CITY_CODE } from '../city/places.ts';
import type { Settled, SettledEvent } from '../life/documents.ts';
import type { Stage } from '../life/stage.ts';
import { HOUR_MS, iso, MINUTE_MS } from '../life/time.ts';
import type { TruthSketch } from '../life/truth.ts';
import type { Pattern } from './pattern.ts';
import type { Site, SpotWish } from './site.ts';

export interface Deed {
  institution: Institution;
  counter: Counter | null;
  at: number;
  serial: number;
  person: number;
  drug: Drug;
  boxes?: number;
  days?: number;
  codes?: readonly string[];
  more?: Partial<Settled>;
}

/** How long before the deed its boxes were bought, and when that was uploaded: an act starts no later than the latter. */
export const BOUGHT_BEFORE_MS = 3 * HOUR_MS;
export const UPLOADED_BEFORE_MS = 9 * MINUTE_MS;
/** Acts begin so long before their first settlement, ms. */
export const LEAD_MS = 10 * MINUTE_MS;

export function settledOf(stage: Stage, deed: Deed): Settled {
  const { institution, counter, at, serial, person, drug, boxes = 1, days = 5 } = deed;
  const codes = deed.codes ?? stage.boxes({ drug, boxes }, institution, at, serial);
  return {
    institution,
    counter,
    at,
    serial,
    person,
    certificate: counter === null ? '01' : '03',
    medType: institution.kind === 'pharmacy' ? '41' : '11',
    lines: [{ drug, count: boxes, days, codes }],
    ...deed.more,
  };
}

/** Number of the box on the shelf whose place another box takes. */
const SHELF_BOX = 9;

/** The boxes of the deed are bought and it is settled. Where codes from elsewhere are given, the shelf holds a box of the drug all the same: a pattern about codes is none about quantities. */
export function sell(stage: Stage, deed: Deed): { settled: Settled; made: SettledEvent } {
  const settled = settledOf(stage, deed);
  const { institution, at, serial, drug } = deed;
  if (deed.codes === undefined) buy(stage, settled);
  else {
    const shelf = stage.boxes({ drug, boxes: 1 }, institution, at, serial, SHELF_BOX);
    stage.purchase(institution, { drug }, shelf, at - BOUGHT_BEFORE_MS, at - UPLOADED_BEFORE_MS);
  }
  return { settled, made: stage.settle(settled) };
}

export function buy(stage: Stage, { institution, lines, at }: Settled): void {
  for (const { drug, codes } of lines)
    stage.purchase(institution, { drug }, codes, at - BOUGHT_BEFORE_MS, at - UPLOADED_BEFORE_MS);
}

/** A passed check in the person's own name, half a minute before. */
export function cover(
  stage: Stage,
  counter: Counter,
  at: number,
  person: number,
  serial: number,
  method: 'face' | 'id_card' = 'face',
): void {
  stage.check({
    counter,
    at: at - 30_000,
    person,
    result: 'passed',
    method,
    id: `${counter.index}-${serial}-${at / 1000}`,
  });
}

/** One sale at a counter with a camera, checked in the person's name: the frame of patterns about the sale itself. */
export function oneSale(
  name: string,
  rates: { perHour: number; floor: number },
  wish: SpotWish & {
    drug?: (drug: Drug) => boolean;
    check?: 'face' | 'id_card';
    unseen?: boolean;
    at?: (site: Site) => number;
  },
  make: (sale: { site: Site; institution: Institution; at: number; drug: Drug }) => {
    more?: Partial<Settled>;
    codes?: readonly string[];
    days?: number;
    tell?: (stage: Stage, made: SettledEvent, settled: Settled) => void;
  } | null,
): Pattern {
  return {
    name,
    ...rates,
    persons: 1,
    plan: (site) => {
      const spot = site.spot(wish.at?.(site) ?? site.second(), wish);
      const person = site.suspect();
      if (spot === null || person === null) return null;
      const { counter, institution, at } = spot;
      const serial = site.serial();
      const drug = site.drug(wish.drug ?? ((d) => !d.prescription));
      const made = make({ site, institution, at, drug });
      if (made === null) return null;
      const { more, codes, days, tell } = made;
      if (wish.unseen !== true) site.plan.addPerson(counter, at);
      return {
        start: at - LEAD_MS,
        end: at + 3 * MINUTE_MS,
        emit: (stage) => {
          cover(stage, counter, at, person, serial, wish.check);
          const deed: Deed = { institution, counter, at, serial, person, drug };
          if (more !== undefined) deed.more = more;
          if (codes !== undefined) deed.codes = codes;
          if (days !== undefined) deed.days = days;
          const { settled, made } = sell(stage, deed);
          tell?.(stage, made, settled);
        },
      };
    },
  };
}

/** Civil affairs tell of a death, or that it was none. @param effective, @param told ms */
export function tellStatus(
  stage: Stage,
  person: number,
  status: 'deceased' | 'active',
  effective: number,
  told: number,
  id: string,
): void {
  const event = {
    event_id: `${status}-${id}`,
    event_type: 'person_status',
    event_time: iso(told),
    source: 'civil-affairs',
    fixmedins_code: CITY_CODE,
    psn_no: psnNo(person),
    status,
    effective_at: iso(effective),
  };
  stage.send('reference', event, told);
}

/** The claim that a detector makes about one settlement. */
export function aboutSettlement(
  detector: string,
  made: SettledEvent,
  { institution, at }: Settled,
  before = 0,
  after = 0,
): TruthSketch {
  return { detector, kind: 'settlement', ref: made.id, institution, start: at - before, end: at + after };
}

/** The claim that a detector makes about a person, at the institution of the last deed. */
export function aboutPerson(
  detector: string,
  person: number,
  institution: Institution,
  start: number,
  end: number,
): TruthSketch {
  return { detector, kind: 'person', ref: psnNo(person), institution, start, end };
}
