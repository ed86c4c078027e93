// The notifier as a process, against a real broker, a real mail server and a robot.
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AlertRecord, isoShanghai } from '@yunjian/contracts';
import { freePorts } from '@yunjian/infra/local/ports.ts';
import { until } from '@yunjian/infra/local/until.ts';
import { createProducer, groupCommits, groupOffsets, type LogProducer } from '@yunjian/kafka';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { kafkaBrokers, type Namespace, namespace } from '../support/stack.ts';
import { startMailbox, startRobot } from './mailbox.ts';

let directory: string;
let producer: LogProducer;
let world: Namespace;
const settings = () => ({ brokers: kafkaBrokers(), clientId: 'test' });
const undo: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'yunjian-notifier-'));
  producer = await createProducer(settings());
});
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});
afterAll(async () => {
  await producer.close();
  await rm(directory, { recursive: true, force: true });
});

const logFile = () => join(directory, `${world.name}.log`);

async function notifier(env: Record<string, string>): Promise<ServiceProcess> {
  const service = await startProcess('notifier', { ...world.env, ...env }, logFile());
  undo.push(() => service.stop());
  return service;
}

async function mailbox(...given: Parameters<typeof startMailbox>) {
  const made = await startMailbox(...given);
  undo.push(() => made.close());
  return made;
}

function version(
  id: string,
  number: number,
  action: AlertRecord['transition']['action'],
  level: AlertRecord['level'] = 1,
): AlertRecord {
  const at = isoShanghai(Date.now());
  return {
    alert_id: id,
    version: number,
    detector: 'identity-mismatch',
    rule_version: 'r1',
    level,
    state: { raised: action !== 'withdraw', acked: false, shelved: false, disposed: false },
    fixmedins_code: 'P32110200001',
    grid: ['镇江市', '京口区'],
    subject: { kind: 'settlement', ref: 'S1' },
    window: { start: at, end: at },
    event_time: at,
    detected_at: at,
    updated_at: at,
    amount: null,
    title: { zh: '人证不符', en: 'Identity mismatch' },
    facts: {},
    evidence: [],
    transition: { action, by: 'system', reason: 'test' },
  };
}

async function log(...alerts: AlertRecord[]): Promise<void> {
  await producer.send(
    world.topics.alertLog,
    alerts.map((alert) => ({ key: alert.alert_id, value: JSON.stringify(alert), partition: 0 })),
  );
}

const committed = async () =>
  (await groupOffsets(settings(), world.topics.group('notifier'), world.topics.alertLog))[0] ?? null;

async function fresh(): Promise<void> {
  world = await namespace({ only: ({ name }) => name.endsWith('alert.log') });
}

