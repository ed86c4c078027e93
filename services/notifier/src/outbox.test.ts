// What waits to be told, as the log goes on while nothing can be sent yet.
import type { AlertRecord } from '@yunjian/contracts';
import { describe, expect, test } from 'vitest';
import { Outbox } from './outbox.ts';
import type { Plan } from './plan.ts';
import { noteOf, settledOf } from './settled.ts';
import { NOON, version } from './testing/alerts.ts';

const plan: Plan = {
  channels: [],
  rosters: {},
  routes: [
    { channel: 'mail', levels: [1, 2], to: ['oncall@example.org'] },
    { channel: 'robot', levels: [1] },
  ],
};

function reading(...alerts: AlertRecord[]) {
  const outbox = new Outbox(plan, NOON - 3_600_000);
  let offset = 100;
  const take = (alert: AlertRecord, timestamp = NOON) => outbox.take(alert, { offset: offset++, timestamp });
  for (const alert of alerts) take(alert);
  const waiting = () =>
    ['mail', 'robot'].flatMap((channel) =>
      outbox
        .waitingOn(channel)
        .map(({ notice }) => `${channel} ${notice.kind} ${notice.alert.alert_id}${notice.alert.version}`),
    );
  /** Tells everything that waits. */
  const tell = () => {
    for (const channel of ['mail', 'robot']) for (const entry of outbox.waitingOn(channel)) outbox.settle(entry, true);
  };
  return { outbox, take, waiting, tell, next: () => offset };
}

