import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entryFromLog } from '../alerts/entry.ts';
import { type FilterInput, parseFilter } from '../alerts/filter.ts';
import { AlertStore } from '../alerts/store.ts';
import { alertOf, type Sketch } from '../testing/alerts.ts';
import { Hub, type Watcher } from './hub.ts';
import type { ServerMessage } from './messages.ts';
import { MAX_OPS } from './subscription.ts';

/** A client that applies what it gets as the contract says, and throws where a delta does not follow on. */
class Client implements Watcher {
  alerts = new Map<string, { version: number }>();
  frames: ServerMessage[] = [];
  bytes: Buffer[] = [];
  to: string | null = null;
  epoch = '';
  cut = false;
  stalled = 0;
  #written: (() => void)[] = [];

  send(frame: Buffer, onWritten?: () => void): void {
    const message = JSON.parse(frame.toString()) as ServerMessage;
    this.bytes.push(frame);
    this.frames.push(message);
    if (message.t === 'reset') this.alerts.clear();
    if (message.t === 'snap') {
      if (message.part === 0) this.alerts.clear();
      for (const alert of message.alerts) this.alerts.set(alert.alert_id as string, alert as { version: number });
      [this.to, this.epoch] = [message.to, message.epoch];
    }
    if (message.t === 'delta') {
      if (message.from !== this.to) throw new Error(`delta from ${message.from} does not follow ${this.to}`);
      for (const op of message.ops)
        if (op.op === 'put') this.alerts.set(op.alert.alert_id as string, op.alert as { version: number });
        else this.alerts.delete(op.alert_id);
      this.to = message.to;
    }
    if (onWritten !== undefined) this.#written.push(onWritten);
  }

  buffered(): number {
    return this.stalled;
  }

  cutAsSlow(): void {
    this.cut = true;
  }

  /** The network takes what was buffered. */
  drain(): void {
    this.stalled = 0;
    for (const written of this.#written.splice(0)) written();
  }

  shown(): Record<string, number> {
    return Object.fromEntries([...this.alerts].sort().map(([id, { version }]) => [id, version]));
  }
}

class Log {
  store = new AlertStore();
  hub = new Hub(this.store, 'e1', { maxBufferedBytes: 1000 });
  #versions = new Map<string, number>();

