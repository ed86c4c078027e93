// What is said of an institution's day: clusters of cards before too few people, and persons who keep settling together.
import { isoShanghai, localDate, localMidnight, yuan } from '@yunjian/contracts';
import { cameraEvidence, type Raise, type ReversalRef } from '@yunjian/detection';
import type { Bill } from '../bill.ts';

export interface Cluster {
  start: number;
  deadline: number;
  terminal: string;
  /** Of five minutes, where it is longer: of those with the most. */
  persons: number;
  /** The most people that the camera saw in those five minutes. */
  seen: number;
  bills: Bill[];
  /** Of those that were taken back later, by setl_id: the act happened. */
  reversed: ReadonlyMap<string, ReversalRef>;
  cameras: readonly string[];
}

/** Persons who settled together on several days; `settlements` are theirs of those days. */
export interface Group {
  persons: string[];
  /** Local days, ascending. */
  days: number[];
  settlements: { id: string; at: number; fund: number; reversal: ReversalRef | null }[];
}

export function dayClaim(
  institution: string,
  day: number,
  clusters: readonly Cluster[],
  groups: readonly Group[],
  reason: string,
): Raise {
  const date = localDate(day);
  const from = localMidnight(day);
  const today = new Map<string, { at: number; fund: number }>();
  for (const { bills } of clusters) for (const bill of bills) today.set(bill.id, bill);
  for (const { settlements } of groups)
    for (const one of settlements) if (one.at >= from && one.at < localMidnight(day + 1)) today.set(one.id, one);
  const all = new Set([...today.keys(), ...groups.flatMap(({ settlements }) => settlements.map(({ id }) => id))]);
  const reversals = new Map(clusters.flatMap(({ reversed }) => [...reversed]));
  for (const { settlements } of groups)
    for (const { id, reversal } of settlements) if (reversal !== null) reversals.set(id, reversal);
  const times = [...today.values()].map(({ at }) => at);
  const start = times.length === 0 ? from : Math.min(...times);
  return {
    subject: { kind: 'institution', ref: `${institution}/${date}` },
    institution,
    anchor: date,
    window: { start, end: Math.max(start, ...times, ...clusters.map(({ deadline }) => deadline)) },
    eventTime: start,
    amount: times.length === 0 ? null : [...today.values()].reduce((sum, { fund }) => sum + fund, 0),
    facts: {
      date,
      clusters: clusters.map(({ start, deadline, terminal, persons, seen, bills }) => ({
        from: isoShanghai(start),
        to: isoShanghai(deadline),
        terminal,
        persons,
        persons_seen: seen,
        fund: yuan(bills.reduce((sum, { fund }) => sum + fund, 0)),
        settlements: bills.map(({ id }) => id),
      })),
      groups: groups.map(({ persons, days }) => ({ persons, dates: days.map(localDate) })),
      ...(reversals.size === 0
        ? {}
        : {
            reversed: [...reversals]
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([settlement, { id, at }]) => ({ settlement, reversed_by: id, reversed_at: isoShanghai(at) })),
          }),
    },
    evidence: [
      ...[...all, ...[...reversals.values()].map(({ id }) => id)]
        .sort()
        .map((ref) => ({ kind: 'settlement' as const, ref })),
      ...[...new Set(clusters.flatMap(({ cameras }) => cameras))].sort().map(cameraEvidence),
    ],
    reason,
  };
}
