// Which persons are judged again when something about a drug or an institution becomes known late: those settled shortly before.
import type { LedgerRule } from '@yunjian/detection';
import type { LedgerHistory } from './history.ts';
import type { DrugChange, InstitutionChange } from './reference.ts';
import type { LedgerRules } from './rules.ts';
import { REJUDGED_MS } from './subject.ts';

/** Persons that one record judges again, those who settled last first; the others with their next document. */
export const MOST_REJUDGED = 1_000;

/** A record that may say something else of settlements that it concerns. */
interface Late {
  position: number;
  arrival: number;
  /** The drug or the institution. */
  of: string;
}

/** Of what becomes known, what one of these rules may judge otherwise: a drug's limit, a place, and what `when` asks of an institution. */
export function lateFor(
  rules: readonly LedgerRule[],
  inForce: LedgerRules,
  drugs: readonly DrugChange[],
  institutions: readonly InstitutionChange[],
): Late[] {
  const reads = (kind: 'drug' | 'institution') => rules.some(({ inputs }) => inputs.includes(kind));
  const [limits, places] = [reads('drug'), reads('institution')];
  const described = (position: number) => rules.some((rule) => inForce.byInstitution(rule, position));
  return [
    ...drugs.filter(({ limit }) => limit && limits).map(({ item, ...at }) => ({ ...at, of: item })),
    ...institutions
      .filter(({ place, position }) => (place && places) || described(position))
      .map(({ institution, ...at }) => ({ ...at, of: institution })),
  ];
}

/** By what stands below each record's position: the same however the lane is cut into batches. */
export async function personsConcerned(
  history: LedgerHistory,
  partition: number,
  late: readonly Late[],
): Promise<{ subject: string; position: number }[]> {
  if (late.length === 0) return [];
  const wanted = late.map(({ of, arrival }) => ({ item: of, since: arrival - REJUDGED_MS }));
  const rows = Map.groupBy(await history.soldSince(partition, wanted), ({ item }) => item);
  return late.flatMap(({ of, position, arrival }) => {
    const last = new Map<string, number>();
    for (const row of rows.get(of) ?? [])
      if (row.position < position && row.arrival >= arrival - REJUDGED_MS)
        last.set(row.subject, Math.max(row.position, last.get(row.subject) ?? -1));
    return [...last]
      .sort(([, a], [, b]) => b - a)
      .slice(0, MOST_REJUDGED)
      .map(([subject]) => ({ subject, position }));
  });
}