  append(...sketches: Sketch[]): void {
    const entries = sketches.map((sketch, i) => {
      const version = (this.#versions.get(sketch.id) ?? 0) + 1;
      this.#versions.set(sketch.id, version);
      return entryFromLog(this.store.position + i, JSON.stringify(alertOf({ ...sketch, version }))).entry;
    });
    this.hub.publish(this.store.apply(entries, this.store.position + entries.length));
  }

  truth(filter: FilterInput): Record<string, number> {
    const { matches } = parseFilter(filter);
    return Object.fromEntries(
      [...this.store.values()]
        .filter(matches)
        .map((e) => [e.id, e.version] as const)
        .sort(),
    );
  }
}

const open: FilterInput = { state: 'open' };

describe('Hub', () => {
  it('sends a snapshot, then deltas; an alert that leaves the filter is deleted', () => {
    const log = new Log();
    log.append({ id: 'a' }, { id: 'b', state: { acked: true } });
    const client = new Client();
    log.hub.subscribe(client, 'm', parseFilter(open));
    log.append({ id: 'a', state: { acked: true } }, { id: 'c' });
    log.append({ id: 'b', state: { acked: true } });
    expect(client.frames.map((f) => f.t)).toEqual(['snap', 'delta']);
    expect(client.shown()).toEqual({ c: 1 });
  });

  it('shares the bytes of a delta among subscribers of one filter', () => {
    const log = new Log();
    const [one, two] = [new Client(), new Client()];
    log.hub.subscribe(one, 'm', parseFilter({ level: [1, 2] }));
    log.hub.subscribe(two, 'm', parseFilter({ level: [2, 1] }));
    log.append({ id: 'a' });
    expect(one.bytes.at(-1)).toBe(two.bytes.at(-1));
  });

  it('resumes after a position with what changed since, and resets for a position of another log', () => {
    const log = new Log();
    log.append({ id: 'a' }, { id: 'b' });
    const client = new Client();
    const first = log.hub.subscribe(client, 'm', parseFilter(open));
    log.hub.unsubscribe(first);
    log.append({ id: 'a', state: { acked: true } }, { id: 'c' });
    log.hub.subscribe(client, 'm', parseFilter(open), { epoch: client.epoch, pos: client.to! });
    expect(client.frames.map((f) => f.t)).toEqual(['snap', 'delta']);
    expect(client.shown()).toEqual({ b: 1, c: 1 });

    const again = new Client();
    [again.to, again.epoch] = [client.to, client.epoch];
    log.hub.subscribe(again, 'm', parseFilter(open), { epoch: client.epoch, pos: client.to! });
    expect(again.frames).toMatchObject([{ t: 'delta', ops: [] }]);

    for (const since of [
      { epoch: 'e0', pos: '1' },
      { epoch: 'e1', pos: '99' },
      { epoch: 'e1', pos: 'x' },
    ]) {
      const other = new Client();
      log.hub.subscribe(other, 'm', parseFilter(open), since);
      expect(other.frames.map((f) => f.t)).toEqual(['reset', 'snap']);
      expect(other.shown()).toEqual({ b: 1, c: 1 });
    }
  });

  it('cuts a client that takes nothing, and serves the one beside it', () => {
    const log = new Log();
    const [slow, fast] = [new Client(), new Client()];
    log.hub.subscribe(slow, 'm', parseFilter({}));
    log.hub.subscribe(fast, 'm', parseFilter({}));
    slow.stalled = 1001;
    log.append({ id: 'a' });
    expect([slow.cut, fast.cut]).toEqual([true, false]);
    expect(fast.shown()).toEqual({ a: 1 });
  });

  it('waits with a snapshot for a client that reads slowly, and loses nothing of what happens meanwhile', () => {
    const log = new Log();
    for (let i = 0; i < 450; i++) log.append({ id: `a${i}` });
    const client = new Client();
    const send = client.send.bind(client);
    client.send = (frame, written) => {
      send(frame, written);
      client.stalled = 2 ** 30;
    };
    log.hub.subscribe(client, 'm', parseFilter({}));
    expect(client.frames).toHaveLength(1);
    log.append({ id: 'a3' }, { id: 'new' });
    while (Object.keys(client.shown()).length < 451) {
      const before = client.frames.length;
      client.drain();
      expect(client.frames.length).toBeGreaterThan(before);
    }
    expect(client.shown()).toEqual(log.truth({}));
    expect(client.cut).toBe(false);
    const parts = client.frames.filter((f) => f.t === 'snap');
    expect(parts.map((f) => f.part)).toEqual([...parts.keys()]);
    expect(parts.map((f) => f.last)).toEqual(parts.map((_, i) => i === parts.length - 1));
  });

  it('calls a position whole only where everything below it has been sent in its newest version', () => {
    const log = new Log();
    const away = new Client();
    log.hub.unsubscribe(log.hub.subscribe(away, 'm', parseFilter({})));
    const live = new Client();
    log.hub.subscribe(live, 'm', parseFilter({}));
    // One step of more alerts than a frame holds; the first of them changes again at its end.
    const ids = Array.from({ length: MAX_OPS + 100 }, (_, i) => ({ id: `a${i}` }));
    log.append(...ids, { id: 'a0' });
    const isWhole = (frame: ServerMessage) => frame.t === 'delta' && frame.to === String(log.store.position);
    expect(live.frames.map((frame) => frame.t)).toEqual(['snap', 'delta', 'delta']);
    expect(live.frames.map(isWhole)).toEqual([false, false, true]);
    const goesOn = (frame: ServerMessage) => frame.t === 'delta' && frame.more === true;
    expect(live.frames.map(goesOn)).toEqual([false, true, false]);

    const send = away.send.bind(away);
    away.send = (frame, written) => {
      send(frame, written);
      away.stalled = 2 ** 30;
    };
    const since = { epoch: away.epoch, pos: away.to! };
    const resumed = log.hub.subscribe(away, 'm', parseFilter({}), since);
    expect(away.shown().a0).toBeUndefined();
    expect(away.to).not.toBe(live.to);
    expect(away.to).not.toMatch(/^\d+$/);
    expect(away.frames.map(goesOn).at(-1)).toBe(true);
    log.hub.unsubscribe(resumed);

    // A gateway that has read less cannot tell what is still missing; one that has read as much can.
    const behind = new Log();
    behind.append(...ids);
    const there = { epoch: away.epoch, pos: away.to! };
    const begun = new Client();
    behind.hub.subscribe(begun, 'm', parseFilter({}), there);
    expect(begun.frames[0]?.t).toBe('reset');
    expect(begun.shown()).toEqual(behind.truth({}));
    away.send = send;
    away.stalled = 0;
    log.hub.subscribe(away, 'm', parseFilter({}), there);
    expect(away.to).toBe(live.to);
    expect(away.frames.map(goesOn).at(-1)).toBe(false);
    expect(away.shown()).toEqual(log.truth({}));
    expect(live.shown()).toEqual(log.truth({}));
  });

  it('serves nobody while it is shut, and everybody anew when it is opened', () => {
    const log = new Log();
    log.append({ id: 'a' });
    const [before, meanwhile] = [new Client(), new Client()];
    log.hub.subscribe(before, 'm', parseFilter({}));
    log.hub.shut();
    log.hub.subscribe(meanwhile, 'm', parseFilter({}), { epoch: 'e1', pos: '0' });
    log.append({ id: 'b' });
    before.drain();
    expect([before.frames.length, meanwhile.frames.length]).toEqual([1, 0]);
    log.hub.restart('e2', 'log_changed');
    for (const client of [before, meanwhile])
      expect(client.frames.slice(-2).map((f) => f.t)).toEqual(['reset', 'snap']);
    log.append({ id: 'c' });
    for (const client of [before, meanwhile]) expect(client.shown()).toEqual(log.truth({}));
  });

  it('starts everybody again when the log is another one', () => {
    const log = new Log();
    log.append({ id: 'a' });
    const client = new Client();
    log.hub.subscribe(client, 'm', parseFilter({}));
    log.store.reset(0);
    log.hub.restart('e2', 'log_changed');
    expect(client.frames.slice(1).map((f) => f.t)).toEqual(['reset', 'snap']);
    log.append({ id: 'b' });
    expect(client.epoch).toBe('e2');
    expect(client.shown()).toEqual({ b: 1 });
  });

  it('leaves every client with what its filter matches, whenever it came, left or came back', () => {
    const flags = fc.record({ raised: fc.boolean(), acked: fc.boolean(), disposed: fc.boolean() });
    const event = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      level: fc.constantFrom(1, 2, 3, 4),
      state: flags,
    });
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.array(event, { minLength: 1, maxLength: 4 }).map((events) => ({ do: 'append' as const, events })),
      },
      { weight: 1, arbitrary: fc.constant({ do: 'drop' as const, events: [] }) },
      { weight: 2, arbitrary: fc.constant({ do: 'come' as const, events: [] }) },
    );
    const filter = fc.constantFrom<FilterInput>(
      {},
      open,
      { level: [1, 2] },
      { state: ['acked', 'withdrawn'], level: 3 },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), filter, (steps, wanted) => {
        const log = new Log();
        const client = new Client();
        let here: ReturnType<Hub['subscribe']> | null = null;
        const come = () => {
          const since = client.to === null ? undefined : { epoch: client.epoch, pos: client.to };
          here ??= log.hub.subscribe(client, 'm', parseFilter(wanted), since);
        };
        for (const { do: what, events } of steps) {
          if (what === 'append') log.append(...(events as Sketch[]));
          if (what === 'come') come();
          if (what === 'drop' && here !== null) {
            log.hub.unsubscribe(here);
            here = null;
          }
        }
        come();
        expect(client.shown()).toEqual(log.truth(wanted));
      }),
    );
  });
});
