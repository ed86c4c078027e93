// Records of lane.alert for tests: findings of two processors that send again, operators who are late, ticks, and rubbish.
import { type Command, type Finding, isoShanghai } from '@yunjian/contracts';
import type { Scheduler } from './scheduler.ts';

export const NOON = Date.parse('2026-11-23T12:00:00+08:00');

export function finding(id: string, offset: number, given: Partial<Finding> = {}): Finding {
  return {
    type: 'finding',
    cause: { processor: 'detector', lane: 'institution', partition: 0, offset, index: 0 },
    action: 'raise',
    alert_id: id,
    detector: 'large-amount',
    rule_version: 'r1',
    level: 3,
    fixmedins_code: 'P32110200001',
    grid: ['镇江市', '京口区'],
    subject: { kind: 'settlement', ref: id },
    window: { start: isoShanghai(NOON), end: isoShanghai(NOON) },
    event_time: isoShanghai(NOON),
    amount: '520.00',
    title: { zh: '大额结算', en: 'Large settlement' },
    facts: {},
    evidence: [{ kind: 'settlement', ref: id }],
    reason: 'above the limit',
    ...given,
  };
}

export function command(id: string, version: number, idem: string, given: Partial<Command> = {}): Command {
  return {
    type: 'command',
    idem,
    alert_id: id,
    if_version: version,
    action: 'ack',
    by: '王芳',
    reason: '核实',
    ...given,
  };
}

/** The next record of a random lane. */
export function anyRecord(scheduler: Scheduler, offset: number): unknown {
  const upTo = (limit: number) => scheduler.upTo(limit);
  const chance = (probability: number) => scheduler.chance(probability);
  const id = `a${upTo(6)}`;
  if (chance(0.1)) return { type: 'tick' };
  if (chance(0.03)) return 'no json';
  if (chance(0.3)) {
    const action = (['ack', 'unack', 'assign', 'shelve', 'dispose', 'comment'] as const)[upTo(6)]!;
    const until = isoShanghai(NOON + upTo(100) * 60_000);
    return command(id, 1 + upTo(5), `i${upTo(40)}`, { action, assignee: '李雷', outcome: 'confirmed', until });
  }
  const processor = chance(0.5) ? 'detector' : 'ledger';
  return finding(`${id}`, Math.max(0, offset - upTo(4)), {
    cause: { processor, lane: 'institution', partition: 0, offset: Math.max(0, offset - upTo(4)), index: 0 },
    action: chance(0.25) ? 'withdraw' : 'raise',
    level: (1 + upTo(4)) as 1 | 2 | 3 | 4,
    facts: { n: upTo(3), 读数: [upTo(2)] },
  });
}
