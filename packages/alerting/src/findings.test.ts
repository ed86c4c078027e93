// Findings: what raises, amends, withdraws, and what writes nothing.
import { describe, expect, test } from 'vitest';
import { finding, MINUTE, world } from './testing.ts';

describe('a finding', () => {
  test('raises version 1 with the time of its record', () => {
    const { take, log } = world();
    take(finding());
    expect(log).toHaveLength(1);
    expect(log[0]).toMatchObject({
      alert_id: 'a',
      version: 1,
      state: { raised: true, acked: false, shelved: false, disposed: false },
      detected_at: '2026-11-23T12:00:00+08:00',
      updated_at: '2026-11-23T12:00:00+08:00',
      transition: { action: 'raise', by: 'system', reason: 'no check in the window' },
    });
    expect(log[0]).not.toHaveProperty('cause');
  });

  test('that repeats what stands writes nothing, whatever the order of its keys', () => {
    const { take, log } = world();
    take(finding({ at: [1], facts: { a: 1, b: { c: [1, 2], d: null } } }));
    expect(take(finding({ at: [2], facts: { b: { d: null, c: [1, 2] }, a: 1 } })).verdict).toBe('unchanged');
    expect(log).toHaveLength(1);
  });

  test.each([
    { level: 3 as const },
    { facts: { terminal: 'T2' } },
    { evidence: [] },
    { title: { zh: '改', en: 'changed' } },
    { amount: '99.00' },
    { window: { start: '2026-11-23T11:00:00+08:00', end: '2026-11-23T12:00:00+08:00' } },
    { event_time: '2026-11-23T11:59:59+08:00' },
    { rule_version: 'r2' },
    { grid: [] },
    { fixmedins_code: 'P32110200002' },
  ])('that differs in %j amends and keeps detected_at', (difference) => {
    const { take, log, after } = world();
    take(finding({ at: [1] }));
    after(MINUTE);
    take(finding({ at: [2], ...difference, reason: 'seen again' }));
    expect(log[1]).toMatchObject({
      version: 2,
      detected_at: '2026-11-23T12:00:00+08:00',
      updated_at: '2026-11-23T12:01:00+08:00',
      transition: { action: 'amend', by: 'system', reason: 'seen again' },
      ...difference,
    });
  });

  test('withdraws with what excused it, and the alert is kept', () => {
    const { take, latest } = world();
    take(finding({ at: [1] }));
    take(finding({ at: [2], action: 'withdraw', facts: { check: 'C9' }, reason: 'a late check' }));
    expect(latest()).toMatchObject({ version: 2, state: { raised: false }, facts: { check: 'C9' } });
    expect(latest().transition.action).toBe('withdraw');
  });

  test('that withdraws what never stood, or is withdrawn already, writes nothing', () => {
    const { take, log } = world();
    expect(take(finding({ at: [1], action: 'withdraw' })).verdict).toBe('unchanged');
    take(finding({ at: [2] }));
    take(finding({ at: [3], action: 'withdraw' }));
    expect(take(finding({ at: [4], action: 'withdraw', facts: {} })).verdict).toBe('unchanged');
    expect(log.map(({ version }) => version)).toEqual([1, 2]);
  });

  test('raises again under the same id with a new version and its first detected_at', () => {
    const { take, log, after } = world();
    take(finding({ at: [1] }));
    take(finding({ at: [2], action: 'withdraw' }));
    after(MINUTE);
    take(finding({ at: [3] }));
    expect(log[2]).toMatchObject({
      version: 3,
      state: { raised: true },
      detected_at: '2026-11-23T12:00:00+08:00',
      transition: { action: 'raise' },
    });
  });

  test('whose cause is not above the last of that processor, lane and partition is dropped', () => {
    const { take, log } = world();
    take(finding({ at: [5, 1] }));
    expect(take(finding({ at: [5, 1], level: 1 })).verdict).toBe('dropped');
    expect(take(finding({ at: [5, 0], level: 1 })).verdict).toBe('dropped');
    expect(take(finding({ at: [4, 9], level: 1 })).verdict).toBe('dropped');
    expect(take(finding({ at: [5, 2], level: 1 })).verdict).toBe('taken');
    const other = finding({ alert_id: 'b', at: [0, 0] });
    for (const cause of [
      { ...other.cause, partition: 1 },
      { ...other.cause, lane: 'code' },
      { ...other.cause, processor: 'ledger' },
    ])
      expect(take({ ...other, cause }).verdict).not.toBe('dropped');
    expect(log.map(({ alert_id, version }) => `${alert_id}${version}`)).toEqual(['a1', 'a2', 'b1']);
  });

  test('an offset of the lane that was read before does nothing', () => {
    const { take, lane, alerting } = world();
    take(finding({ at: [1] }));
    const [first] = lane;
    expect(alerting.step(finding({ at: [2], level: 1 }), first!)).toEqual({
      log: [],
      replies: [],
      verdict: 'repeated',
    });
  });

  test('facts of inhibition pass through: both alerts are in the log', () => {
    const { take, log } = world();
    take(finding({ at: [1, 0], alert_id: 'mismatch', detector: 'identity-mismatch', level: 1 }));
    take(finding({ at: [1, 1], alert_id: 'missing', facts: { under: 'mismatch' } }));
    expect(log.map(({ alert_id, facts }) => [alert_id, facts.under])).toEqual([
      ['mismatch', undefined],
      ['missing', 'mismatch'],
    ]);
  });
});

