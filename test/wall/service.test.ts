// The wall service on a real broker: the log in, alerts and outcomes out, resume across a restart, what it says of its own freshness.
import { once } from 'node:events';
import { connect } from 'node:net';
import { type AlertRecord, type Command, type CommandReply, encodeLane, FEEDS } from '@yunjian/contracts';
import { until } from '@yunjian/infra/local/until.ts';
import { createProducer, type LogProducer, type Tail, tail } from '@yunjian/kafka';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { kafkaBrokers, type Namespace, namespace } from '../support/stack.ts';
import { cityAlerts } from './city.ts';
import { TOKEN, type WallProcess, wallProcess } from './service.ts';
import { type Watcher, watch } from './watcher.ts';

const soon = (condition: () => boolean | Promise<boolean>, what: string) => until(condition, 20_000, () => what);

let space: Namespace;
let url: string;
let producer: LogProducer;
let alerting: Tail;
let wall: WallProcess;
const commands: Command[] = [];
const watchers: Watcher[] = [];

const alerts = cityAlerts(300, Date.now()).map(
  (alert): AlertRecord => ({ ...alert, state: { raised: true, acked: false, shelved: false, disposed: false } }),
);

const write = (...records: AlertRecord[]) =>
  producer.send(
    space.topics.alertLog,
    records.map((record) => ({ key: record.alert_id, value: JSON.stringify(record), partition: 0 })),
  );

function enter(filter: object = {}): Watcher {
  const watcher = watch(url, TOKEN, filter);
  watchers.push(watcher);
  return watcher;
}

/** Does what alerting would: an acknowledgement of the newest version, a refusal for anything else. */
async function standInForAlerting(): Promise<Tail> {
  const versions = new Map(alerts.map((alert) => [alert.alert_id, alert]));
  return tail(
    { brokers: kafkaBrokers(), clientId: `${space.name}.test-alerting` },
    {
      topics: [space.topics.laneAlert],
      from: 'latest',
      async onBatch({ records }) {
        for (const { value } of records) {
          const command = JSON.parse(value!.toString()) as Command;
          if (command.type !== 'command' || command.reason === 'no answer') continue;
          commands.push(command);
          const base = { idem: command.idem, alert_id: command.alert_id, message: '' };
          const alert = versions.get(command.alert_id);
          let reply: CommandReply;
          if (alert === undefined) reply = { ...base, outcome: 'unknown_alert', alert: null };
          else if (alert.version !== command.if_version) reply = { ...base, outcome: 'version_conflict', alert };
          else if (command.action !== 'ack') reply = { ...base, outcome: 'refused', message: 'not here', alert: null };
          else {
            const { action, by, reason } = command;
            const state = { ...alert.state, acked: true };
            const next: AlertRecord = {
              ...alert,
              version: alert.version + 1,
              state,
              transition: { action, by, reason },
            };
            versions.set(alert.alert_id, next);
            await write(next);
            reply = { ...base, outcome: 'done', alert: next };
          }
          await producer.send(space.topics.commandReply, [
            { key: reply.idem, value: JSON.stringify(reply), partition: 0 },
          ]);
        }
      },
    },
  );
}

beforeAll(async () => {
  space = await namespace({ partitions: 1 });
  wall = await wallProcess(space.env);
  url = wall.url;
  producer = await createProducer({ brokers: kafkaBrokers(), clientId: `${space.name}.test` });
  await write(...alerts.slice(0, 200));
  alerting = await standInForAlerting();
  await wall.start();
});

afterAll(async () => {
  for (const { client } of watchers) client.close();
  await wall.stop();
  await Promise.all([alerting.close(), producer.close()]);
});

