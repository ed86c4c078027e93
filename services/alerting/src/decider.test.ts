// Two deciders at once over one log, in every order that a seed can think of: the log holds what one undisturbed decider would have written.
import { createAlerting } from '@yunjian/alerting';
import type { AlertRecord, CommandReply } from '@yunjian/contracts';
import { describe, expect, test } from 'vitest';
import { Decider } from './decider.ts';
import { readLane } from './reading.ts';
import { command, finding, NOON } from './testing/lane.ts';
import type { MemoryLane } from './testing/memory.ts';
import { World } from './testing/world.ts';

const SEEDS = 100;

/** What one undisturbed decider writes: the log, and the replies without the alert, which shows how it stands when told again. */
function undisturbed(lane: MemoryLane): { log: string[]; replies: string[] } {
  const alerting = createAlerting();
  const log: string[] = [];
  const replies: CommandReply[] = [];
  for (const input of lane.records) {
    const reading = readLane('lane', input);
    if ('unreadable' in reading) continue;
    const decision = alerting.step(reading.record, input);
    log.push(...decision.log.map((record) => JSON.stringify(record)));
    replies.push(...decision.replies);
  }
  return { log, replies: outcomes(replies) };
}

function outcomes(replies: readonly CommandReply[]): string[] {
  return [...new Set(replies.map(({ idem, outcome, message }) => JSON.stringify([idem, outcome, message])))].sort();
}

/** First record of each version, in the order of the log; fails when a repeat differs. */
function firsts(values: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const value of values) {
    const { alert_id, version } = JSON.parse(value) as AlertRecord;
    const first = seen.get(`${alert_id}/${version}`);
    if (first !== undefined) expect(value).toBe(first);
    else seen.set(`${alert_id}/${version}`, value);
  }
  return [...seen.values()];
}

describe('two deciders over one log', () => {
  test(`over ${SEEDS} seeds of crashes, lost acknowledgements, late writes and zombies, no version is lost, doubled with a difference, or out of order`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const world = new World(seed, { lost: 0.08, unanswered: 0.08, late: 0.08 });
      await world.run(60);
      const expected = undisturbed(world.lane);
      expect(firsts(world.log.values), `seed ${seed}`).toEqual(expected.log);
      expect(outcomes(world.outlets.replies), `seed ${seed}`).toEqual(expect.arrayContaining(expected.replies));
    }
  }, 120_000);
});

async function alone(world: World, laneLow = 0): Promise<Decider> {
  const { log, outlets } = world;
  const opening = Decider.open({
    owner: 'o',
    lane: 'lane',
    laneLow,
    log,
    outlets,
    checkpoints: world.checkpoints.join(),
  });
  return settle(world, opening);
}

/** Lets a world without faults move until the promise settles. */
async function settle<T>(world: World, promise: Promise<T>): Promise<T> {
  let settled = false;
  void promise
    .catch(() => {})
    .finally(() => {
      settled = true;
    });
  while (!settled) await world.scheduler.advance();
  return promise;
}

function quiet(): World {
  const world = new World(1, { lost: 0, unanswered: 0, late: 0 });
  world.checkpoints.before = () => {};
  return world;
}

