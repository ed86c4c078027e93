// Which rows a record of the log makes.
import {
  type AlertRecord,
  decodeLane,
  isMarkValue,
  type Pseudonymiser,
  type RejectedRecord,
  type TopicNames,
  type YunjianEvent,
} from '@yunjian/contracts';
import type { LogRecord } from '@yunjian/kafka';
import { alertRows } from './alert-rows.ts';
import { eventRow } from './event-rows.ts';
import { rejectedRow } from './rejected-row.ts';
import type { TableRow } from './table-row.ts';

/** @throws when the record is not what its topic holds. */
export function rowsOf(
  { topic, value, offset }: Pick<LogRecord, 'topic' | 'value' | 'offset'>,
  names: TopicNames,
  pseudonymiser: Pseudonymiser,
): TableRow[] {
  if (value === null) return [];
  if (topic === names.alertLog) return alertRows(JSON.parse(value.toString()) as AlertRecord, offset);
  if (topic === names.rejected)
    return [rejectedRow(JSON.parse(value.toString()) as RejectedRecord, offset, pseudonymiser)];
  if (isMarkValue(value)) return [];
  const event = decodeLane(value);
  return event.kind === 'ruleChange' ? [] : [eventRow(event as YunjianEvent)];
}
