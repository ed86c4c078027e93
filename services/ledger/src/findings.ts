// Findings of the ledger: the difference that a lane position makes between two verdicts, and the operational one of an endless subject.
import { digest, type Finding, isoShanghai, yuan } from '@yunjian/contracts';
import { alertId, type LedgerRow, type LedgerRule, poisonFinding, type Raise } from '@yunjian/detection';
import { MAX_ROWS } from './history.ts';
import type { LedgerLane } from './rows.ts';
import type { ParamsInForce } from './rules.ts';

/** Where a finding comes from; the index within the position is given when all of a batch are known. */
export interface FindingSource {
  lane: LedgerLane;
  partition: number;
  grid(institution: string | null, position: number): string[];
}

/** Claims by the id of their alert. */
export type Claims = ReadonlyMap<string, Raise>;

/** @throws Error when a rule claims one thing twice: a defect of the rule */
export function claimsById(rule: LedgerRule, claims: readonly Raise[]): Claims {
  const byId = new Map<string, Raise>();
  for (const claim of claims) {
    const id = alertId({ ...claim, detector: claim.detector ?? rule.id });
    if (byId.has(id)) throw new Error(`${rule.id} claims ${id} twice, expected one claim per alert`);
    byId.set(id, claim);
  }
  return byId;
}

/** Raises, amendments (a raise of what stands) and withdrawals; none when the position changes nothing. */
export function differences(
  rule: LedgerRule,
  params: ParamsInForce,
  said: Claims,
  says: Claims,
  source: FindingSource,
  position: number,
): Finding[] {
  const findings: Finding[] = [];
  for (const [id, claim] of says) {
    const before = said.get(id);
    if (before === undefined || JSON.stringify(before) !== JSON.stringify(claim))
      findings.push(findingOf(rule, params, id, 'raise', claim, source, position));
  }
  for (const [id, claim] of said)
    if (!says.has(id)) {
      const withdrawn = { ...claim, reason: 'no longer so by what was received since' };
      findings.push(findingOf(rule, params, id, 'withdraw', withdrawn, source, position));
    }
  return findings;
}

function findingOf(
  rule: LedgerRule,
  params: ParamsInForce,
  id: string,
  action: Finding['action'],
  claim: Raise,
  source: FindingSource,
  position: number,
): Finding {
  return {
    type: 'finding',
    cause: causeAt(source, position),
    action,
    alert_id: id,
    detector: claim.detector ?? rule.id,
    rule_version: digest(JSON.stringify([rule.id, params.of(claim.institution)]), 11),
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

/** Our own code failed on a record: one alert for a partition and a day, the same whichever record says it. @param at its timestamp, ms */
export function poisonAt(source: Pick<FindingSource, 'lane' | 'partition'>, position: number, at: number): Finding {
  const facts = { processor: 'ledger' };
  return poisonFinding({ cause: causeAt(source, position), source: 'ledger', at, facts });
}

function causeAt({ lane, partition }: Pick<FindingSource, 'lane' | 'partition'>, offset: number): Finding['cause'] {
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