describe('notifier', () => {
  test('mails what is raised, follows up on its withdrawal, and tells nothing twice after a restart', async () => {
    await fresh();
    const box = await mailbox();
    const env = { YJ_SMTP_URL: box.url, YJ_ONCALL_EMAIL: 'oncall@example.org', YJ_WALL_URL: 'https://wall.example' };
    const first = await notifier(env);
    await first.ready();
    await log(version('a', 1, 'raise'), version('low', 1, 'raise', 3));
    await until(
      () => box.mails.length === 1,
      20_000,
      () => 'no mail',
    );
    expect(box.mails[0]).toMatchObject({
      to: ['oncall@example.org'],
      subject: '【新预警】一级(红) 人证不符 P32110200001 / New alert: level 1 (red) Identity mismatch',
      messageId: expect.stringMatching(/^<[\w-]{22}\.1@yunjian>$/),
      text: expect.stringContaining('查看:https://wall.example/#alert=a'),
    });
    await until(
      async () => (await committed()) === 2,
      10_000,
      () => 'the offset does not move',
    );
    expect(await first.stop()).toBe(0);
    await log(version('b', 1, 'raise'));
    const second = await notifier(env);
    await second.ready();
    await until(
      () => box.mails.length === 2,
      20_000,
      () => 'what was raised in between is not told',
    );
    await log(version('a', 2, 'withdraw'));
    await until(
      () => box.mails.length === 3,
      20_000,
      () => `expected 3 mails, got ${box.mails.length}`,
    );
    expect(box.mails.map(({ subject }) => subject.slice(0, 7))).toEqual([
      '【新预警】一级',
      '【新预警】一级',
      '【预警已撤销】',
    ]);
    expect(await second.metrics()).toMatch(
      /yunjian_notifier_messages_total\{channel="mail",kind="withdrawn",outcome="sent",service="notifier"\} 1/,
    );
  });

  test('waits for a mail server that is away, its offset where it was, and then tells what still stands', async () => {
    await fresh();
    const [port] = await freePorts(1);
    const service = await notifier({ YJ_SMTP_URL: `smtp://127.0.0.1:${port}`, YJ_ONCALL_EMAIL: 'oncall@example.org' });
    await service.ready();
    await log(version('x', 1, 'raise', 4), version('gone', 1, 'raise'), version('stands', 1, 'raise'));
    await until(
      async () => String((await service.readyz())?.body.reasons).includes('channel mail'),
      20_000,
      () => '/readyz does not say that the channel is away',
    );
    await log(version('gone', 2, 'withdraw'));
    await until(
      async () => (await committed()) === 2,
      10_000,
      () => 'what is settled is not committed',
    );
    const box = await mailbox(port);
    await until(
      () => box.mails.length > 0,
      40_000,
      () => 'no mail after the server came back',
    );
    await until(
      async () => (await committed()) === 4,
      10_000,
      () => 'the offset does not move',
    );
    expect(box.mails.map(({ text }) => /alert=(\w+)/.exec(text)?.[1])).toEqual(['stands']);
    await service.ready();
  }, 90_000);

  test('a mailbox that does not exist holds up nobody else; a robot gets its own form', async () => {
    await fresh();
    const box = await mailbox(0, { 'nobody@example.org': '550 no such mailbox' });
    const robot = await startRobot();
    undo.push(() => robot.close());
    const file = join(directory, 'routes.yaml');
    await writeFile(
      file,
      [
        'channels:',
        '  mail: { type: smtp, from: yunjian@example.org }',
        '  robot: { type: webhook, format: wecom, url_env: YJ_TEST_ROBOT }',
        'rosters:',
        '  always: [{ from: "00:00", until: "24:00", to: [duty@example.org] }]',
        '  days: [{ days: [mon, tue, wed, thu, fri, sat], from: "08:00", until: "08:00", to: [duty@example.org] }]',
        'routes:',
        '  - { channel: mail, levels: [1], to: [nobody@example.org] }',
        '  - { channel: mail, levels: [1, 2], roster: always, districts: [京口区] }',
        '  - { channel: robot, levels: [1] }',
      ].join('\n'),
    );
    const service = await notifier({ YJ_NOTIFIER_ROUTES: file, YJ_SMTP_URL: box.url, YJ_TEST_ROBOT: robot.url });
    await service.ready();
    await log(version('a', 1, 'raise'));
    await until(
      () => box.mails.length === 1 && robot.received.length === 1,
      20_000,
      () => 'not everybody was told',
    );
    expect(box.mails[0]?.to).toEqual(['duty@example.org']);
    expect(robot.received[0]).toEqual({ msgtype: 'text', text: { content: expect.stringContaining('人证不符') } });
    await until(
      async () => (await committed()) === 1,
      10_000,
      () => 'the refused mail holds up the offset',
    );
    expect(await service.metrics()).toMatch(/outcome="refused"[^}]*\} 1/);
    expect(await readFile(logFile(), 'utf8')).toContain('"roster":"days","gaps":["sun 08:00 to mon 08:00"]');
    expect((await service.readyz())?.body.reasons).toEqual([
      expect.stringMatching(/^channel mail: routes\.0, address 1 of 1: the mail server answered 550 no such mailbox/),
    ]);
  });

  test('records that do not fit are passed over and counted; what only speaks of a new action is told', async () => {
    await fresh();
    const box = await mailbox();
    const service = await notifier({ YJ_SMTP_URL: box.url, YJ_ONCALL_EMAIL: 'oncall@example.org' });
    await service.ready();
    const later = { ...version('later', 1, 'raise'), transition: { action: 'reopen', by: 'system', reason: '' } };
    const strange = { ...version('strange', 1, 'raise'), level: 9 };
    await producer.send(
      world.topics.alertLog,
      ['no JSON', JSON.stringify(strange), JSON.stringify(later)].map((value) => ({ key: 'k', value, partition: 0 })),
    );
    await log(version('after', 1, 'raise'));
    const told = () => box.mails.map(({ text }) => text).join();
    await until(
      () => ['#alert=later', '#alert=after'].every((link) => told().includes(link)),
      20_000,
      () => `told: ${told()}`,
    );
    expect(told()).toMatch(/预警待确认.*一级\(红\) 人证不符/);
    await until(
      async () => (await committed()) === 4,
      10_000,
      () => 'the offset does not move past what is no alert',
    );
    expect(await service.metrics()).toMatch(/yunjian_notifier_bad_records_total\{[^}]*\} 2/);
  });

  test('a slow mail server does not delay the robot', async () => {
    await fresh();
    const slow = createServer();
    undo.push(
      () => new Promise((resolve) => void slow.close(resolve)),
      async () => {
        for (const socket of silent) socket.destroy();
      },
    );
    const silent: Socket[] = [];
    slow.on('connection', (socket) => silent.push(socket));
    slow.listen(0, '127.0.0.1');
    await once(slow, 'listening');
    const robot = await startRobot();
    undo.push(() => robot.close());
    const file = join(directory, 'slow.yaml');
    await writeFile(
      file,
      [
        'channels:',
        '  mail: { type: smtp }',
        '  robot: { type: webhook, format: wecom, url_env: YJ_TEST_ROBOT }',
        'routes:',
        '  - { channel: mail, levels: [2], to: [duty@example.org] }',
        '  - { channel: robot, levels: [1] }',
      ].join('\n'),
    );
    const service = await notifier({
      YJ_NOTIFIER_ROUTES: file,
      YJ_SMTP_URL: `smtp://127.0.0.1:${(slow.address() as AddressInfo).port}`,
      YJ_TEST_ROBOT: robot.url,
    });
    await service.ready();
    await log(version('slow', 1, 'raise', 2));
    await until(
      () => silent.length > 0,
      20_000,
      () => 'the mail server was not asked',
    );
    await log(version('grave', 1, 'raise', 1));
    await until(
      () => robot.received.length === 1,
      8_000,
      () => 'the robot waits for the mail server',
    );
    expect(silent).toHaveLength(1);
    expect(await service.metrics()).toMatch(/yunjian_notifier_waiting\{channel="mail",service="notifier"\} 1/);
  });

  test('while one channel is away a restart tells nothing twice on the other', async () => {
    await fresh();
    const box = await mailbox();
    const [port] = await freePorts(1);
    const file = join(directory, 'away.yaml');
    await writeFile(
      file,
      [
        'channels:',
        '  mail: { type: smtp }',
        '  robot: { type: webhook, format: wecom, url_env: YJ_TEST_ROBOT }',
        'routes:',
        '  - { channel: mail, to: [duty@example.org] }',
        '  - { channel: robot }',
      ].join('\n'),
    );
    const env = {
      YJ_NOTIFIER_ROUTES: file,
      YJ_SMTP_URL: box.url,
      YJ_TEST_ROBOT: `http://127.0.0.1:${port}/robot`,
    };
    const toldTo = (texts: string[]) => [...texts.join().matchAll(/查看:\S+#alert=(\w+)|- 新预警.*#alert=(\w+)/g)];
    const mailed = () => toldTo(box.mails.map(({ text }) => text)).map((found) => found[1] ?? found[2]);
    const first = await notifier(env);
    await until(
      async () => (await first.readyz()) !== null,
      20_000,
      () => 'it does not start',
    );
    await log(version('a', 1, 'raise'), version('b', 1, 'raise'));
    await until(
      () => mailed().length === 2,
      20_000,
      () => `mailed: ${mailed()}`,
    );
    const commit = async () =>
      (await groupCommits(settings(), world.topics.group('notifier'), world.topics.alertLog))[0];
    await until(
      async () => (await commit())?.note === '{"mail":2}',
      10_000,
      () => 'how far the mail has come is not committed',
    );
    expect((await commit())?.offset).toBe(0);
    await first.stop();
    const robot = await startRobot(port);
    undo.push(() => robot.close());
    const second = await notifier(env);
    await second.ready();
    await log(version('c', 1, 'raise'));
    await until(
      async () => (await committed()) === 3,
      40_000,
      () => `mailed: ${mailed()}, to the robot: ${robot.received.length}`,
    );
    expect(mailed().sort()).toEqual(['a', 'b', 'c']);
    const said = robot.received.map(({ text }) => (text as { content: string }).content);
    expect(
      toldTo(said)
        .map((found) => found[1] ?? found[2])
        .sort(),
    ).toEqual(['a', 'b', 'c']);
    expect((await commit())?.note).toBe('');
  }, 120_000);

  test('without a channel it runs, says so, and keeps up with the log', async () => {
    await fresh();
    const service = await notifier({});
    await service.ready();
    await log(version('a', 1, 'raise'));
    await until(
      async () => (await committed()) === 1,
      20_000,
      () => 'the offset does not move',
    );
    expect((await service.readyz())?.body).toMatchObject({ channels: 'no channel is configured', waiting: 0 });
  });
});
