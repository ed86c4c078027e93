// What a finding does to the alert it speaks of: raise, amend, withdraw, or nothing. See docs/adr on acknowledgements.
import type { AlertRecord, Finding } from '@yunjian/contracts';
import { type Change, firstVersion, type Held, nextVersion } from './book.ts';
import { sameJson } from './equality.ts';

const SAID_BY_A_FINDING = [
  'detector',
  'rule_version',
  'level',
  'fixmedins_code',
  'grid',
  'subject',
  'window',
  'event_time',
  'amount',
  'title',
  'facts',
  'evidence',
] as const;
type Content = Pick<AlertRecord, (typeof SAID_BY_A_FINDING)[number]>;

/**
 * The alert after a finding; null when the finding changes nothing.
 * @param now ms of alerting's clock.
 */
export function judge(held: Held | undefined, finding: Finding, now: number): Held | null {
  if (held === undefined)
    return finding.action === 'raise'
      ? firstVersion({ alert_id: finding.alert_id, ...contentOf(finding) }, finding.reason, now)
      : null;
  const by = (action: 'raise' | 'amend' | 'withdraw') => ({ action, by: 'system', reason: finding.reason });
  const { state } = held.record;
  const content = contentOf(finding);
  if (finding.action === 'withdraw') {
    if (!state.raised) return null;
    return nextVersion(held, { ...content, state: { ...state, raised: false } }, by('withdraw'), now);
  }
  if (state.raised && sameContent(held.record, content)) return null;
  const graver = content.level < held.record.level;
  if (state.raised && !graver) return nextVersion(held, content, by('amend'), now);
  const unanswered = { record: held.record, waitingSince: null };
  return nextVersion(
    unanswered,
    { ...content, ...asksAgain(held.record, graver) },
    by(state.raised ? 'amend' : 'raise'),
    now,
  );
}

/** Whether two records make the same claim, whatever operators did with it. */
export function sameContent(a: Content, b: Content): boolean {
  return SAID_BY_A_FINDING.every((field) => sameJson(a[field], b[field]));
}

export function contentOf(from: Finding | AlertRecord): Content {
  return {
    detector: from.detector,
    rule_version: from.rule_version,
    level: from.level,
    fixmedins_code: from.fixmedins_code,
    grid: from.grid,
    subject: from.subject,
    window: from.window,
    event_time: from.event_time,
    amount: from.amount,
    title: from.title,
    facts: from.facts,
    evidence: from.evidence,
  };
}

/** Raised again, or graver than what was answered for: it wants a new answer. Only what is graver comes off the shelf. */
function asksAgain(record: AlertRecord, offTheShelf: boolean): Change {
  const shelved = record.state.shelved && !offTheShelf;
  return {
    state: { raised: true, acked: false, shelved, disposed: false },
    disposal: null,
    shelved_until: shelved ? (record.shelved_until ?? null) : null,
  };
}
