// Sending: rates, digests, patience, and words without a person in them.
import { describe, expect, test } from 'vitest';
import { Overrun, Refused, type Transport } from './channels/port.ts';
import type { Message } from './message.ts';
import { messageOf } from './message.ts';
import { Outbox } from './outbox.ts';
import type { Plan } from './plan.ts';
import { Sender } from './sender.ts';
import { NOON, version } from './testing/alerts.ts';

const MINUTE = 60_000;
const plan: Plan = { channels: [], rosters: {}, routes: [{ channel: 'robot', levels: [1, 2] }] };

/** A channel that takes 20 a minute, with a fault to inject and a clock to move; its sender has run for `since` ms. */
function channel(since = MINUTE) {
  const world = {
    at: NOON - since,
    sent: [] as { message: Message; at: number }[],
    fault: null as Error | null,
    refuses: (_: Message) => false,
    fails: (_: Message) => false,
  };
  const transport: Transport = {
    room: Number.POSITIVE_INFINITY,
    send: async (message) => {
      if (world.fault !== null) throw world.fault;
      if (world.refuses(message)) throw new Refused('no message');
      if (world.fails(message)) throw new Error('not now');
      world.sent.push({ message, at: world.at });
      return [];
    },
    close: () => {},
  };
  const outcomes: string[] = [];
  const sender = new Sender({
    channel: { name: 'robot', type: 'webhook', perMinute: 20 },
    transport,
    plan,
    wall: 'https://wall.example',
    backlogHours: 24,
    now: () => world.at,
    outcome: (_, kind, outcome) => void outcomes.push(`${kind} ${outcome}`),
  });
  world.at = NOON;
  const outbox = new Outbox(plan, NOON - 24 * 60 * MINUTE);
  let offset = 0;
  const raise = (count: number, timestamp = NOON) => {
    for (let i = 0; i < count; i++) outbox.take(version(`a${offset}`, 1, 'raise'), { offset: offset++, timestamp });
  };
  return { world, sender, outbox, raise, outcomes };
}

