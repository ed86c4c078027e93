// One alert as the gateway holds it: the text of its latest version, and beside it only what filters, order and sums read.
import { type AlertRecord, alertRecord } from '@yunjian/contracts';

export interface Entry {
  /** Offset of this version in the alert log. */
  readonly position: number;
  readonly id: string;
  readonly version: number;
  readonly detector: string;
  readonly level: 1 | 2 | 3 | 4;
  readonly raised: boolean;
  readonly acked: boolean;
  readonly shelved: boolean;
  readonly disposed: boolean;
  readonly institution: string | null;
  /** City → county → township → grid, as registered; empty when unknown. */
  readonly grid: readonly string[];
  readonly subjectKind: string;
  readonly subjectRef: string;
  /** ms since the epoch. */
  readonly eventTime: number;
  /** ms since the epoch. */
  readonly updatedAt: number;
  /** Integer fen; 0 where the alert carries no amount. */
  readonly amount: number;
  /** The record as the log holds it: sent on without being encoded again. */
  readonly json: string;
}

/**
 * Alert-log value → entry.
 * @throws Error naming the field when the value is no alert record: the log is written by alerting alone, so that is a defect.
 */
export function entryFromLog(position: number, json: string): { entry: Entry; alert: AlertRecord } {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new Error(
      `alert log offset ${position}: expected a JSON alert record, got ${json.length} characters of other text`,
      {
        cause,
      },
    );
  }
  const parsed = alertRecord.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(
      `alert log offset ${position}: ${issue?.path.join('.')}: ${issue?.message}; expected an alert record`,
    );
  }
  return { entry: entryOf(position, parsed.data, json), alert: parsed.data };
}

export function entryOf(position: number, alert: AlertRecord, json: string = JSON.stringify(alert)): Entry {
  return {
    position,
    id: alert.alert_id,
    version: alert.version,
    detector: alert.detector,
    level: alert.level,
    raised: alert.state.raised,
    acked: alert.state.acked,
    shelved: alert.state.shelved,
    disposed: alert.state.disposed,
    institution: alert.fixmedins_code,
    grid: alert.grid,
    subjectKind: alert.subject.kind,
    subjectRef: alert.subject.ref,
    eventTime: Date.parse(alert.event_time),
    updatedAt: Date.parse(alert.updated_at),
    amount: fen(alert.amount),
    json,
  };
}

/** Stands, and nobody has taken it up, put it aside or closed it: what the wall calls unacknowledged. */
export function isOpen(entry: Entry): boolean {
  return entry.raised && !entry.acked && !entry.shelved && !entry.disposed;
}

/** Stands and is not closed: open, acknowledged or shelved. */
export function isActive(entry: Entry): boolean {
  return entry.raised && !entry.disposed;
}

/** County or district: the second step of the grid path, or the city where there is no more. */
export function districtOf(entry: Entry): string | null {
  return entry.grid[1] ?? entry.grid[0] ?? null;
}

function fen(amount: string | null): number {
  return amount === null ? 0 : Math.round(Number(amount) * 100);
}
