// Wall and alerting together: findings become alerts on the screen, operators' words go the other way.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertRecord, Finding } from '@yunjian/contracts';
import { until } from '@yunjian/infra/local/until.ts';
import { createProducer, type LogProducer } from '@yunjian/kafka';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { kafkaBrokers, type Namespace, namespace } from '../support/stack.ts';
import { cityAlerts } from './city.ts';
import { OPERATOR, TOKEN, type WallProcess, wallProcess } from './service.ts';
import { type Watcher, watch } from './watcher.ts';

let directory: string;
let space: Namespace;
let producer: LogProducer;
let alerting: ServiceProcess;
let wall: WallProcess;
let watcher: Watcher;
let findings = 0;

const [first, second] = cityAlerts(2, Date.now()) as [AlertRecord, AlertRecord];

function finding(of: AlertRecord, over: Partial<Finding> = {}): Finding {
  const { version, state, detected_at, updated_at, transition, ...claim } = of;
  return {
    type: 'finding',
    cause: { processor: 'test', lane: 'institution', partition: 0, offset: findings++, index: 0 },
    action: 'raise',
    reason: 'due',
    ...claim,
    ...over,
  };
}

const find = (...all: Finding[]) =>
  producer.send(
    space.topics.laneAlert,
    all.map((one) => ({ key: one.alert_id, value: JSON.stringify(one), partition: 0 })),
  );
const soon = (condition: () => boolean, what: string) => until(condition, 20_000, () => what);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'yunjian-wall-alerting-'));
  space = await namespace({ partitions: 1 });
  producer = await createProducer({ brokers: kafkaBrokers(), clientId: `${space.name}.test` });
  wall = await wallProcess(space.env);
  [alerting] = await Promise.all([startProcess('alerting', space.env, join(directory, 'alerting.log')), wall.start()]);
  await alerting.ready();
  watcher = watch(wall.url, TOKEN);
});
afterAll(async () => {
  watcher.client.close();
  await Promise.all([wall.stop(), alerting.stop(), producer.close()]);
  await rm(directory, { recursive: true, force: true });
});

test('a finding is on the screen, its withdrawal too, and alerting is heard to be alive', async () => {
  await find(finding(first), finding(second));
  await soon(() => watcher.alerts.size === 2, 'the alerts do not come');
  await find(finding(second, { action: 'withdraw', reason: 'a late check covers it' }));
  await soon(() => watcher.alerts.get(second.alert_id)?.state.raised === false, 'the withdrawal does not come');
  await soon(
    () => watcher.health?.sources.find(({ name }) => name === 'alerting')?.state === 'live',
    'alerting is not called live',
  );
});

test('commands are done once, refused with a reason, and refused when the alert has moved on', async () => {
  const held = watcher.alerts.get(first.alert_id)!;
  const acked = await watcher.client.command(held, { action: 'ack', reason: '已电话核实' }, 'idem-1');
  expect(acked).toMatchObject({
    ok: true,
    alert: { version: 2, state: { acked: true }, transition: { by: OPERATOR } },
  });
  expect(await watcher.client.command(held, { action: 'ack', reason: '已电话核实' }, 'idem-1')).toMatchObject({
    ok: true,
  });
  await soon(() => watcher.alerts.get(first.alert_id)?.version === 2, 'the delta does not come');

  const late = await watcher.client.command(held, { action: 'ack', reason: '' }, 'idem-2');
  expect(late).toMatchObject({ ok: false, code: 'version_conflict', alert: { version: 2 } });
  const now = watcher.alerts.get(first.alert_id)!;
  const unexplained = await watcher.client.command(
    now,
    { action: 'dispose', reason: '', outcome: 'confirmed' },
    'idem-3',
  );
  expect(unexplained).toMatchObject({ ok: false, code: 'refused', temporary: false });

  const answer = await wall.ask(`/api/alerts/${encodeURIComponent(first.alert_id)}/actions`, {
    method: 'POST',
    body: JSON.stringify({
      action: 'dispose',
      outcome: 'confirmed',
      reason: '现场核查属实',
      if_version: 2,
      idem: 'idem-4',
    }),
  });
  expect(answer.status).toBe(200);
  await soon(() => watcher.alerts.get(first.alert_id)?.state.disposed === true, 'the disposal does not come');
  const { history } = (await (await wall.ask(`/api/alerts/${encodeURIComponent(first.alert_id)}`)).json()) as {
    history: { transition: { action: string }; disposal: string | null; shelved_until: string | null }[];
  };
  expect(history.map(({ transition, disposal }) => [transition.action, disposal])).toEqual([
    ['raise', null],
    ['ack', null],
    ['dispose', 'confirmed'],
  ]);
  expect(history.map(({ shelved_until }) => shelved_until)).toEqual([null, null, null]);
});
