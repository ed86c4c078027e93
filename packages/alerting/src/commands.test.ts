// Operators' commands: what they do, when they are refused, and that one is never done twice.
import { isoShanghai } from '@yunjian/contracts';
import { describe, expect, test } from 'vitest';
import { memoryTables } from './tables.ts';
import { finding, MINUTE, NOON, world } from './testing.ts';

const HOUR = 60 * MINUTE;

function raised(level: 1 | 2 | 3 | 4 = 2) {
  const made = world();
  made.take(finding({ at: [1], level }));
  return made;
}

describe('a command', () => {
  test('is done with who and why, and answered with the alert', () => {
    const { order, log } = raised();
    const reply = order({ action: 'ack', reason: '已派人核查' });
    expect(reply).toMatchObject({ outcome: 'done', message: '', alert: { version: 2, state: { acked: true } } });
    expect(log.at(-1)).toEqual(reply.alert);
    expect(log.at(-1)?.transition).toEqual({ action: 'ack', by: '王芳', reason: '已派人核查' });
  });

  test('meant for another version is a conflict that shows the alert', () => {
    const { order, take, log } = raised();
    take(finding({ at: [2], facts: {} }));
    expect(order({ action: 'ack' })).toMatchObject({ outcome: 'version_conflict', alert: { version: 2 } });
    expect(log).toHaveLength(2);
  });

  test('on an alert that does not exist says so', () => {
    expect(raised().order({ action: 'ack', alert_id: 'nobody' })).toMatchObject({
      outcome: 'unknown_alert',
      alert: null,
      message: expect.stringContaining('nobody'),
    });
  });

  test('that comes again under its idem gets its outcome again and changes nothing', () => {
    const { order, take, log } = raised();
    const first = order({ action: 'ack', idem: 'i1' });
    take(finding({ at: [2], facts: {} }));
    expect(order({ action: 'ack', idem: 'i1' })).toMatchObject({ outcome: first.outcome, alert: { version: 3 } });
    const refused = order({ action: 'ack', idem: 'i2', if_version: 3 });
    expect(refused.outcome).toBe('refused');
    expect(order({ action: 'ack', idem: 'i2', if_version: 3 })).toEqual(refused);
    expect(log).toHaveLength(3);
  });

  test('that is remembered for a day of the clock', () => {
    const { order, after } = raised();
    order({ action: 'comment', reason: '一', idem: 'i1' });
    after(24 * HOUR);
    expect(order({ action: 'comment', reason: '一', idem: 'i1' }).alert?.version).toBe(3);
    after(MINUTE);
    expect(order({ action: 'comment', reason: '一', idem: 'i1' }).outcome).toBe('version_conflict');
  });

  test('under the idem of another one is refused', () => {
    const { order, log } = raised();
    order({ action: 'comment', reason: '一', idem: 'i1' });
    expect(order({ action: 'ack', if_version: 2, idem: 'i1' })).toMatchObject({ outcome: 'refused', alert: null });
    expect(log).toHaveLength(2);
  });

  test.each([
    ['to another assignee', { action: 'assign', assignee: '李雷' }, { assignee: '韩梅梅' }],
    ['with another outcome', { action: 'dispose', outcome: 'confirmed', reason: '属实' }, { outcome: 'unfounded' }],
    ['with another reason', { action: 'comment', reason: '一' }, { reason: '二' }],
    [
      'until another time',
      { action: 'shelve', until: '2026-11-24T12:00:00+08:00' },
      { until: '2026-11-25T12:00:00+08:00' },
    ],
  ] as const)('under the idem of the same one %s is refused, and the repeat is still a repeat', (_, first, other) => {
    const { order, log } = raised();
    expect(order({ ...first, idem: 'i1' }).outcome).toBe('done');
    expect(order({ ...first, ...other, idem: 'i1' })).toMatchObject({ outcome: 'refused', alert: null });
    expect(order({ ...first, idem: 'i1' })).toMatchObject({ outcome: 'done', alert: { version: 2 } });
    expect(log).toHaveLength(2);
  });

  test('that an earlier release remembered without its words is still a repeat', () => {
    const tables = memoryTables();
    const { order } = world(tables);
    const row = { outcome: 'done', message: '', asked: JSON.stringify(['a', 'comment', '王芳', 1]), at: NOON };
    tables.table('outcomes').set('i1', row);
    expect(order({ action: 'comment', reason: '一', idem: 'i1' }).outcome).toBe('done');
  });

  test.each([
    { action: 'ack' as const, after: ['ack' as const], because: 'acknowledged already' },
    { action: 'unack' as const, after: [], because: 'not acknowledged' },
    { action: 'unshelve' as const, after: [], because: 'not shelved' },
    { action: 'dispose' as const, after: [], because: 'reason is missing' },
    { action: 'comment' as const, after: [], because: 'reason is missing' },
    { action: 'ack' as const, after: ['withdraw' as const], because: 'withdrawn' },
    { action: 'shelve' as const, after: ['withdraw' as const], because: 'withdrawn' },
    { action: 'escalate' as const, after: ['withdraw' as const], because: 'withdrawn' },
    { action: 'ack' as const, after: ['dispose' as const], because: 'disposed' },
    { action: 'assign' as const, after: ['dispose' as const], because: 'disposed' },
    { action: 'dispose' as const, after: ['dispose' as const], because: 'disposed' },
  ])('$action after $after is refused: $because', ({ action, after, because }) => {
    const { order, take, log } = raised();
    for (const before of after)
      if (before === 'withdraw') take(finding({ at: [2], action: 'withdraw' }));
      else order({ action: before, outcome: 'confirmed', reason: '属实' });
    const length = log.length;
    expect(order({ action, if_version: length, idem: 'last' })).toMatchObject({
      outcome: 'refused',
      message: expect.stringMatching(new RegExp(`^\\p{Script=Han}.* / .*${because}`, 'u')),
      alert: null,
    });
    expect(log).toHaveLength(length);
  });

  test('that says no more than who and why is done: taken over, out of sight for a shift, handled', () => {
    expect(raised().order({ action: 'assign' }).alert).toMatchObject({ assignee: '王芳' });
    expect(raised().order({ action: 'shelve' }).alert).toMatchObject({
      state: { shelved: true },
      shelved_until: isoShanghai(NOON + 8 * HOUR),
    });
    expect(raised().order({ action: 'dispose', reason: '已处理' }).alert).toMatchObject({
      state: { disposed: true },
      disposal: 'handled',
    });
  });

  test('to take over what is one’s own already is refused', () => {
    const { order } = raised();
    order({ action: 'assign' });
    expect(order({ action: 'assign', if_version: 2 })).toMatchObject({ outcome: 'refused' });
  });

  test('a disposal needs a reason, whatever its outcome', () => {
    const { order } = raised();
    expect(order({ action: 'dispose', outcome: 'confirmed', reason: '  ' }).message).toContain('reason is missing');
    expect(order({ action: 'dispose', outcome: 'confirmed', reason: '属实', idem: 'x' }).alert).toMatchObject({
      state: { disposed: true },
      disposal: 'confirmed',
    });
  });

  test('an operator is never called system', () => {
    expect(raised().order({ action: 'ack', by: 'system' }).outcome).toBe('refused');
  });

  test.each(['2026-11-23T12:00:00+08:00', '2026-12-23T12:00:00+08:00'])('a shelf until %s is refused', (until) => {
    expect(raised().order({ action: 'shelve', until })).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining(until),
    });
  });
});

