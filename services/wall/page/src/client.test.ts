import { beforeEach, describe, expect, it } from 'vitest';
import { WallClient } from './client.ts';
import type { ClientStatus, SocketLike } from './ports.ts';
import type { Alert, Health, Op } from './wire.ts';

const health: Health = { sources: [], gateway: { state: 'live', behind: 0, current_at: null } };
const welcome = {
  t: 'welcome',
  session: 's',
  ping_ms: 1000,
  server_time: '2026-11-23T04:00:00Z',
  operator: 'li',
  ...health,
};
const alert = (id: string, version = 1) => ({ alert_id: id, version }) as Alert;

class FakeSocket implements SocketLike {
  sent: Record<string, unknown>[] = [];
  closed: number | null = null;
  onopen: SocketLike['onopen'] = null;
  onmessage: SocketLike['onmessage'] = null;
  onclose: SocketLike['onclose'] = null;
  onerror: SocketLike['onerror'] = null;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(code = 1000): void {
    this.closed = code;
  }
  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  drop(code: number): void {
    this.onclose?.({ code, reason: '' });
  }
  types(): unknown[] {
    return this.sent.map((m) => m.t);
  }
}

/** Time that passes only when told to. */
class Clock {
  now = 0;
  #timers: { at: number; run: () => void }[] = [];
  later = (run: () => void, ms: number) => {
    const timer = { at: this.now + ms, run };
    this.#timers.push(timer);
    return timer;
  };
  cancel = (timer: unknown) => {
    this.#timers = this.#timers.filter((t) => t !== timer);
  };
  advance(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = this.#timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.cancel(next);
      this.now = next.at;
      next.run();
    }
    this.now = end;
  }
}

let clock: Clock;
let sockets: FakeSocket[];
let statuses: ClientStatus[];
let held: Map<string, number>;
let client: WallClient;

beforeEach(() => {
  clock = new Clock();
  sockets = [];
  statuses = [];
  held = new Map();
  client = new WallClient(
    { url: 'ws://x/wall', token: 'secret', app: 'test' },
    { status: (s) => statuses.push(s), health: () => {} },
    {
      open: () => {
        const socket = new FakeSocket();
        sockets.push(socket);
        return socket;
      },
      now: () => clock.now,
      random: () => 0,
      later: clock.later,
      cancel: clock.cancel,
    },
  );
  client.subscribe(
    'board',
    { state: 'active' },
    {
      replace: (alerts) => {
        held = new Map(alerts.map((a) => [a.alert_id, a.version]));
      },
      apply: (ops: Op[]) => {
        for (const op of ops)
          if (op.op === 'put') held.set(op.alert.alert_id, op.alert.version);
          else held.delete(op.alert_id);
      },
    },
  );
  client.connect();
});

const socket = () => sockets.at(-1) as FakeSocket;
const snap = (over: object) => ({
  t: 'snap',
  id: 'board',
  part: 0,
  last: true,
  epoch: 'e',
  to: '5',
  alerts: [],
  ...over,
});
const delta = (over: object) => ({ t: 'delta', id: 'board', epoch: 'e', from: '5', to: '6', ops: [], ...over });

function greet(): void {
  socket().onopen?.();
  socket().say(welcome);
}

