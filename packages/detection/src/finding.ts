// A claim of a detector as the finding that alerting reads.
import { type Cause, type Finding, isoShanghai, yuan } from '@yunjian/contracts';
import type { DetectorDefinition, Raise } from './define.ts';
import { alertId } from './ids.ts';

export interface Claimed {
  cause: Cause;
  action: Finding['action'];
  definition: DetectorDefinition;
  ruleVersion: string;
  /** Of the institution, as registered last. */
  grid: string[];
  claim: Raise;
}

export function findingOf({ cause, action, definition, ruleVersion, grid, claim }: Claimed): Finding {
  return {
    type: 'finding',
    cause,
    action,
    alert_id: alertId({ ...claim, detector: definition.id }),
    detector: definition.id,
    rule_version: ruleVersion,
    level: claim.level ?? definition.level,
    fixmedins_code: claim.institution,
    grid,
    subject: claim.subject,
    window: { start: isoShanghai(claim.window.start), end: isoShanghai(claim.window.end) },
    event_time: isoShanghai(claim.eventTime),
    amount: claim.amount === null ? null : yuan(claim.amount),
    title: claim.title ?? definition.texts.title,
    facts: claim.facts,
    evidence: claim.evidence,
    reason: claim.reason,
  };
}