describe('ticks', () => {
  test('bring a shelved alert back when its time has come, exactly then', () => {
    const { order, after } = raised(3);
    order({ action: 'shelve', until: '2026-11-23T12:10:00+08:00' });
    expect(after(10 * MINUTE - 1)).toEqual([]);
    expect(after(1)).toMatchObject([
      { version: 3, state: { shelved: false }, shelved_until: null, transition: { action: 'unshelve', by: 'system' } },
    ]);
  });

  test('escalate once what nobody acknowledged: red after 15 minutes, orange after 60, the others never', () => {
    const { take, after } = world();
    for (const level of [1, 2, 3, 4] as const) take(finding({ at: [1, level], alert_id: `a${level}`, level }));
    expect(after(15 * MINUTE - 1)).toEqual([]);
    expect(after(1)).toMatchObject([
      { alert_id: 'a1', escalation: 1, transition: { action: 'escalate', by: 'system' } },
    ]);
    expect(after(45 * MINUTE)).toMatchObject([{ alert_id: 'a2', escalation: 1 }]);
    expect(after(48 * HOUR)).toEqual([]);
  });

  test.each(['ack', 'dispose', 'shelve'] as const)('do not escalate what was answered by %s', (action) => {
    const { order, after } = raised(1);
    order({ action, outcome: 'confirmed', reason: '属实', until: '2026-11-23T14:00:00+08:00' });
    expect(after(HOUR)).toEqual([]);
  });

  test('count the patience anew after a taken-back acknowledgement and after a graver level', () => {
    const { order, after, take } = raised(1);
    order({ action: 'ack' });
    after(20 * MINUTE);
    order({ action: 'unack', if_version: 2 });
    expect(after(14 * MINUTE)).toEqual([]);
    expect(after(MINUTE)).toHaveLength(1);
    take(finding({ alert_id: 'b', at: [2], level: 2 }));
    after(50 * MINUTE);
    take(finding({ alert_id: 'b', at: [3], level: 1 }));
    expect(after(10 * MINUTE)).toEqual([]);
    expect(after(5 * MINUTE)).toMatchObject([{ alert_id: 'b', escalation: 1 }]);
  });

  test('an operator may escalate at once; then the clock does not do it again', () => {
    const { order, after } = raised(1);
    expect(order({ action: 'escalate', reason: '金额大' }).alert?.escalation).toBe(1);
    expect(after(HOUR)).toEqual([]);
  });
});
