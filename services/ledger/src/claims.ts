// What a rule says of a subject's documents where institutions may have parameters of their own.
import type { LaneEvent } from '@yunjian/contracts';
import { alertId, type LedgerReference, type LedgerRule, type Raise } from '@yunjian/detection';
import type { ParamsInForce } from './rules.ts';

/**
 * A claim is judged by the parameters of the institution that it names: that of the document that completes it. What two institutions
 * complete under one alert is that of the earlier; once it no longer stands, that of the other.
 */
export function claimsOf(
  rule: LedgerRule,
  documents: readonly LaneEvent[],
  reference: LedgerReference,
  params: ParamsInForce,
): Raise[] {
  if (!params.byInstitution) return rule.claims(documents, reference, params.of(null));
  const found = new Map<string, Raise>();
  for (const own of variants(documents, params)) {
    const about = (institution: string | null) => params.of(institution) === own;
    for (const claim of rule.claims(documents, reference, own, about)) {
      if (!about(claim.institution)) continue;
      const id = alertId({ ...claim, detector: claim.detector ?? rule.id });
      const known = found.get(id);
      if (known === undefined || comesBefore(claim, known)) found.set(id, claim);
    }
  }
  return [...found.values()];
}

/** Each of the parameters that one of these documents' institutions has, those of none among them. */
export function variants(documents: readonly Pick<LaneEvent, 'institution'>[], params: ParamsInForce): Set<never> {
  if (!params.byInstitution) return new Set([params.of(null)]);
  const institutions = new Set(documents.map(({ institution }) => institution));
  return new Set([params.of(null), ...[...institutions].map(params.of)]);
}

function comesBefore(a: Raise, b: Raise): boolean {
  return a.eventTime < b.eventTime || (a.eventTime === b.eventTime && (a.institution ?? '') < (b.institution ?? ''));
}
