// E-mail to several addresses through a real mail server that takes some of them.
import { isoShanghai } from '@yunjian/contracts';
import { afterEach, describe, expect, test } from 'vitest';
import { smtpTransport } from '../../services/notifier/src/channels/smtp.ts';
import { Outbox } from '../../services/notifier/src/outbox.ts';
import type { Plan } from '../../services/notifier/src/plan.ts';
import { Sender } from '../../services/notifier/src/sender.ts';
import { NOON, version } from '../../services/notifier/src/testing/alerts.ts';
import { startMailbox } from './mailbox.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

/** A sender to a mail server that gives these answers to addresses, with a clock to move. */
async function mailing(plan: Plan, answers: Record<string, string>) {
  const box = await startMailbox(0, answers);
  const transport = smtpTransport(box.url, 'yunjian@example.org');
  undo.push(
    () => box.close(),
    () => transport.close(),
  );
  const world = { at: NOON - 60_000 };
  const said: string[] = [];
  const sender = new Sender({
    channel: { name: 'mail', type: 'smtp', perMinute: 60 },
    transport,
    plan,
    wall: 'https://wall.example',
    backlogHours: 24,
    now: () => world.at,
    outcome: (_, kind, outcome, reason) => void said.push([kind, outcome, reason].filter(Boolean).join(' ')),
  });
  world.at = NOON;
  const outbox = new Outbox(plan, 0);
  let offset = 0;
  const take = (...given: Parameters<typeof version>) =>
    outbox.take(version(...given), { offset: offset++, timestamp: NOON });
  const after = async (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      world.at += 1_000;
      await sender.run(outbox, true);
    }
  };
  const told = () => box.mails.map(({ to, subject }) => `${subject.slice(1, 4)} ${to.join()}`);
  return { world, sender, outbox, take, after, told, said };
}

const to = (...addresses: string[]): Plan => ({
  channels: [],
  rosters: {},
  routes: [{ channel: 'mail', levels: [1, 2], to: addresses }],
});
const ANN = 'ann@example.org';
const BOB = 'Bob <bob@example.org>';

