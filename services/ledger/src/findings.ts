// Findings of the ledger: the difference that a lane position makes between two verdicts, and the operational one of an endless subject.
import { digest, type Finding, isoShanghai, yuan } from '@yunjian/contracts';
import { alertId, type LedgerRow, type LedgerRule, type LedgerVerdict } from '@yunjian/detection';
import { MAX_ROWS } from './history.ts';
import type { LedgerLane } from './rows.ts';

/** Where a finding comes from; the index within the position is given when all of a batch are known. */
export interface FindingSource {
  lane: LedgerLane;
  partition: number;
  grid(institution: string | null, position: number): string[];
}

/** A raise, an amendment (a raise of what stands) or a withdrawal; null when the position changes nothing. */
export function difference(
  rule: LedgerRule,
  params: unknown,
  said: LedgerVerdict,
  says: LedgerVerdict,
  source: FindingSource,
  position: number,
): Finding | null {
  if (says === null && said === null) return null;
  if (says !== null && said !== null && JSON.stringify(said) === JSON.stringify(says)) return null;
  const claim = says ?? { ...(said as NonNullable<LedgerVerdict>), reason: 'no longer so by what was received since' };
  return {
    type: 'finding',
    cause: causeAt(source, position),
    action: says === null ? 'withdraw' : 'raise',
    alert_id: alertId({ ...claim, detector: rule.id }),
    detector: rule.id,
    rule_version: digest(JSON.stringify([rule.id, params]), 11),
    level: claim.level ?? rule.level,
    fixmedins_code: claim.institution,
    grid: source.grid(claim.institution, position),
    subject: claim.subject,
    window: { start: isoShanghai(claim.window.start), end: isoShanghai(claim.window.end) },
    event_time: isoShanghai(claim.eventTime),
    amount: claim.amount === null ? null : yuan(claim.amount),
    title: claim.title ?? rule.texts.title,
    facts: claim.facts,
    evidence: claim.evidence,
    reason: claim.reason,
  };
}

/** A dummy code, or a person who cannot be one: operational, for whoever runs the system. @param row the first one too many */
export function overflow(subject: string, { position, event }: LedgerRow, source: FindingSource): Finding {
  const now = isoShanghai(event.eventTime);
  const about = { kind: source.lane, ref: subject } as const;
  return {
    type: 'finding',
    cause: causeAt(source, position),
    action: 'raise',
    alert_id: alertId({ detector: 'ledger-overflow', subject: about, institution: null, anchor: null }),
    detector: 'ledger-overflow',
    rule_version: 'operational',
    level: 4,
    fixmedins_code: null,
    grid: [],
    subject: about,
    window: { start: now, end: now },
    event_time: now,
    amount: null,
    title: { zh: '台账主体记录过多,已停止判定', en: 'Too many rows for one ledger subject, no longer judged' },
    facts: { rows: MAX_ROWS },
    evidence: [],
    reason: `more than ${MAX_ROWS} rows`,
  };
}

function causeAt({ lane, partition }: FindingSource, offset: number): Finding['cause'] {
  return { processor: 'ledger', lane, partition, offset, index: 0 };
}

/**
 * In order of cause, with indexes within each position. By alert id, since whoever judges a position again must give each finding the
 * index that it had: readers drop what is not above the last they took.
 */
export function inOrderOfCause(findings: Finding[]): Finding[] {
  findings.sort((a, b) => a.cause.offset - b.cause.offset || (a.alert_id < b.alert_id ? -1 : 1));
  findings.forEach((finding, i) => {
    const before = findings[i - 1]?.cause;
    finding.cause.index = before !== undefined && before.offset === finding.cause.offset ? before.index + 1 : 0;
  });
  return findings;
}