describe('WallClient', () => {
  it('greets, subscribes and is live only with the whole snapshot', () => {
    greet();
    expect(socket().sent).toEqual([
      { t: 'hello', token: 'secret', app: 'test' },
      { t: 'sub', id: 'board', filter: { state: 'active' } },
    ]);
    socket().say(snap({ last: false, alerts: [alert('a')] }));
    expect(client.status.phase).toBe('syncing');
    expect(held.size).toBe(0);
    socket().say(snap({ part: 1, alerts: [alert('b')] }));
    expect(client.status.phase).toBe('live');
    expect([...held.keys()]).toEqual(['a', 'b']);
  });

  it('applies deltas that follow on, and asks for everything again when one does not', () => {
    greet();
    socket().say(snap({ alerts: [alert('a')] }));
    socket().say(
      delta({
        ops: [
          { op: 'put', alert: alert('b') },
          { op: 'del', alert_id: 'a' },
        ],
      }),
    );
    expect([...held.keys()]).toEqual(['b']);
    socket().say(delta({ from: '7', to: '8', ops: [{ op: 'put', alert: alert('c') }] }));
    expect(held.has('c')).toBe(false);
    expect(client.status.phase).toBe('syncing');
    expect(socket().sent.at(-1)).toEqual({ t: 'sub', id: 'board', filter: { state: 'active' } });
    socket().say(delta({ from: '8', to: '9', ops: [{ op: 'put', alert: alert('d') }] }));
    expect(
      socket()
        .types()
        .filter((t) => t === 'sub'),
    ).toHaveLength(2);
    socket().say(snap({ to: '9', alerts: [alert('b'), alert('c')] }));
    expect(client.status.phase).toBe('live');
    expect([...held.keys()]).toEqual(['b', 'c']);
  });

  it('comes back with a jittered, growing pause and resumes where it stood', () => {
    greet();
    socket().say(snap({ alerts: [alert('a')] }));
    socket().drop(1006);
    expect(client.status).toMatchObject({ phase: 'offline', retryAt: 250 });
    clock.advance(249);
    expect(sockets).toHaveLength(1);
    clock.advance(1);
    expect(sockets).toHaveLength(2);
    socket().drop(1006);
    expect((client.status.retryAt as number) - clock.now).toBe(500);
    clock.advance(500);
    greet();
    expect(socket().sent.at(-1)).toMatchObject({ t: 'sub', since: { epoch: 'e', pos: '5' } });
    expect(client.status.phase).toBe('syncing');
    socket().say(delta({ ops: [{ op: 'put', alert: alert('a', 2) }] }));
    expect(held.get('a')).toBe(2);
    expect(client.status.phase).toBe('live');
  });

  it('is live again with the last frame of what it missed', () => {
    greet();
    socket().say(snap({ alerts: [alert('a')] }));
    socket().drop(1006);
    clock.advance(250);
    greet();
    socket().say(delta({ to: '5~7~x', more: true, ops: [{ op: 'put', alert: alert('a', 2) }] }));
    expect(held.get('a')).toBe(2);
    expect(client.status.phase).toBe('syncing');
    socket().say(delta({ from: '5~7~x', to: '7', ops: [{ op: 'put', alert: alert('b') }] }));
    expect(client.status.phase).toBe('live');
  });

  it('replaces everything after a reset, and is not live in between', () => {
    greet();
    socket().say(snap({ alerts: [alert('a')] }));
    socket().say({ t: 'reset', id: 'board', reason: 'log_changed' });
    expect(client.status.phase).toBe('syncing');
    expect([...held.keys()]).toEqual(['a']);
    socket().say(snap({ epoch: 'f', to: '1', alerts: [alert('z')] }));
    expect([...held.keys()]).toEqual(['z']);
  });

  it('waits as long as bye says', () => {
    greet();
    socket().say({ t: 'bye', code: 4000, reconnect_after_ms: 1234 });
    socket().drop(4000);
    expect(client.status.retryAt).toBe(1234);
  });

  it('does not come back after a code of 4500 to 4999', () => {
    socket().onopen?.();
    socket().drop(4501);
    expect(client.status).toMatchObject({ phase: 'refused', code: 4501 });
    clock.advance(1e6);
    expect(sockets).toHaveLength(1);
  });

  it('answers pings, and takes a silent connection for dead', () => {
    greet();
    socket().say(snap({}));
    clock.advance(2000);
    socket().say({ t: 'ping', server_time: '2026-11-23T04:00:02Z', ...health });
    expect(socket().sent.at(-1)).toEqual({ t: 'pong' });
    clock.advance(2999);
    expect(client.status.phase).toBe('live');
    clock.advance(1);
    expect(client.status.phase).toBe('offline');
    expect(sockets[0]?.closed).toBe(4000);
  });

  it('gives the outcome of a command, a newer version included, and fails it when the connection goes', async () => {
    greet();
    socket().say(snap({}));
    const first = client.command(alert('a', 3), { action: 'ack', reason: '' }, 'i1');
    expect(socket().sent.at(-1)).toEqual({
      t: 'cmd',
      id: 'c1',
      idem: 'i1',
      alert_id: 'a',
      if_version: 3,
      action: 'ack',
      reason: '',
    });
    socket().say({
      t: 'err',
      id: 'c1',
      code: 'version_conflict',
      message: 'm',
      temporary: false,
      alert: alert('a', 4),
    });
    expect(await first).toMatchObject({ ok: false, code: 'version_conflict', alert: { version: 4 } });
    const second = client.command(alert('a', 4), { action: 'ack', reason: '' }, 'i2');
    socket().say({ t: 'ack', id: 'c2', alert: alert('a', 5) });
    expect(await second).toEqual({ ok: true, alert: alert('a', 5) });
    const third = client.command(alert('a', 5), { action: 'unack', reason: '' }, 'i3');
    socket().drop(1006);
    expect(await third).toMatchObject({ ok: false, code: 'offline', temporary: true });
  });
});