describe('outbox', () => {
  test('a raised alert waits for every route of its level, others for none', () => {
    const { waiting } = reading(
      version('a', 1, 'raise'),
      version('b', 1, 'raise', { level: 1 }),
      version('c', 1, 'raise', { level: 3 }),
    );
    expect(waiting()).toEqual(['mail raised a1', 'mail raised b1', 'robot raised b1']);
  });

  test('a repeat of a version is passed over', () => {
    const { take, waiting, tell } = reading(version('a', 1, 'raise'));
    tell();
    take(version('a', 1, 'raise'));
    expect(waiting()).toEqual([]);
  });

  test('what is withdrawn before it was told is not told, nor that it was withdrawn', () => {
    expect(reading(version('a', 1, 'raise'), version('a', 2, 'withdraw')).waiting()).toEqual([]);
  });

  test.each(['ack', 'shelve', 'dispose'] as const)(
    'what an operator answered by %s before it was told is not told',
    (action) => {
      const state = { acked: action === 'ack', shelved: action === 'shelve', disposed: action === 'dispose' };
      expect(reading(version('a', 1, 'raise'), version('a', 2, action, { state })).waiting()).toEqual([]);
    },
  );

  test('what was told and is withdrawn gets a follow-up, once', () => {
    const { take, waiting, tell } = reading(version('a', 1, 'raise'));
    tell();
    take(version('a', 2, 'withdraw'));
    expect(waiting()).toEqual(['mail withdrawn a2']);
    tell();
    take(version('a', 3, 'comment', { state: { raised: false } }));
    expect(waiting()).toEqual([]);
    take(version('a', 4, 'raise'));
    expect(waiting()).toEqual(['mail raised a4']);
  });

  test('a withdrawal while the message is on its way is followed up, since it may have arrived', () => {
    const { outbox, take, waiting } = reading(version('a', 1, 'raise'));
    const [entry] = outbox.waitingOn('mail');
    entry!.sending = true;
    take(version('a', 2, 'withdraw'));
    outbox.settle(entry!, true);
    expect(waiting()).toEqual(['mail withdrawn a2']);
  });

  test('an amendment is told only if the message has not left yet, then as the alert is now', () => {
    const { take, waiting, tell } = reading(version('a', 1, 'raise'), version('a', 2, 'amend'));
    expect(waiting()).toEqual(['mail raised a2']);
    tell();
    take(version('a', 3, 'amend'));
    expect(waiting()).toEqual([]);
  });

  test('a graver level and an escalation are news', () => {
    const { take, waiting, tell } = reading(version('a', 1, 'raise', { level: 3 }));
    expect(waiting()).toEqual([]);
    take(version('a', 2, 'amend', { level: 1 }));
    expect(waiting()).toEqual(['mail graver a2', 'robot graver a2']);
    tell();
    take(version('a', 3, 'escalate', { level: 1 }));
    expect(waiting()).toEqual(['mail escalated a3', 'robot escalated a3']);
  });

  test('an alert of which nothing earlier is known is told when it may have become graver, or waits again', () => {
    const { waiting, tell, take } = reading(
      version('graver', 7, 'amend', { level: 1, escalation: 0 }),
      version('shelf-over', 7, 'unshelve'),
      version('taken-back', 7, 'unack'),
      version('later-release', 7, 'reopen' as never),
    );
    const expected = ['graver', 'shelf-over', 'taken-back', 'later-release'].map((id) => `mail waiting ${id}7`);
    expect(waiting()).toEqual([...expected, 'robot waiting graver7']);
    tell();
    take(version('graver', 8, 'amend', { level: 1, escalation: 0 }));
    expect(waiting()).toEqual([]);
  });

  test('an amendment that was escalated before, a comment and an assignment are no news of an unknown alert', () => {
    expect(
      reading(
        version('a', 7, 'amend', { escalation: 1 }),
        version('b', 7, 'comment'),
        version('c', 7, 'assign'),
        version('d', 7, 'amend', { state: { acked: true } }),
      ).waiting(),
    ).toEqual([]);
  });

  test.each([
    ['shelve', 'unshelve'],
    ['ack', 'unack'],
  ] as const)(
    'what nobody was told of before %s is told by %s, and what was told is not told again',
    (aside, again) => {
      const state = { acked: aside === 'ack', shelved: aside === 'shelve' };
      const { take, waiting, tell } = reading(version('a', 1, 'raise'), version('a', 2, aside, { state }));
      expect(waiting()).toEqual([]);
      take(version('a', 3, again));
      expect(waiting()).toEqual(['mail waiting a3']);
      tell();
      take(version('a', 4, aside, { state }));
      take(version('a', 5, again));
      expect(waiting()).toEqual([]);
    },
  );

  test('a later release may raise and withdraw by other words', () => {
    const { take, waiting, tell } = reading(version('a', 1, 'raise'));
    tell();
    take(version('a', 2, 'expire' as never, { state: { raised: false } }));
    expect(waiting()).toEqual(['mail withdrawn a2']);
  });

  test('what somebody else tells now is held no more', () => {
    const { outbox } = reading(version('a', 1, 'raise', { level: 1 }));
    const [entry] = outbox.waitingOn('robot');
    expect(outbox.sizes()).toEqual(
      new Map([
        ['mail', 1],
        ['robot', 1],
      ]),
    );
    outbox.abandon();
    expect([outbox.holds(entry!), outbox.size]).toEqual([false, 0]);
  });

  test('the offset moves only past what is settled', () => {
    const { outbox, take, next } = reading(version('x', 1, 'raise', { level: 4 }), version('a', 1, 'raise'));
    take(version('b', 1, 'raise'));
    take(version('a', 2, 'amend'));
    expect(outbox.committable(next())).toBe(101);
    outbox.settle(outbox.waitingOn('mail').find(({ notice }) => notice.alert.alert_id === 'a')!, true);
    expect(outbox.committable(next())).toBe(102);
    outbox.settle(outbox.waitingOn('mail')[0]!, true);
    expect(outbox.committable(next())).toBe(104);
  });

  test('a channel that an earlier run had brought further tells nothing again, the others what they had not', () => {
    const told = new Outbox(plan, 0);
    const raise = (box: Outbox, offset: number) =>
      box.take(version(`a${offset}`, 1, 'raise', { level: 1 }), { offset, timestamp: NOON });
    for (let offset = 0; offset < 5; offset++) raise(told, offset);
    for (const entry of told.waitingOn('mail').slice(0, 3)) told.settle(entry, true);
    const settled = told.settledTo(5);
    expect(settled).toEqual(
      new Map([
        ['mail', 3],
        ['robot', 0],
      ]),
    );
    const again = new Outbox(plan, 0, settledOf({ note: noteOf(settled, 0), offset: 0 }, 5));
    raise(again, 0);
    again.readTo(1);
    expect([again.waitingOn('mail'), again.sizes().get('mail'), again.committable(1)]).toEqual([[], 0, 0]);
    expect(again.settledTo(1).get('mail')).toBe(3);
    for (let offset = 1; offset < 5; offset++) raise(again, offset);
    const waiting = (channel: string) => again.waitingOn(channel).map(({ notice }) => notice.alert.alert_id);
    expect([waiting('mail'), waiting('robot')]).toEqual([
      ['a3', 'a4'],
      ['a0', 'a1', 'a2', 'a3', 'a4'],
    ]);
    again.take(version('a1', 2, 'withdraw', { level: 1 }), { offset: 5, timestamp: NOON });
    expect(again.waitingOn('mail').map(({ notice }) => notice.kind)).toEqual(['raised', 'raised', 'withdrawn']);
  });

  test('how far channels are is said briefly, or not at all', () => {
    const further = new Map([
      ['mail', 7],
      ['robot', 3],
    ]);
    expect(noteOf(further, 3)).toBe('{"mail":7}');
    expect(noteOf(further, 7)).toBe('');
    expect(noteOf(new Map([['m'.repeat(5_000), 7]]), 3)).toBe('');
    expect(settledOf({ note: '{"mail":7}', offset: 3 }, 7)).toEqual(new Map([['mail', 7]]));
    for (const note of ['', '{"mail":8}', '{"mail":3}', '{"mail":-1}', '[7]', 'mail'])
      expect(settledOf({ note, offset: 3 }, 7), note).toEqual(new Map());
  });

  test('what was appended before the horizon is backlog until there is news of it', () => {
    const { outbox, take } = reading();
    take(version('a', 1, 'raise'), NOON - 7_200_000);
    take(version('b', 1, 'raise'), NOON - 7_200_000);
    take(version('a', 2, 'amend'));
    take(version('b', 2, 'escalate'));
    expect(outbox.waitingOn('mail').map(({ backlog }) => backlog)).toEqual([true, false]);
  });
});
