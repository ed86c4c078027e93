// Records of a lane, readable: what each is, when it happened and arrived, where it came from, and what it says.
import { decodeLane, isoShanghai, type LaneAlertRecord, type LaneEvent, type Mark } from '@yunjian/contracts';
import { readRange } from '@yunjian/kafka';
import { type Ground, partitionOf, partitionsOf } from './ground.ts';
import type { InspectQuestion } from './options.ts';
import { clock, count, table } from './table.ts';

const SHOWN = new Set(['kind', 'arrival', 'origin', 'eventTime', 'institution', 'document', 'content', 'cold']);

export async function describeLane(
  ground: Ground,
  { lane, partition, from, last }: Extract<InspectQuestion, { what: 'lane' }>,
): Promise<string> {
  const { names, settings } = ground;
  const topic = lane === 'alert' ? names.laneAlert : names.lane(lane);
  const { low, next } = partitionOf(await partitionsOf(ground, topic), partition, topic);
  const begin = Math.max(low, from ?? next - last);
  const end = Math.min(next, begin + last);
  const rows: string[][] = [];
  const describe = lane === 'alert' ? alertLaneRow : laneRow;
  if (begin < end)
    await readRange(settings, topic, partition, begin, end, ({ offset, timestamp, value }) => {
      rows.push([String(offset), clock(timestamp), ...(value === null ? ['empty'] : readable(describe, value))]);
    });
  const title = `${topic}/${partition}: offsets ${count(low)} to ${count(next)} (next)`;
  if (rows.length === 0) return `${title}\n\nNo record from ${count(begin)} on.`;
  const head = lane === 'alert' ? ['offset', 'written', 'type', 'says'] : LANE_HEAD;
  return `${title}\n\n${table(head, rows)}`;
}

const LANE_HEAD = ['offset', 'written', 'kind', 'event time', 'institution', 'origin', 'says'];

function readable(describe: (value: Buffer) => string[], value: Buffer): string[] {
  try {
    return describe(value);
  } catch (error) {
    return ['unreadable', (error as Error).message];
  }
}

function laneRow(value: Buffer): string[] {
  const record = decodeLane(value);
  if (record.kind === 'mark') return ['mark', '', '', '', markText(record)];
  if (record.kind === 'ruleChange') return ['ruleChange', '', '', '', record.ruleVersion];
  const { feed, partition, offset, index } = record.origin;
  return [
    record.kind,
    clock(record.eventTime),
    record.institution,
    `${feed}/${partition}@${offset}${index === 0 ? '' : `.${index}`}`,
    ownFields(record),
  ];
}

/** The fields of its kind; what is empty is left out. */
export function ownFields(event: LaneEvent): string {
  return Object.entries(event)
    .filter(([field, value]) => !SHOWN.has(field) && value !== null && value !== undefined)
    .map(([field, value]) => `${field}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(' ');
}

function markText({ entries }: Mark): string {
  return entries
    .map(({ feed, partition, next, arrival }) => `${feed}/${partition}→${next} ${isoShanghai(arrival).slice(11, 23)}`)
    .join(', ');
}

function alertLaneRow(value: Buffer): string[] {
  const record = JSON.parse(value.toString('utf8')) as LaneAlertRecord;
  switch (record.type) {
    case 'finding': {
      const { cause, action, alert_id, detector, level, subject, fixmedins_code } = record;
      const about = `${subject.kind} ${fixmedins_code ?? ''}/${subject.ref}`;
      return [
        'finding',
        `${action} ${detector} L${level} ${about} alert=${alert_id} cause=${cause.processor}:${cause.lane}/${cause.partition}@${cause.offset}.${cause.index}`,
      ];
    }
    case 'command':
      return ['command', `${record.action} alert=${record.alert_id} if_version=${record.if_version} by=${record.by}`];
    default:
      return [record.type, ''];
  }
}
