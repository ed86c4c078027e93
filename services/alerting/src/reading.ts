// Reads a record of lane.alert: a finding, a command or a tick, or why it is none of them.
import {
  type CommandReply,
  isoShanghai,
  type LaneAlertRecord,
  laneAlertRecord,
  type RejectedRecord,
} from '@yunjian/contracts';
import type { LaneInput } from './ports.ts';

/** A finding above this would not fit into the alert log with what alerting adds to it (max.message.bytes is 1 MiB). */
const MAX_BYTES = 900 * 1024;
const TICK = '{"type":"tick"}';

export interface Unreadable {
  rejected: RejectedRecord;
  /** To an operator whose command could not be read. */
  reply: CommandReply | null;
}

export type Reading = { record: LaneAlertRecord } | { unreadable: Unreadable };

export function readLane(topic: string, { offset, timestamp, value }: LaneInput): Reading {
  const text = value?.toString('utf8') ?? '';
  if (text === TICK) return { record: { type: 'tick' } };
  const refuse = (issues: RejectedRecord['issues'], reply: CommandReply | null = null): Reading => ({
    unreadable: { rejected: rejectedOf(topic, { offset, timestamp, value }, 'unreadable', issues), reply },
  });
  if (text.length === 0) return refuse([{ path: '', message: 'expected a finding, a command or a tick, got nothing' }]);
  if ((value as Buffer).length > MAX_BYTES)
    return refuse([
      {
        path: '',
        message: `expected at most ${MAX_BYTES} bytes, got ${(value as Buffer).length}: cut the evidence, or list it in a report`,
      },
    ]);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return refuse([{ path: '', message: `expected JSON: ${(error as Error).message}` }]);
  }
  const parsed = laneAlertRecord.safeParse(json);
  if (parsed.success) return { record: parsed.data };
  const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  return refuse(issues, replyTo(json, issues));
}

/** For what was read well and could not be processed: a defect of our own, set aside with its stack. */
export function poisoned(topic: string, input: LaneInput, error: unknown): RejectedRecord {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return rejectedOf(topic, input, 'poison', [{ path: '', message: stack }]);
}

function rejectedOf(
  topic: string,
  { offset, timestamp, value }: LaneInput,
  reason: string,
  issues: RejectedRecord['issues'],
): RejectedRecord {
  return {
    origin: { topic, partition: 0, offset },
    reason,
    issues,
    bytes: (value ?? Buffer.alloc(0)).toString('base64'),
    arrived_at: isoShanghai(timestamp),
  };
}

function replyTo(json: unknown, issues: RejectedRecord['issues']): CommandReply | null {
  const { type, idem, alert_id } = (json ?? {}) as Record<string, unknown>;
  if (type !== 'command' || typeof idem !== 'string') return null;
  const what = issues.map(({ path, message }) => `${path}: ${message}`).join('; ');
  return {
    idem,
    alert_id: typeof alert_id === 'string' ? alert_id : '',
    outcome: 'refused',
    message: `指令格式有误 / the command does not fit: ${what}`,
    alert: null,
  };
}