describe('the wall on a broker', () => {
  test('shows what was in the log, then what comes', async () => {
    const all = enter();
    const levels = enter({ level: [1, 2] });
    await soon(() => all.client.status.phase === 'live' && levels.client.status.phase === 'live', 'not live');
    expect(all.alerts.size).toBe(200);
    await write(...alerts.slice(200, 250));
    await soon(() => all.alerts.size === 250, `expected 250 alerts, got ${all.alerts.size}`);
    const grave = alerts.slice(0, 250).filter(({ level }) => level <= 2).length;
    await soon(() => levels.alerts.size === grave, `expected ${grave} of level 1 and 2, got ${levels.alerts.size}`);
    expect(all.frames.filter(({ t }) => t === 'snap').length).toBeGreaterThan(0);
    expect(all.frames.filter(({ t }) => t === 'delta').length).toBeGreaterThan(0);
  });

  test('resumes after a dropped connection, and after the gateway itself was killed, without a second snapshot', async () => {
    const watcher = enter({ state: 'active' });
    await soon(() => watcher.client.status.phase === 'live', 'not live');
    const snapshots = () => watcher.frames.filter(({ t }) => t === 'snap').length;
    const before = snapshots();
    watcher.drop();
    await write(...alerts.slice(250, 270));
    await soon(() => watcher.alerts.size === 270, `expected 270 alerts, got ${watcher.alerts.size}`);
    wall.kill();
    await write({ ...alerts[0]!, version: 2, state: { raised: false, acked: false, shelved: false, disposed: false } });
    await wall.start();
    await soon(() => !watcher.alerts.has(alerts[0]!.alert_id), 'the withdrawn alert stays');
    expect(watcher.client.status.phase).toBe('live');
    expect(snapshots()).toBe(before);
    expect(watcher.frames.some(({ t }) => t === 'reset')).toBe(false);
  });

  test('carries commands to alerting and their outcome back, over HTTP and over the socket', async () => {
    const [one, two] = [alerts[5]!, alerts[6]!];
    const post = (id: string, body: object) =>
      wall.ask(`/api/alerts/${encodeURIComponent(id)}/actions`, { method: 'POST', body: JSON.stringify(body) });
    const done = await post(one.alert_id, { action: 'ack', if_version: 1, idem: 'i-1', reason: '已电话核实' });
    expect([done.status, ((await done.json()) as { alert: AlertRecord }).alert.state.acked]).toEqual([200, true]);
    expect(commands.at(-1)).toMatchObject({ by: '李明', reason: '已电话核实', if_version: 1, action: 'ack' });

    const stale = await post(one.alert_id, { action: 'ack', if_version: 1, idem: 'i-2', reason: '' });
    expect(stale.status).toBe(409);
    expect(stale.headers.get('content-type')).toContain('application/problem+json');
    expect(((await stale.json()) as { alert: AlertRecord }).alert.version).toBe(2);
    expect((await post('nobody:1', { action: 'ack', if_version: 1, idem: 'i-3', reason: '' })).status).toBe(404);
    expect((await post(two.alert_id, { action: 'assign', if_version: 1, idem: 'i-4', reason: '' })).status).toBe(403);
    expect((await post(two.alert_id, { action: 'explode', if_version: 1, idem: 'i-5', reason: '' })).status).toBe(400);
    const unanswered = await post(two.alert_id, { action: 'ack', if_version: 1, idem: 'i-6', reason: 'no answer' });
    expect([unanswered.status, unanswered.headers.get('retry-after')]).toEqual([503, '2']);
    expect(((await unanswered.json()) as { detail: string }).detail).toMatch(/结果未知.* \/ .*outcome is unknown/);

    const watcher = enter();
    await soon(() => watcher.client.status.phase === 'live', 'not live');
    const held = watcher.alerts.get(two.alert_id)!;
    expect(await watcher.client.command(held, { action: 'ack', reason: '' }, 'w-1')).toMatchObject({ ok: true });
    await soon(() => watcher.alerts.get(two.alert_id)?.state.acked === true, 'the acknowledgement does not arrive');
    const { history } = (await (await wall.ask(`/api/alerts/${encodeURIComponent(two.alert_id)}`)).json()) as {
      history: { transition: { action: string; by: string } }[];
    };
    expect(history.at(-1)?.transition).toMatchObject({ action: 'ack', by: '李明' });
  });

  test('lists pages, newest first, without gaps or repeats', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const answer = await wall.ask(`/api/alerts?limit=70${cursor === null ? '' : `&cursor=${cursor}`}`);
      const page = (await answer.json()) as { alerts: AlertRecord[]; next_cursor: string | null };
      seen.push(...page.alerts.map(({ alert_id }) => alert_id));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(new Set(seen).size).toBe(seen.length);
    expect(new Set(seen)).toEqual(new Set(alerts.slice(0, 270).map(({ alert_id }) => alert_id)));
    expect(seen[0]).toBe(alerts[6]!.alert_id);
    const { alerts: some } = (await (
      await wall.ask('/api/alerts?detector=quarterly-spend&state=raised&limit=500')
    ).json()) as {
      alerts: AlertRecord[];
    };
    expect(some.length).toBe(alerts.slice(0, 270).filter((a) => a.detector === 'quarterly-spend').length);
    expect((await wall.ask('/api/alerts?limit=501')).status).toBe(400);
    expect((await wall.ask('/api/alerts?cursor=nonsense')).status).toBe(400);
  });

  test('tells how fresh every source is from the router’s marks, and never calls a silent one live', async () => {
    const watcher = enter();
    await soon(() => watcher.health?.gateway.state === 'live', 'the gateway does not call its feed live');
    expect(watcher.health?.sources.map(({ name, state }) => [name, state])).toEqual(
      [...FEEDS, 'alerting', 'detector', 'ledger'].map((name) => [name, 'never']),
    );
    const now = Date.now();
    const lastEvent = { settlement: now, surveillance: now - 60_000, trace: now, reference: now - 3_600_000 };
    await producer.send(space.topics.lane('institution'), [
      {
        partition: 0,
        value: encodeLane({
          kind: 'mark',
          entries: FEEDS.map((feed) => ({ feed, partition: 0, next: 9, arrival: now, lastEvent: lastEvent[feed] })),
          partitions: { settlement: 1, surveillance: 1, trace: 1, reference: 1 },
        }),
      },
    ]);
    await producer.send(space.topics.laneAlert, [{ partition: 0, value: '{"type":"tick"}' }]);
    const states = () => Object.fromEntries(watcher.health?.sources.map(({ name, state }) => [name, state]) ?? []);
    await soon(() => states().alerting === 'live', 'alerting is not live');
    await soon(() => states().settlement === 'live', 'settlement is not live');
    expect(states()).toMatchObject({ surveillance: 'stale', trace: 'live', reference: 'live' });
    const kpis = (await (await wall.ask('/api/kpis')).json()) as {
      open: { count: number };
      rate_24h: unknown[];
      sources: unknown[];
    };
    expect([kpis.rate_24h.length, kpis.sources.length]).toEqual([24, 7]);
    expect(kpis.open.count).toBe(267);
  });

  test('lets nobody in who should not be', async () => {
    expect((await fetch(`${url}/api/kpis`)).status).toBe(401);
    const outcome = (options: { token?: string; origin?: string; protocol?: string }) =>
      new Promise<number>((resolve) => {
        const socket = new WebSocket(`${url.replace('http', 'ws')}/wall`, options.protocol ?? 'wall.v1', {
          ...(options.origin === undefined ? {} : { origin: options.origin }),
        });
        socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
        socket.on('error', () => {});
        socket.on('open', () => socket.send(JSON.stringify({ t: 'hello', token: options.token ?? 'wrong' })));
        socket.on('close', (code) => resolve(code));
      });
    expect(await outcome({})).toBe(4501);
    expect(await outcome({ origin: 'https://elsewhere.example' })).toBe(403);
    expect(await outcome({ origin: `${url.replace('127.0.0.1', 'localhost')}` })).toBe(403);
    expect(await outcome({ origin: url })).toBe(4501);
    expect(await outcome({ protocol: 'wall.v2' })).toBe(400);
  });

  test('says what is wrong in both languages', async () => {
    const problems = await Promise.all([
      fetch(`${url}/api/kpis`),
      fetch(`${url}/nowhere`),
      wall.ask('/api/alerts/nobody'),
      wall.ask('/api/alerts?limit=0'),
      wall.ask('/api/alerts?cursor=x'),
      wall.ask('/api/kpis', { method: 'POST' }),
      wall.ask('/api/alerts/nobody/actions', { method: 'POST', body: 'no json' }),
    ]);
    expect(problems.map(({ status }) => status)).toEqual([401, 404, 404, 400, 400, 405, 400]);
    for (const problem of problems)
      expect(((await problem.json()) as { detail: string }).detail).toMatch(/\p{Script=Han}.* \/ .*[a-z]/u);
  });

  test('an upgrade at what is no path is refused, and disturbs nobody', async () => {
    const { hostname, port } = new URL(url);
    for (const target of ['//', '/\\\\', 'http://[']) {
      const socket = connect(Number(port), hostname, () =>
        socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`),
      );
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect([target, answer.toString().slice(0, 12)]).toEqual([target, 'HTTP/1.1 400']);
      socket.destroy();
    }
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  test('says goodbye to its clients and ends in order', async () => {
    const watcher = enter();
    await soon(() => watcher.client.status.phase === 'live', 'not live');
    expect(await wall.stop()).toBe(0);
    await soon(() => watcher.client.status.phase === 'offline', 'the client still thinks it is connected');
    expect(watcher.frames.at(-1)).toMatchObject({ t: 'bye', code: 4000 });
    expect(watcher.frames.at(-1)?.reconnect_after_ms).toBeGreaterThan(0);
  });
});
