// What several detectors rest on, as evidence of an alert.
import type { EvidenceRef } from '@yunjian/contracts';

/** A camera: its footage of the alert's window. */
export function cameraEvidence(device: string): EvidenceRef {
  return { kind: 'clip', of: 'device', ref: device };
}

/** A record of surveillance that came without a clip. @param document its identity */
export function checkEvidence(document: string): EvidenceRef {
  return { kind: 'clip', of: 'check', ref: document };
}

/** @param ref institution, period and document of the budget */
export function budgetEvidence(ref: string): EvidenceRef {
  return { kind: 'rule', of: 'budget', ref };
}
