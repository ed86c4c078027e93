// A small world for tests of alerting: findings, commands and ticks on a lane whose time the test moves.
import type { AlertRecord, Command, CommandReply, Finding, LaneAlertRecord } from '@yunjian/contracts';
import { isoShanghai } from '@yunjian/contracts';
import { createAlerting, type Decision } from './alerting.ts';
import { memoryTables } from './tables.ts';

export const NOON = Date.parse('2026-11-23T12:00:00+08:00');
export const MINUTE = 60_000;

export interface Said extends Partial<Finding> {
  /** Position of its cause in the processor's lane. */
  at?: [offset: number, index?: number];
}

export function finding({ at, ...given }: Said = {}): Finding {
  return {
    type: 'finding',
    cause: { processor: 'detector', lane: 'institution', partition: 0, offset: at?.[0] ?? 0, index: at?.[1] ?? 0 },
    action: 'raise',
    alert_id: 'a',
    detector: 'identity-check-missing',
    rule_version: 'r1',
    level: 2,
    fixmedins_code: 'P32110200001',
    grid: ['镇江市', '京口区'],
    subject: { kind: 'settlement', ref: 'S1' },
    window: { start: isoShanghai(NOON - 10 * MINUTE), end: isoShanghai(NOON) },
    event_time: isoShanghai(NOON),
    amount: '120.50',
    title: { zh: '未核验身份结算', en: 'Settled without an identity check' },
    facts: { terminal: 'T1', checks: [] },
    evidence: [{ kind: 'settlement', ref: 'S1' }],
    reason: 'no check in the window',
    ...given,
  };
}

export function command(given: Partial<Command> & Pick<Command, 'action'>): Command {
  return {
    type: 'command',
    idem: `${given.action}-${given.alert_id ?? 'a'}-${given.if_version ?? 1}`,
    alert_id: 'a',
    if_version: 1,
    by: '王芳',
    reason: '',
    ...given,
  };
}

/** A lane that is written and decided at once. */
export function world(tables = memoryTables()) {
  const alerting = createAlerting(tables);
  const lane: { record: LaneAlertRecord; offset: number; timestamp: number }[] = [];
  const log: AlertRecord[] = [];
  let now = NOON;
  const take = (record: LaneAlertRecord): Decision => {
    const entry = { record, offset: lane.length, timestamp: now };
    lane.push(entry);
    const decision = alerting.step(record, entry);
    log.push(...decision.log);
    return decision;
  };
  return {
    alerting,
    lane,
    log,
    take,
    /** Takes a command; returns its one reply. */
    order: (given: Parameters<typeof command>[0]): CommandReply => take(command(given)).replies[0] as CommandReply,
    /** Lets time pass, then ticks. */
    after: (ms: number): AlertRecord[] => {
      now += ms;
      return take({ type: 'tick' }).log;
    },
    latest: (id = 'a'): AlertRecord => alerting.get(id) as AlertRecord,
  };
}
