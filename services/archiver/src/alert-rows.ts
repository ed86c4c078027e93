// The alert log as rows: every transition, and the alert as of its latest.
import { type AlertRecord, parseDecimal } from '@yunjian/contracts';
import { instant, row, type TableRow } from './table-row.ts';

const TRANSITIONS = [
  'alert_id',
  'version',
  'position',
  'detector',
  'institution',
  'level',
  'raised',
  'acked',
  'shelved',
  'disposed',
  'action',
  'updated_at',
  'record',
] as const;
const ALERTS = [
  'alert_id',
  'version',
  'position',
  'detector',
  'institution',
  'level',
  'raised',
  'acked',
  'shelved',
  'disposed',
  'event_time',
  'detected_at',
  'updated_at',
  'amount_fen',
  'record',
] as const;

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
  const updated = instant(Date.parse(alert.updated_at));
  return [
    row('alert_transitions', TRANSITIONS, [...head, transition.action, updated, record]),
    row('alerts', ALERTS, [
      ...head,
      instant(Date.parse(alert.event_time)),
      instant(Date.parse(alert.detected_at)),
      updated,
      alert.amount === null ? null : (parseDecimal(alert.amount, 2) ?? null),
      record,
    ]),
  ];
}