describe('a mail server that takes a message for some', () => {
  test('greylisting: the others have it once, that address when it is taken', async () => {
    const answers: Record<string, string> = { 'bob@example.org': '451 4.7.1 <bob@example.org> greylisted, come again' };
    const { sender, outbox, take, after, told, said } = await mailing(to(ANN, BOB), answers);
    take('a', 1, 'raise');
    await after(10);
    expect(told()).toEqual(['新预警 ann@example.org']);
    expect(sender.trouble).toBe(
      'routes.0, address 2 of 2: the mail server answered 451 4.7.1 <…> greylisted, come again',
    );
    expect(outbox.size).toBe(1);
    take('b', 1, 'raise');
    await after(1);
    expect(told()[1]).toMatch(/新预警 ann@example.org/);
    delete answers['bob@example.org'];
    await after(60);
    expect(outbox.size).toBe(0);
    expect(told().slice(2)).toEqual(['新预警 bob@example.org', '新预警 bob@example.org']);
    expect(sender.trouble).toBeNull();
    expect(said.join()).not.toContain('bob@');
  });

  test('an address that does not exist is reported and not tried again; whoever was told hears of a withdrawal', async () => {
    const { sender, outbox, take, after, told, said } = await mailing(to(ANN, BOB), {
      'bob@example.org': '550 5.1.1 no such user',
    });
    take('a', 1, 'raise');
    await after(100);
    expect(told()).toEqual(['新预警 ann@example.org']);
    expect(said).toEqual([
      'raised refused routes.0, address 2 of 2: the mail server answered 550 5.1.1 no such user',
      'raised sent',
    ]);
    expect([outbox.size, sender.trouble]).toEqual([0, said[0]?.slice('raised refused '.length)]);
    take('a', 2, 'withdraw');
    await after(1);
    expect(told()[1]).toBe('预警已 ann@example.org');
  });

  test.each(['554 5.7.1 relay access denied', '550 5.7.1 relaying denied', '452 4.2.2 mailbox full'])(
    'what %s says of everybody waits',
    async (answer) => {
      const answers: Record<string, string> = { 'ann@example.org': answer, 'bob@example.org': answer };
      const { sender, outbox, take, after, told } = await mailing(to(ANN, BOB), answers);
      take('a', 1, 'raise');
      await after(30);
      expect([told(), outbox.size]).toEqual([[], 1]);
      expect(sender.trouble).toContain(answer.slice(4));
      for (const address of Object.keys(answers)) delete answers[address];
      await after(60);
      expect(told()).toEqual(['新预警 ann@example.org,bob@example.org']);
      expect([outbox.size, sender.trouble]).toEqual([0, null]);
    },
  );

  test.each([
    ['MAIL', '550 5.1.0 <yunjian@example.org> may not send'],
    ['DATA', '554 5.7.1 looks like spam'],
  ])('what it answers to %s waits: %s', async (command, answer) => {
    const answers: Record<string, string> = { [command]: answer };
    const { sender, outbox, take, after, told } = await mailing(to(ANN, BOB), answers);
    take('a', 1, 'raise');
    await after(10);
    expect([told(), outbox.size]).toEqual([[], 1]);
    expect(sender.trouble).toBe(`the mail server answered ${answer.replace('yunjian@example.org', '…')}`);
    delete answers[command];
    await after(60);
    expect([told(), outbox.size, sender.trouble]).toEqual([['新预警 ann@example.org,bob@example.org'], 0, null]);
  });

  test('a message that is too large for it is given up', async () => {
    const { sender, outbox, take, after, said } = await mailing(to(ANN), { DATA: '552 5.3.4 too large' });
    take('a', 1, 'raise');
    await after(10);
    expect(said).toEqual(['raised refused routes.0: the mail server answered 552 5.3.4 too large']);
    expect([outbox.size, sender.trouble]).toEqual([0, 'routes.0: the mail server answered 552 5.3.4 too large']);
  });

  test('news while one address waits goes to all, as news', async () => {
    const answers: Record<string, string> = { 'bob@example.org': '451 4.7.1 come again' };
    const { outbox, take, after, told } = await mailing(to(ANN, BOB), answers);
    take('a', 1, 'raise');
    await after(5);
    take('a', 2, 'amend', { level: 1 });
    delete answers['bob@example.org'];
    await after(60);
    expect(told()).toEqual(['新预警 ann@example.org', '预警升 ann@example.org', '预警升 bob@example.org']);
    expect(outbox.size).toBe(0);
  });

  test('while nobody is on duty that is trouble, until the next shift is told', async () => {
    const begin = isoShanghai(NOON + 60_000).slice(11, 16);
    const plan: Plan = {
      channels: [],
      rosters: { oncall: [{ days: ['mon'], from: begin, until: '24:00', to: [ANN] }] },
      routes: [{ channel: 'mail', levels: [1, 2], roster: 'oncall' }],
    };
    const { sender, outbox, take, after, told } = await mailing(plan, {});
    await after(1);
    expect(sender.trouble).toBeNull();
    take('a', 1, 'raise');
    await after(10);
    expect(sender.trouble).toBe('routes.0, roster oncall: nobody is on duty, alerts that wait: 1');
    await after(60);
    expect([told(), outbox.size, sender.trouble]).toEqual([['新预警 ann@example.org'], 0, null]);
  });

  test('a roster whose one on duty has no mailbox waits for the next', async () => {
    const hour = (ms: number) => isoShanghai(NOON + ms).slice(11, 16);
    const shift = (from: string, until: string, address: string) => ({
      days: ['mon' as const],
      from,
      until,
      to: [address],
    });
    const plan: Plan = {
      channels: [],
      rosters: {
        oncall: [shift('08:00', hour(60_000), 'bob@example.org'), shift(hour(60_000), '20:00', 'ann@example.org')],
      },
      routes: [{ channel: 'mail', levels: [1, 2], roster: 'oncall' }],
    };
    const { outbox, take, after, told } = await mailing(plan, { 'bob@example.org': '550 no such user' });
    take('a', 1, 'raise');
    await after(50);
    expect([told(), outbox.size]).toEqual([[], 1]);
    await after(20);
    expect([told(), outbox.size]).toEqual([['新预警 ann@example.org'], 0]);
  });
});