describe('one decider', () => {
  test('writes nothing again after a crash between the log and its checkpoint', async () => {
    const world = quiet();
    for (let i = 0; i < 20; i++) world.lane.append(finding(`a${i}`, i), NOON + i);
    const first = await alone(world);
    await settle(world, first.process(world.lane.from(0, 20)));
    const second = await alone(world);
    expect(second.next).toBe(0);
    await settle(world, second.process(world.lane.from(0, 20)));
    expect(world.log.values).toHaveLength(20);
  });

  test('goes on from its checkpoint, where idem, versions and patience are remembered', async () => {
    const world = quiet();
    world.lane.append(finding('a', 1, { level: 1 }), NOON);
    world.lane.append(command('a', 1, 'i1', { action: 'assign', assignee: '李雷' }), NOON);
    const first = await alone(world);
    await settle(world, first.process(world.lane.from(0, 2)));
    await settle(world, first.checkpoint());
    world.lane.append(command('a', 1, 'i1', { action: 'assign', assignee: '李雷' }), NOON);
    world.lane.append({ type: 'tick' }, NOON + 15 * 60_000);
    const second = await alone(world);
    expect(second.next).toBe(2);
    await settle(world, second.process(world.lane.from(2, 9)));
    expect(world.log.values.map((value) => (JSON.parse(value) as AlertRecord).transition.action)).toEqual([
      'raise',
      'assign',
      'escalate',
    ]);
    expect(world.outlets.replies.map(({ outcome, alert }) => [outcome, alert?.version])).toEqual([
      ['done', 2],
      ['done', 2],
    ]);
  });

  test('sets aside what it cannot read, tells the operator, and goes on', async () => {
    const world = quiet();
    world.lane.append('{"type":"finding"', NOON);
    world.lane.append({ type: 'command', idem: 'i9', alert_id: 'a', action: 'explode' }, NOON);
    world.lane.append('', NOON);
    world.lane.append({ ...finding('big', 1), facts: { text: 'x'.repeat(950_000) } }, NOON);
    world.lane.append(finding('a', 1), NOON);
    const decider = await alone(world);
    await settle(world, decider.process(world.lane.from(0, 9)));
    expect(world.outlets.refused.map(({ origin }) => origin?.offset)).toEqual([0, 1, 2, 3]);
    expect(world.outlets.refused.map(({ issues }) => issues[0]?.message)).toEqual([
      expect.stringContaining('expected JSON'),
      expect.any(String),
      expect.stringContaining('got nothing'),
      expect.stringContaining('at most'),
    ]);
    expect(world.outlets.replies).toMatchObject([{ idem: 'i9', outcome: 'refused', alert: null }]);
    expect(world.log.values).toHaveLength(1);
  });

  test('keeps a request within what the broker takes', async () => {
    const world = quiet();
    const sizes: number[] = [];
    const append = world.log.append.bind(world.log);
    world.log.append = (versions) => {
      sizes.push(versions.reduce((sum, { value }) => sum + Buffer.byteLength(value), 0));
      return append(versions);
    };
    for (let i = 0; i < 40; i++)
      world.lane.append({ ...finding(`a${i}`, i), facts: { text: '药'.repeat(20_000) } }, NOON);
    const decider = await alone(world);
    await settle(world, decider.process(world.lane.from(0, 40)));
    expect(world.log.values).toHaveLength(40);
    expect(Math.max(...sizes)).toBeLessThan(900 * 1024);
    expect(sizes.length).toBeGreaterThan(2);
  });

  test('yields to a log in which an earlier release decided otherwise, and corrects it with one more version', async () => {
    const world = quiet();
    world.lane.append(finding('a', 1), NOON);
    const first = await alone(world);
    await settle(world, first.process(world.lane.from(0, 1)));
    const old = { ...(JSON.parse(world.log.values[0]!) as AlertRecord), amount: '5.20' };
    world.log.values[0] = JSON.stringify(old);
    for (let restarts = 0; restarts < 2; restarts++) {
      const next = await alone(world);
      await settle(world, next.process(world.lane.from(0, 1)));
    }
    expect(world.log.values.map((value) => (JSON.parse(value) as AlertRecord).version)).toEqual([1, 2]);
    expect(JSON.parse(world.log.values[1]!)).toMatchObject({ amount: '520.00', transition: { action: 'amend' } });
  });

  test('stops when the lane no longer holds what follows its checkpoint', async () => {
    const world = quiet();
    world.lane.append(finding('a', 1), NOON);
    const first = await alone(world);
    await settle(world, first.process(world.lane.from(0, 1)));
    await settle(world, first.checkpoint());
    await expect(alone(world, 7)).rejects.toThrow(/stands at offset 1, but the lane begins at 7/);
  });

  test('rebuilds its state from the log when there is no checkpoint and the lane has lost its beginning', async () => {
    const world = quiet();
    const versions = () => world.log.values.map((value) => JSON.parse(value) as AlertRecord);
    for (const record of [finding('a', 1), finding('b', 2, { level: 1 }), command('a', 1, 'i1'), finding('a', 3)])
      world.lane.append(record, NOON);
    const first = await alone(world);
    await settle(world, first.process(world.lane.from(0, 4)));
    expect(versions()).toHaveLength(3);
    const second = await alone(world, 1);
    expect(second.next).toBe(2);
    world.lane.append(finding('a', 4, { facts: { more: 1 } }), NOON);
    world.lane.append({ type: 'tick' }, NOON + 15 * 60_000);
    await settle(world, second.process(world.lane.from(2, 9)));
    expect(versions().slice(3)).toMatchObject([
      { alert_id: 'a', version: 3, state: { acked: true }, transition: { action: 'amend' } },
      { alert_id: 'b', version: 2, transition: { action: 'escalate' } },
    ]);
  });

  test('stops when the alert log has lost what its checkpoint knows of', async () => {
    const world = quiet();
    for (let i = 0; i < 3; i++) world.lane.append(finding(`a${i}`, i), NOON);
    const first = await alone(world);
    await settle(world, first.process(world.lane.from(0, 3)));
    await settle(world, first.checkpoint());
    world.log.values.pop();
    await expect(alone(world)).rejects.toThrow(/stands at 3 or beyond, but it ends at 2/);
  });

  test('is spent after a failure', async () => {
    const world = quiet();
    world.lane.append(finding('a', 1), NOON);
    const decider = await alone(world);
    world.log.faults.lost = 1;
    await expect(settle(world, decider.process(world.lane.from(0, 1)))).rejects.toThrow('lost');
    await expect(settle(world, decider.process(world.lane.from(0, 1)))).rejects.toThrow('spent');
  });
});
