// Alert ids: a pure function of what an alert is about, so that processing anything again gives the same id.
import { type DetectorId, digest, type Subject } from '@yunjian/contracts';

export interface AlertIdentity {
  detector: DetectorId | (string & {});
  subject: Subject;
  /** Part of the identity, except for persons and codes (contract: Alerts). */
  institution: string | null;
  /** The settlement, day, month or quarter; null for a code. Never a parameter or a moving window. */
  anchor: string | null;
  /** quarterly-spend: 10 or 20. */
  tier?: number;
}

/** `<detector>:<22 characters>`. */
export function alertId(of: AlertIdentity): string {
  const owner = of.subject.kind === 'person' || of.subject.kind === 'code' ? null : of.institution;
  const text = JSON.stringify([of.detector, of.subject.kind, of.subject.ref, owner, of.anchor, of.tier ?? null]);
  return `${of.detector}:${digest(text)}`;
}
