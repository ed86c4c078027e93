// All patterns of a day, planned one after another: each has its own chance, only the places they take are shared.
import { concern, mix, Random } from '../city/random.ts';
import type { DayPlan, PatternRates } from '../life/day.ts';
import { SLOT_MS } from '../life/faults.ts';
import { HOUR_MS } from '../life/time.ts';
import { PATTERNS } from './index.ts';
import type { Act, Pattern } from './pattern.ts';
import { Ranges, Site } from './site.ts';

const SLOTS_A_DAY = 48;
/** Slots near midnight stay free, so that nothing reaches into another day. */
const FIRST_SLOT = 1;
const LAST_SLOT = 46;

export function planActs(plan: DayPlan, rates: PatternRates): Act[] {
  if (rates.scale === 0) return [];
  const acts: Act[] = [];
  let firstPerson = 0;
  for (const [number, pattern] of PATTERNS.entries()) {
    const ranges = new Ranges(number, firstPerson, personsADay(pattern));
    firstPerson += personsADay(pattern);
    if (rates.only !== null && !rates.only.includes(pattern.name)) continue;
    const stream = concern(pattern.name);
    for (let slot = FIRST_SLOT; slot <= LAST_SLOT; slot++) {
      const random = new Random(mix(plan.city.seed, stream, plan.day, slot));
      const mean = (pattern.perHour * rates.scale * SLOT_MS) / HOUR_MS;
      const count = pattern.floor + random.poisson(Math.max(0, mean - pattern.floor));
      for (let i = 0; i < count; i++) {
        const site = new Site(
          plan,
          new Random(mix(plan.city.seed, stream, plan.day, slot, i + 1)),
          slot,
          ranges,
          i < pattern.floor,
        );
        const act = pattern.plan(site);
        if (act !== null) acts.push(act);
      }
    }
  }
  return acts.sort((a, b) => a.start - b.start);
}

/** Enough for a day at the default rate, with some to spare. */
function personsADay({ perHour, floor, persons }: Pattern): number {
  const acts = Math.max(perHour * 24, floor * SLOTS_A_DAY);
  return persons * Math.ceil(acts * 1.2 + 4);
}
