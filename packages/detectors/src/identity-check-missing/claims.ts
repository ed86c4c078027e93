// What the identity judgement tells: facts and evidence that let a supervisor verify it without asking us.
import { type EvidenceRef, isoShanghai, yuan } from '@yunjian/contracts';
import { alertId, cameraEvidence, checkEvidence, type Liveness, type Raise } from '@yunjian/detection';
import type { KeptSettlement, Verdict } from './kept.ts';
import { detailsOf, type KeptCheck } from './kept-check.ts';
import type { IdentityParams } from './params.ts';

export interface View {
  start: number;
  deadline: number;
  cameras: ({ device: string } & Liveness)[];
  /** How many checks of the institution lie within the window. */
  checks: number;
  /** Of those, the ones that were not passed, in order of time. */
  notPassed: KeptCheck[];
}

export function claimOf(
  settlement: KeptSettlement,
  verdict: Verdict,
  view: View,
  params: IdentityParams,
  reason: string,
): Raise {
  const missing = verdict === 2;
  const own = view.notPassed.filter(
    (check) =>
      check.person === settlement.person || settlement.terminal === null || check.terminal === settlement.terminal,
  );
  return {
    ...common(settlement, view),
    detector: missing ? 'identity-check-missing' : 'verification-unavailable',
    level: missing ? (settlement.fund >= params.grave ? 1 : 2) : 3,
    facts: {
      ...commonFacts(settlement, view),
      ...(missing
        ? { under: settlement.mismatch > 0 ? mismatchId(settlement) : null }
        : { camera_state: view.cameras.filter(({ alive }) => !alive).map(state) }),
      ...(view.cameras.some(({ cause }) => cause === 'clock')
        ? { clock: 'a record lay more than 60 s ahead of its arrival' }
        : {}),
    },
    evidence: [...commonEvidence(settlement, view), ...own.flatMap(clip)],
    reason,
  };
}

export function mismatchClaim(
  settlement: KeptSettlement,
  view: View,
  seen: readonly KeptCheck[],
  reason: string,
): Raise {
  return {
    ...common(settlement, view),
    detector: 'identity-mismatch',
    level: 1,
    facts: {
      ...commonFacts(settlement, view),
      seen: seen.map((check) => ({
        at: isoShanghai(check.at),
        result: check.passed ? 'passed' : 'failed',
        person: check.person,
        similarity: detailsOf(check).similarity,
      })),
    },
    evidence: [...commonEvidence(settlement, view), ...seen.flatMap(clip)],
    reason,
  };
}

function mismatchId(settlement: KeptSettlement): string {
  const { institution, id } = settlement;
  return alertId({ detector: 'identity-mismatch', subject: { kind: 'settlement', ref: id }, institution, anchor: id });
}

function common({ institution, id, at, fund }: KeptSettlement, { start, deadline }: View) {
  return {
    subject: { kind: 'settlement' as const, ref: id },
    institution,
    anchor: id,
    window: { start, end: deadline },
    eventTime: at,
    amount: fund,
  };
}

function commonFacts(
  { person, terminal, byAgent, fund, reversal }: KeptSettlement,
  { cameras, checks }: View,
): Record<string, unknown> {
  return {
    person,
    terminal,
    by_agent: byAgent,
    fund: yuan(fund),
    cameras: cameras.map(({ device }) => device),
    checks_in_window: checks,
    ...(reversal === null ? {} : { reversed_by: reversal.id, reversed_at: isoShanghai(reversal.at) }),
  };
}

function commonEvidence({ id, reversal }: KeptSettlement, { cameras }: View): EvidenceRef[] {
  return [
    { kind: 'settlement', ref: id },
    ...(reversal === null ? [] : [{ kind: 'settlement' as const, ref: reversal.id }]),
    ...cameras.map(({ device }) => cameraEvidence(device)),
  ];
}

function clip(check: KeptCheck): EvidenceRef[] {
  const { key } = check;
  const { uri, sha256 } = detailsOf(check);
  if (uri === null) return [checkEvidence(key)];
  return [{ kind: 'clip', ref: key, uri, ...(sha256 === null ? {} : { sha256 }) }];
}

function state({ device, cause, from, to }: { device: string } & Liveness) {
  return { device, cause, from: from === null ? null : isoShanghai(from), to: to === null ? null : isoShanghai(to) };
}
