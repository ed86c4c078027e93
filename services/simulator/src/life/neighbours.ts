// Checks that ordinary visitors pass at a counter: what stands beside an injected settlement.
import type { Counter } from '../city/city.ts';
import type { DayPlan } from './day.ts';
import { visitOf } from './visits.ts';

/** Event times of the passed checks, all in somebody's name, that ordinary visitors make at a counter within a plain span, ms. */
export function neighbouringChecks(plan: DayPlan, counter: Counter, from: number, until: number): number[] {
  const { institution } = counter;
  const visits = plan.visits(institution);
  const own = institution.counters.indexOf(counter);
  const found: number[] = [];
  for (let n = 0; n < visits.times.length; n++) {
    const at = visits.times[n] as number;
    if (visits.counters[n] !== own || at < from - 300_000 || at > until + 300_000 || plan.isReserved(counter, at))
      continue;
    const { kind, check } = visitOf(plan.city, institution, plan.day, n, visits);
    if (kind === 'order' || kind === 'self-paid') continue;
    found.push(at + (plan.isPlain(counter, at) ? Math.min(check.offset, -10_000) : check.offset));
  }
  return found;
}
