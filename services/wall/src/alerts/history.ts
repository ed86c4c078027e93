// What happened to an alert, step by step: kept in memory for the steps that the archive has not got yet, or when there is none.
import { type AlertRecord, isoShanghai } from '@yunjian/contracts';

/** One version of an alert, without what repeats the alert itself. */
export interface Step {
  version: number;
  /** ISO 8601. */
  updated_at: string;
  level: AlertRecord['level'];
  state: AlertRecord['state'];
  /** Yuan, two decimals. */
  amount: string | null;
  transition: AlertRecord['transition'];
  assignee: string | null;
  disposal: string | null;
  /** ISO 8601. */
  shelved_until: string | null;
}

/** Steps kept of one alert; above it the oldest amendments go first, since a run of them is shown as one. */
const STEPS_PER_ALERT = 60;

export function stepOf(alert: AlertRecord): Step {
  return {
    version: alert.version,
    updated_at: isoShanghai(Date.parse(alert.updated_at)),
    level: alert.level,
    state: alert.state,
    amount: alert.amount,
    transition: alert.transition,
    assignee: alert.assignee ?? null,
    disposal: alert.disposal ?? null,
    shelved_until: alert.shelved_until ?? null,
  };
}

export class RecentHistory {
  #steps = new Map<string, Step[]>();

  add(alertId: string, step: Step): void {
    const steps = this.#steps.get(alertId);
    if (steps === undefined) {
      this.#steps.set(alertId, [step]);
      return;
    }
    if (step.version <= (steps.at(-1)?.version ?? 0)) return;
    steps.push(step);
    if (steps.length <= STEPS_PER_ALERT) return;
    const amendment = steps.findIndex((s) => s.transition.action === 'amend');
    steps.splice(Math.max(amendment, 0), 1);
  }

  /** Oldest first. */
  of(alertId: string): readonly Step[] {
    return this.#steps.get(alertId) ?? [];
  }

  clear(): void {
    this.#steps.clear();
  }
}

/** Joins what the archive has with what memory has; of two with one version the archive's is taken. Oldest first. */
export function joinHistory(archived: readonly Step[], recent: readonly Step[]): Step[] {
  const byVersion = new Map<number, Step>();
  for (const step of [...recent, ...archived]) byVersion.set(step.version, step);
  return [...byVersion.values()].sort((a, b) => a.version - b.version);
}
