// What a version of an alert has to say to somebody on call, against what is known of the one before.
import type { Alert } from './alert.ts';
import type { NoticeKind } from './message.ts';

/** What is remembered of an alert's last version. */
export interface Known {
  version: number;
  level: number;
  raised: boolean;
  open: boolean;
}

/** Raised, and nobody has taken it up, put it aside or closed it. */
export function isOpen({ state }: Alert): boolean {
  return state.raised && !state.acked && !state.shelved && !state.disposed;
}

/** Null for no news; `waiting` is news to those alone who have not been told of the alert. */
export function newsOf(alert: Alert, before: Known | undefined): NoticeKind | null {
  const { action } = alert.transition;
  if (!alert.state.raised) return action === 'withdraw' || before?.raised === true ? 'withdrawn' : null;
  if (action === 'raise') return 'raised';
  if (action === 'escalate') return 'escalated';
  if (before === undefined) return mayBeNews(alert) ? 'waiting' : null;
  if (alert.level < before.level) return 'graver';
  return before.open ? null : 'waiting';
}

/**
 * Whether an alert whose earlier versions lie further back than what is remembered may be new to those on call: a shelf has ended, an
 * acknowledgement was taken back, or its level has risen, which sets `escalation` to 0 (ADR 4) and cannot have led to level 4.
 */
function mayBeNews({ transition, level, escalation = 0 }: Alert): boolean {
  switch (transition.action) {
    case 'comment':
    case 'assign':
      return false;
    case 'amend':
      return level < 4 && escalation === 0;
    default:
      return true;
  }
}