describe('what operators said', () => {
  test('survives an amendment that is not graver', () => {
    const { take, order, latest } = world();
    take(finding({ at: [1] }));
    order({ action: 'assign', assignee: '李雷' });
    order({ action: 'ack', if_version: 2 });
    take(finding({ at: [2], level: 3, facts: { milder: true } }));
    expect(latest()).toMatchObject({ version: 4, state: { acked: true }, assignee: '李雷' });
    take(finding({ at: [3], level: 3, facts: { milder: true, more: 1 } }));
    expect(latest().state.acked).toBe(true);
  });

  test('is asked for again by a graver level and by a second raise; the assignee stays', () => {
    const { take, order, latest } = world();
    take(finding({ at: [1] }));
    order({ action: 'assign', assignee: '李雷' });
    order({ action: 'ack', if_version: 2 });
    take(finding({ at: [2], level: 1 }));
    expect(latest()).toMatchObject({ state: { acked: false }, transition: { action: 'amend' }, assignee: '李雷' });
    order({ action: 'ack', if_version: 4 });
    take(finding({ at: [3], action: 'withdraw', level: 1 }));
    expect(latest().state).toMatchObject({ raised: false, acked: true });
    take(finding({ at: [4], level: 1 }));
    expect(latest().state).toMatchObject({ raised: true, acked: false });
  });

  test('a disposed alert opens again when it becomes graver or is raised anew, not on a lesser amendment', () => {
    const { take, order, latest } = world();
    take(finding({ at: [1] }));
    order({ action: 'dispose', outcome: 'unfounded', reason: '家属代取' });
    take(finding({ at: [2], facts: { more: 1 } }));
    expect(latest()).toMatchObject({ state: { disposed: true }, disposal: 'unfounded' });
    take(finding({ at: [3], level: 1 }));
    expect(latest()).toMatchObject({ state: { disposed: false, acked: false }, disposal: null });
    order({ action: 'dispose', outcome: 'confirmed', reason: '属实', if_version: 4 });
    take(finding({ at: [4], level: 1, action: 'withdraw' }));
    expect(latest().state).toMatchObject({ raised: false, disposed: true });
    take(finding({ at: [5], level: 1 }));
    expect(latest()).toMatchObject({ state: { raised: true, disposed: false }, disposal: null });
  });

  test('a shelf outlasts an alert that comes and goes, not one that becomes graver', () => {
    const { take, order, latest } = world();
    take(finding({ at: [1] }));
    order({ action: 'shelve', until: '2026-11-23T14:00:00+08:00' });
    take(finding({ at: [2], action: 'withdraw' }));
    take(finding({ at: [3] }));
    expect(latest()).toMatchObject({
      state: { raised: true, shelved: true },
      shelved_until: '2026-11-23T14:00:00+08:00',
    });
    take(finding({ at: [4], level: 1 }));
    expect(latest()).toMatchObject({ state: { shelved: false }, shelved_until: null });
  });
});