describe('sender', () => {
  test('sends one message each while the channel takes them', async () => {
    const { sender, outbox, raise, outcomes } = channel();
    raise(5);
    await sender.run(outbox, true);
    expect(outcomes).toEqual(Array(5).fill('raised sent'));
    expect(outbox.size).toBe(0);
  });

  test('is sparing in its first minute, when it does not know what an earlier run has sent', async () => {
    const { sender, outbox, raise, outcomes } = channel(0);
    raise(5);
    await sender.run(outbox, true);
    expect(outcomes).toEqual(['digest sent']);
  });

  test('never sends more than the channel takes in any minute; what is beyond goes into a digest', async () => {
    const { world, sender, outbox, raise } = channel();
    let longest = 0;
    for (let second = 0; second < 300; second++) {
      raise(second % 3);
      await sender.run(outbox, true);
      longest = Math.max(longest, outbox.size);
      world.at += 1000;
    }
    world.at += 6_000;
    await sender.run(outbox, true);
    expect(outbox.size).toBe(0);
    expect(longest).toBeLessThanOrEqual(9);
    for (const { at } of world.sent)
      expect(world.sent.filter((other) => other.at > at - MINUTE && other.at <= at).length).toBeLessThanOrEqual(20);
    const told = world.sent.reduce((sum, { message }) => sum + Number(message.data.count ?? 1), 0);
    expect(told).toBe(300);
    expect(world.sent.some(({ message }) => message.data.kind === 'digest')).toBe(true);
  });

  test('waits longer and longer for a channel that is away, and then tells what still holds', async () => {
    const { world, sender, outbox, raise, outcomes } = channel();
    raise(2);
    world.fault = new Error('connection refused');
    for (let i = 0; i < 100; i++) {
      await sender.run(outbox, true);
      world.at += 1000;
    }
    expect(outcomes.length).toBeLessThan(8);
    expect(sender.trouble).toBe('connection refused');
    outbox.take(version('a0', 2, 'withdraw'), { offset: 9, timestamp: NOON });
    world.fault = null;
    world.at += MINUTE;
    await sender.run(outbox, true);
    expect(world.sent.map(({ message }) => message.data.alert_id)).toEqual(['a1']);
    expect(sender.trouble).toBeNull();
  });

  test('keeps quiet for as long as an overrun robot asks', async () => {
    const { world, sender, outbox, raise, outcomes } = channel();
    raise(1);
    world.fault = new Overrun('too many', 10 * MINUTE);
    await sender.run(outbox, true);
    world.fault = null;
    world.at += 10 * MINUTE - 1;
    await sender.run(outbox, true);
    expect(outcomes).toEqual(['raised failed']);
    world.at += 1;
    await sender.run(outbox, true);
    expect(outcomes).toEqual(['raised failed', 'raised sent']);
  });

  test('waits a second at least, whatever an overrun robot asks', async () => {
    const { world, sender, outbox, raise, outcomes } = channel();
    raise(1);
    world.fault = new Overrun('too many', 0);
    for (let i = 0; i < 4; i++) {
      await sender.run(outbox, true);
      world.at += 250;
    }
    expect(outcomes).toEqual(['raised failed']);
  });

  test('does not let one message that will never be taken hold up the rest', async () => {
    const { world, sender, outbox, raise, outcomes } = channel();
    raise(1);
    world.fault = new Refused('no such robot');
    await sender.run(outbox, true);
    world.fault = null;
    raise(1);
    await sender.run(outbox, true);
    expect(outcomes).toEqual(['raised refused', 'raised sent']);
    outbox.take(version('a0', 2, 'withdraw'), { offset: 9, timestamp: NOON });
    expect(outbox.size).toBe(0);
  });

  test('a refusal is trouble until a message is taken there again', async () => {
    const { world, sender, outbox, raise } = channel();
    raise(1);
    world.fault = new Refused('no message');
    await sender.run(outbox, true);
    expect(outbox.size).toBe(0);
    expect(sender.trouble).toBe('routes.0: no message');
    await sender.run(outbox, true);
    expect(sender.trouble).toBe('routes.0: no message');
    world.fault = null;
    raise(1);
    await sender.run(outbox, true);
    expect(sender.trouble).toBeNull();
  });

  test('gives up one alert for good, never those that stand in a digest with it', async () => {
    const { world, sender, outbox, raise, outcomes } = channel();
    raise(60);
    world.refuses = (message) => JSON.stringify(message.data).includes('"a40"');
    for (let second = 0; second < 300; second++) {
      await sender.run(outbox, true);
      world.at += 1000;
    }
    const told = world.sent.reduce((sum, { message }) => sum + Number(message.data.count ?? 1), 0);
    expect([told, outbox.size]).toEqual([59, 0]);
    expect(outcomes.filter((outcome) => outcome.endsWith('refused'))).toEqual(['raised refused']);
  });

  test('one message that is never taken holds up none of the others, and is tried less and less often', async () => {
    const { world, sender, outbox, raise, outcomes } = channel();
    raise(4);
    world.fails = (message) => message.data.alert_id === 'a0';
    for (let second = 0; second < 200; second++) {
      await sender.run(outbox, true);
      world.at += 1000;
    }
    expect(world.sent.map(({ message }) => message.data.alert_id)).toEqual(['a1', 'a2', 'a3']);
    expect(outcomes.filter((outcome) => outcome === 'raised failed').length).toBeLessThan(11);
    expect(sender.trouble).not.toBeNull();
    world.fails = () => false;
    world.at += MINUTE;
    await sender.run(outbox, true);
    expect(outbox.size).toBe(0);
    expect(sender.trouble).toBeNull();
  });

  test('tells old alerts in one summary, once the log has been read to its end', async () => {
    const { world, sender, outbox, raise } = channel();
    raise(40, NOON - 25 * 60 * MINUTE);
    await sender.run(outbox, false);
    expect(world.sent).toEqual([]);
    outbox.take(version('a7', 2, 'withdraw'), { offset: 50, timestamp: NOON - 60 * MINUTE });
    await sender.run(outbox, true);
    expect(world.sent.map(({ message }) => message.data)).toMatchObject([
      { kind: 'backlog', count: 39, levels: { 2: 39 } },
    ]);
    expect(outbox.size).toBe(0);
  });
});

describe('a message', () => {
  const alert = version('identity-check-missing:x/y', 3, 'raise');

  test('is Chinese first, English complete, and links to the wall without a token', () => {
    const { subject, text, id } = messageOf({ kind: 'raised', alert }, 'https://wall.example/');
    expect(subject).toBe(
      '【新预警】二级(橙) 未核验身份结算 P32110200001 / New alert: level 2 (orange) Settled without an identity check',
    );
    expect(text).toContain('查看:https://wall.example/#alert=identity-check-missing%3Ax%2Fy');
    expect(text).toContain('Time: 2026-11-23 12:00 (Beijing time)');
    expect(id).toMatch(/^[\w-]{22}\.3@yunjian$/);
  });

  test('names nobody: neither the subject nor facts nor evidence', () => {
    const said = JSON.stringify(messageOf({ kind: 'raised', alert }, 'https://wall.example'));
    for (const word of ['张三', 'pseudonym-of-somebody', 'S1']) expect(said).not.toContain(word);
  });

  test('has the same id for the same version and another for the next', () => {
    const id = (number: number) =>
      messageOf({ kind: 'raised', alert: version('a', number, 'raise') }, 'https://w.example').id;
    expect(id(1)).toBe(id(1));
    expect(id(1)).not.toBe(id(2));
  });
});
