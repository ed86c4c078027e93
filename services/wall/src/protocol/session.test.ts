import type { Command, CommandReply } from '@yunjian/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { AlertStore } from '../alerts/store.ts';
import { CommandDesk } from '../commands.ts';
import { operatorsOf } from '../operators.ts';
import { alertOf, entryAt } from '../testing/alerts.ts';
import { Hub } from './hub.ts';
import { encode, type ServerMessage } from './messages.ts';
import { SESSION_LIMITS, Session } from './session.ts';

const health = { sources: [], gateway: { state: 'live' as const, behind: 0, current_at: null } };
const ping = encode({ t: 'ping', server_time: '2026-11-23T04:00:00Z', ...health });

let now: number;
let said: ServerMessage[];
let closed: number | null;
let commands: Command[];
let desk: CommandDesk;
let hub: Hub;
let session: Session;

beforeEach(() => {
  now = 0;
  said = [];
  closed = null;
  commands = [];
  const store = new AlertStore();
  store.apply([entryAt(0, { id: 'a' }), entryAt(1, { id: 'b', level: 1 })], 2);
  hub = new Hub(store, 'e', { maxBufferedBytes: 1000 });
  desk = new CommandDesk({ send: async (command) => void commands.push(command) }, () => {}, 50);
  session = new Session(
    's',
    {
      send: (frame, written) => {
        said.push(JSON.parse(frame.toString()));
        written?.();
      },
      buffered: () => 0,
      close: (code) => {
        closed = code;
      },
    },
    {
      hub,
      desk,
      operators: operatorsOf([{ token: 'secret-token', name: '李明' }]),
      now: () => now,
      random: () => 0,
      health: () => health,
      limits: SESSION_LIMITS,
      onEnd: () => {},
    },
  );
});

const say = (message: object) => session.receive(JSON.stringify(message));
const last = () => said.at(-1);
const greet = () => say({ t: 'hello', token: 'secret-token', app: 'test' });

describe('Session', () => {
  it('welcomes an operator and sends the alerts of a filter', () => {
    greet();
    expect(last()).toMatchObject({
      t: 'welcome',
      session: 's',
      ping_ms: 2000,
      operator: '李明',
      gateway: { state: 'live' },
    });
    say({ t: 'sub', id: 'x', filter: { level: 1 } });
    expect(last()).toMatchObject({
      t: 'snap',
      id: 'x',
      part: 0,
      last: true,
      epoch: 'e',
      to: '2',
      alerts: [{ alert_id: 'b' }],
    });
  });

  it('closes with 4501 for a bad token, and says that coming back is no use', () => {
    say({ t: 'hello', token: 'guess' });
    expect([last(), closed]).toEqual([{ t: 'bye', code: 4501, reconnect_after_ms: null }, 4501]);
    greet();
    expect(said).toHaveLength(1);
  });

  it.each([
    ['longer than any', 'x'.repeat(2000)],
    ['a number', 7],
    ['null', null],
    ['missing', undefined],
  ])('closes with 4501 for a token that is %s', (_, token) => {
    say({ t: 'hello', token });
    expect([last(), closed]).toEqual([{ t: 'bye', code: 4501, reconnect_after_ms: null }, 4501]);
  });

  it('takes no notice of a second greeting, whatever its token', () => {
    greet();
    say({ t: 'hello', token: null });
    expect([said.length, closed]).toEqual([1, null]);
  });

  it('serves nothing before the greeting', () => {
    say({ t: 'sub', id: 'x', filter: {} });
    expect(last()).toMatchObject({ t: 'err', code: 'not_greeted' });
    expect(hub.subscriptions).toBe(0);
  });

  it('names what is wrong with a message and goes on', () => {
    greet();
    say({ t: 'sub', id: 'x', filter: { colour: 'red' } });
    expect(last()).toMatchObject({ t: 'err', id: 'x', code: 'bad_message', temporary: false });
    say({ t: 'dance' });
    const message = expect.stringMatching(/\p{Script=Han}.* \/ .*[a-z]/u);
    expect(last()).toMatchObject({ t: 'err', code: 'bad_message', message });
    say({ t: 'sub', id: 'x' });
    expect(last()).toMatchObject({ t: 'snap' });
    session.receive('no json');
    expect(closed).toBe(4500);
  });

  it('replaces a subscription of the same id, ends one on unsub, and bounds their number', () => {
    greet();
    for (let i = 0; i < SESSION_LIMITS.maxSubscriptions + 1; i++) say({ t: 'sub', id: `x${i}` });
    expect(last()).toMatchObject({ t: 'err', code: 'too_many_subscriptions' });
    say({ t: 'sub', id: 'x0' });
    expect(hub.subscriptions).toBe(SESSION_LIMITS.maxSubscriptions);
    say({ t: 'unsub', id: 'x0' });
    expect(last()).toEqual({ t: 'ack', id: 'x0' });
    expect(hub.subscriptions).toBe(SESSION_LIMITS.maxSubscriptions - 1);
  });

  it('cuts who does not greet in time, who leaves pings unanswered, and who talks too much', () => {
    now = SESSION_LIMITS.helloWithinMs + 1;
    session.tick(ping);
    expect(closed).toBe(4001);
  });

  it('cuts who leaves three pings unanswered, not who answers', () => {
    greet();
    for (let i = 0; i < 10; i++) {
      session.tick(ping);
      say({ t: 'pong' });
    }
    expect(closed).toBe(null);
    say({ t: 'sub', id: 'x' });
    for (let i = 0; i < 4; i++) session.tick(ping);
    expect(closed).toBe(4002);
    expect(last()).toEqual({ t: 'bye', code: 4002, reconnect_after_ms: 1000 });
    expect(hub.subscriptions).toBe(0);
  });

  it('cuts a flood of messages', () => {
    greet();
    for (let i = 0; i <= SESSION_LIMITS.maxMessagesPerPing; i++) say({ t: 'pong' });
    expect(closed).toBe(4004);
  });

  it('passes a command on in the operator’s name and answers with its outcome', async () => {
    greet();
    const cmd = { t: 'cmd', id: 'c1', idem: 'i1', alert_id: 'a', if_version: 1, action: 'ack', reason: 'seen' };
    say(cmd);
    expect(commands).toEqual([
      { type: 'command', by: '李明', idem: 'i1', alert_id: 'a', if_version: 1, action: 'ack', reason: 'seen' },
    ]);
    const reply = (outcome: CommandReply['outcome'], version: number): CommandReply => ({
      idem: 'i1',
      alert_id: 'a',
      outcome,
      message: 'm',
      alert: alertOf({ id: 'a', version }),
    });
    const answered = async () => {
      const count = said.length;
      while (said.length === count) await new Promise((resolve) => setImmediate(resolve));
      return last();
    };
    desk.reply(reply('done', 2));
    expect(await answered()).toMatchObject({ t: 'ack', id: 'c1', idem: 'i1', alert: { version: 2 } });
    say({ ...cmd, id: 'c2' });
    desk.reply(reply('version_conflict', 3));
    expect(await answered()).toMatchObject({
      t: 'err',
      id: 'c2',
      code: 'version_conflict',
      temporary: false,
      alert: { version: 3 },
    });
    say({ ...cmd, id: 'c3' });
    expect(await answered()).toMatchObject({ t: 'err', id: 'c3', code: 'unanswered', temporary: true });
  });
});
