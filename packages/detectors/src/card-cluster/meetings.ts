// Which persons were together on which days: a pure function of their visits.
import { localDay } from '@yunjian/contracts';
import type { Visit } from './company.ts';

interface MeetingRule {
  /** So many persons at a time. */
  size: number;
  /** On so many days at least. */
  least: number;
  /** Settled within so long of each other, ms. */
  reach: number;
  /** Meetings that begin before, ms. */
  until: number;
}

interface Together {
  persons: string[];
  /** By local day, the visits of their meetings. */
  days: Map<number, Set<Visit>>;
}

/** @param visits by person */
export function togetherOn(
  visits: ReadonlyMap<string, readonly Visit[]>,
  { size, least, reach, until }: MeetingRule,
): Together[] {
  const all = [...visits.keys()].sort();
  let sets: Together[] = all.map((person) => ({ persons: [person], days: new Map() }));
  for (let length = 2; length <= size; length++)
    sets = sets.flatMap(({ persons }) =>
      all
        .filter((person) => person > (persons.at(-1) as string))
        .map((person) => {
          const wider = [...persons, person];
          const theirs = wider.flatMap((one) => visits.get(one) as Visit[]).sort((a, b) => a.at - b.at);
          return { persons: wider, days: daysTogether(theirs, length, reach, until) };
        })
        .filter(({ days }) => days.size >= least),
    );
  return sets;
}

/**
 * Local days on which so many persons, whose visits these are in order, all settled within so long, ms, of each other; a meeting over midnight
 * is of the day on which it began.
 */
function daysTogether(
  visits: readonly Visit[],
  persons: number,
  reach: number,
  until: number,
): Map<number, Set<Visit>> {
  const days = new Map<number, Set<Visit>>();
  for (const [i, first] of visits.entries()) {
    if (first.at >= until) break;
    const met = visits.slice(i).filter(({ at }) => at <= first.at + reach);
    if (new Set(met.map(({ person }) => person)).size < persons) continue;
    const day = localDay(first.at);
    const known = days.get(day);
    if (known === undefined) days.set(day, new Set(met));
    else for (const visit of met) known.add(visit);
  }
  return days;
}
