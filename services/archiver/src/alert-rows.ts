// The alert log as rows: every transition, and the alert as of its latest.
import { type AlertRecord, parseDecimal } from '@yunjian/contracts';
import { row, type TableRow } from './table-row.ts';
import { ALERT_TRANSITIONS, ALERTS } from './tables.ts';

/** The transition and the alert as of it. @param position offset in the alert log */
export function alertRows(alert: AlertRecord, position: number): TableRow[] {
  const { alert_id, version, detector, fixmedins_code, level, state, transition } = alert;
  const head = [
    alert_id,
    version,
    position,
    detector,
    fixmedins_code,
    level,
    state.raised,
    state.acked,
    state.shelved,
    state.disposed,
  ];
  const record = JSON.stringify(alert);
  const updated = Date.parse(alert.updated_at);
  const amount = alert.amount === null ? null : (parseDecimal(alert.amount, 2) ?? null);
  const times = [Date.parse(alert.event_time), Date.parse(alert.detected_at), updated];
  return [
    row(ALERT_TRANSITIONS, [...head, transition.action, updated, record]),
    row(ALERTS, [...head, ...times, amount, record]),
  ];
}
