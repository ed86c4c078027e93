// Every alert ever raised, as of its latest version, with what follows from it: how many stand, and which must move when.
import type { AlertRecord, Level, Transition } from '@yunjian/contracts';
import { isoShanghai } from '@yunjian/contracts';
import { Deadlines } from './deadlines.ts';
import type { AlertingSettings } from './settings.ts';
import type { StateTable, StateTables } from './tables.ts';

export interface Held {
  record: AlertRecord;
  /** Since when it has waited for an acknowledgement, ms of alerting's clock; null: it does not. */
  waitingSince: number | null;
}

export class AlertBook {
  readonly #alerts: StateTable<Held>;
  readonly #settings: AlertingSettings;
  readonly #deadlines = new Deadlines();
  readonly #standing: Record<Level, number> = { 1: 0, 2: 0, 3: 0, 4: 0 };

  constructor(tables: StateTables, settings: AlertingSettings) {
    this.#alerts = tables.table<Held>('alerts');
    this.#settings = settings;
    for (const [, held] of this.#alerts.entries()) this.#index(null, held);
  }

  get(id: string): Held | undefined {
    return this.#alerts.get(id);
  }

  put(held: Held): void {
    const before = this.#alerts.get(held.record.alert_id) ?? null;
    this.#alerts.set(held.record.alert_id, held);
    this.#index(before, held);
  }

  /** Alerts that are raised and not disposed, by level. */
  standing(): Readonly<Record<Level, number>> {
    return this.#standing;
  }

  /** The next alert whose time has come at `now` (ms), and what that means for it. */
  takeDue(now: number): { held: Held; move: 'unshelve' | 'escalate' } | null {
    for (let due = this.#deadlines.takeDue(now); due !== null; due = this.#deadlines.takeDue(now)) {
      const held = this.#alerts.get(due.id);
      const deadline = held === undefined ? null : this.#deadlineOf(held);
      if (held !== undefined && deadline?.at === due.at) return { held, move: deadline.move };
    }
    return null;
  }

  #index(before: Held | null, after: Held): void {
    if (before !== null && isStanding(before.record)) this.#standing[before.record.level]--;
    if (isStanding(after.record)) this.#standing[after.record.level]++;
    const deadline = this.#deadlineOf(after);
    if (deadline !== null && (before === null || this.#deadlineOf(before)?.at !== deadline.at))
      this.#deadlines.add(deadline.at, after.record.alert_id);
  }

  #deadlineOf({ record, waitingSince }: Held): { at: number; move: 'unshelve' | 'escalate' } | null {
    if (record.state.shelved && record.shelved_until) return { at: Date.parse(record.shelved_until), move: 'unshelve' };
    const patience = this.#settings.escalateAfter[record.level];
    if (waitingSince === null || patience === undefined || (record.escalation ?? 0) > 0) return null;
    return { at: waitingSince + patience, move: 'escalate' };
  }
}

function isStanding({ state }: AlertRecord): boolean {
  return state.raised && !state.disposed;
}

/** Raised, and nobody has taken it up, put it aside or closed it. */
export function waits({ state }: AlertRecord): boolean {
  return state.raised && !state.acked && !state.shelved && !state.disposed;
}

export type Change = Partial<Omit<AlertRecord, 'alert_id' | 'version' | 'updated_at' | 'transition'>>;

/**
 * The next version of an alert.
 * @param now ms of alerting's clock: `updated_at`.
 */
export function nextVersion(held: Held, change: Change, transition: Transition, now: number): Held {
  const before = held.record;
  const record: AlertRecord = {
    ...before,
    ...change,
    version: before.version + 1,
    updated_at: isoShanghai(now),
    transition,
  };
  if (!waits(record)) return { record, waitingSince: null };
  if (held.waitingSince !== null) return { record, waitingSince: held.waitingSince };
  return { record: { ...record, escalation: 0 }, waitingSince: now };
}

/** The first version of an alert. */
export function firstVersion(
  content: Omit<AlertRecord, 'version' | 'state' | 'detected_at' | 'updated_at' | 'transition'>,
  reason: string,
  now: number,
): Held {
  const at = isoShanghai(now);
  const record: AlertRecord = {
    alert_id: content.alert_id,
    version: 1,
    detector: content.detector,
    rule_version: content.rule_version,
    level: content.level,
    state: { raised: true, acked: false, shelved: false, disposed: false },
    fixmedins_code: content.fixmedins_code,
    grid: content.grid,
    subject: content.subject,
    window: content.window,
    event_time: content.event_time,
    detected_at: at,
    updated_at: at,
    amount: content.amount,
    title: content.title,
    facts: content.facts,
    evidence: content.evidence,
    transition: { action: 'raise', by: 'system', reason },
    assignee: null,
    disposal: null,
    shelved_until: null,
    escalation: 0,
  };
  return { record, waitingSince: now };
}
