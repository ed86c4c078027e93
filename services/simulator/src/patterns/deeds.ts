// Building blocks of patterns: one sale with its boxes bought before, and a check that covers it.
import type { Drug } from '../city/catalogue.ts';
import type { Counter, Institution } from '../city/city.ts';
import type { Settled, SettledEvent } from '../life/documents.ts';
import type { Stage } from '../life/stage.ts';
import { HOUR_MS, MINUTE_MS } from '../life/time.ts';

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

/** The boxes of the deed are bought, unless codes from elsewhere are given, and it is settled. */
export function sell(stage: Stage, deed: Deed): { settled: Settled; made: SettledEvent } {
  const settled = settledOf(stage, deed);
  if (deed.codes === undefined) buy(stage, settled);
  return { settled, made: stage.settle(settled) };
}

export function buy(stage: Stage, { institution, lines, at }: Settled): void {
  for (const { drug, codes } of lines)
    stage.purchase(institution, { drug }, codes, at - BOUGHT_BEFORE_MS, at - UPLOADED_BEFORE_MS);
}

/** A passed check in the person's own name, half a minute before. */
export function cover(stage: Stage, counter: Counter, at: number, person: number, serial: number): void {
  stage.check({
    counter,
    at: at - 30_000,
    person,
    result: 'passed',
    method: 'face',
    id: `${counter.index}-${serial}-${at / 1000}`,
  });
}
