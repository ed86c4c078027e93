// `npm run inspect` over a small town that has run: what it prints of checkpoints, lanes and alerts, and what it says when it cannot.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClickHouse } from '@yunjian/clickhouse';
import { type AlertRecord, type Command, isoShanghai, type LaneAlertRecord } from '@yunjian/contracts';
import { inspect } from '@yunjian/infra/inspect/answer.ts';
import { freePorts } from '@yunjian/infra/local/ports.ts';
import { until } from '@yunjian/infra/local/until.ts';
import { createProducer, readRange, watermarks } from '@yunjian/kafka';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ack, finding } from '../alerting/world.ts';
import { townLoad } from '../chain/load.ts';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { clickhouseUrl, kafkaBrokers, type Namespace, namespace } from '../support/stack.ts';

const SERVICES = ['ingest', 'detector', 'alerting', 'archiver'];

let ns: Namespace;
let directory: string;
let running: ServiceProcess[] = [];
let alert: AlertRecord;

beforeAll(async () => {
  ns = await namespace({ partitions: 2 });
  directory = await mkdtemp(join(tmpdir(), 'yunjian-inspect-'));
  const rules = join(directory, 'rules.yaml');
  await writeFile(rules, 'detectors: { source-silent: { shadow: { params: { device: 60 } } } }');
  const env = {
    ...ns.env,
    YJ_RULES: rules,
    YJ_TICK_MS: '250',
    YJ_MARK_MS: '250',
    YJ_CHECKPOINT_MS: '300',
    YJ_GATHER_MS: '200',
  };
  running = await Promise.all(SERVICES.map((name) => startProcess(name, env, join(directory, `${name}.log`))));
  await Promise.all(running.map((service) => service.ready(60_000)));
  const { reference, lines } = townLoad(7, Date.now(), 20);
  const response = await fetch(`${running[0]?.url}/v1/events`, {
    method: 'POST',
    headers: { authorization: 'Bearer development', 'content-type': 'application/x-ndjson' },
    body: [...reference, ...lines].join('\n'),
  });
  expect(response.status).toBe(202);
  const found = await missingCheck();
  alert = found;
  await archived();
  await writeFile(
    join(directory, 'stack.json'),
    JSON.stringify({ kafka: kafkaBrokers().join(','), clickhouse: clickhouseUrl(), namespace: ns.name }),
  );
}, 120_000);

afterAll(async () => {
  await Promise.all(running.map((service) => service.stop()));
  await rm(directory, { recursive: true, force: true });
}, 60_000);

async function missingCheck(): Promise<AlertRecord> {
  const kafka = { brokers: kafkaBrokers(), clientId: `${ns.name}.test` };
  let found: AlertRecord | undefined;
  await until(
    async () => {
      const [log] = await watermarks(kafka, ns.topics.alertLog);
      await readRange(kafka, ns.topics.alertLog, 0, 0, log?.high ?? 0, ({ value }) => {
        const record = JSON.parse(String(value)) as AlertRecord;
        if (record.detector === 'identity-check-missing') found ??= record;
      });
      return found !== undefined;
    },
    60_000,
    () => 'no identity-check-missing was raised',
  );
  return found as AlertRecord;
}

async function archived(): Promise<void> {
  const clickhouse = createClickHouse({ url: clickhouseUrl(), database: ns.name });
  await until(
    async () => {
      const counted = async (table: string, column: string, value: string) =>
        (
          await clickhouse.query<{ n: number }>(`SELECT count() AS n FROM ${table} WHERE ${column} = {value: String}`, {
            value,
          })
        )[0]?.n ?? 0;
      return (
        (await counted('settlements', 'settlement_id', alert.subject.ref)) > 0 &&
        (await counted('alert_transitions', 'alert_id', alert.alert_id)) > 0
      );
    },
    60_000,
    () => 'the settlement and its alert are not archived',
  );
  await clickhouse.close();
}

const ask = (...args: string[]) => inspect(args, {});

/** An inspection of the town, its addresses from stack.json. */
const here = (...args: string[]) => ask(...args, '--data', directory);

describe('inspect', () => {
  test('checkpoint: every partition in a table, then one with its chain, clocks and tables', async () => {
    const all = await here('checkpoint');
    expect(all.err).toBe('');
    expect(all.out).toMatch(/partition +pointer +number +committed +lane offset +lane next +behind/);
    expect(all.out.trim().split('\n')).toHaveLength(5);

    const one = await here('checkpoint', 'institution', '1');
    expect(one.out).toMatch(/pointer +[\d,]+ of group .*detector: checkpoint \d+/);
    expect(one.out).toMatch(/whole +every hash and number of the chain holds/);
    expect(one.out).toMatch(/settlement\/0 +\d{4}-\d\d-\d\dT/);
    expect(one.out).toMatch(/observed \(F\) +\d{4}/);
    expect(one.out).toMatch(/^all +[\d,]+ +[\d.]+ [KM]?B$/m);
  });

  test('checkpoint of alerting, found by address instead of by stack', async () => {
    const address = ['--kafka', kafkaBrokers().join(','), '--namespace', ns.name, '--data', '/nowhere'];
    const { out, code } = await ask('checkpoint', 'alert', '0', ...address);
    expect(code).toBe(0);
    expect(out).toMatch(/Clock +\d{4}-/);
    expect(out).toMatch(/owner +\S+\/\d+\//);
  });

  test('checkpoint without a pointer: where it would be set to', async () => {
    const producer = await createProducer({ brokers: kafkaBrokers(), clientId: `${ns.name}.test` });
    const other = await namespace({ partitions: 1, only: ({ name }) => /institution$/.test(name) });
    const topic = other.topics.checkpoint('institution');
    const empty = await here('checkpoint', 'institution', '0', '--namespace', other.name);
    expect(empty.out).toMatch(/last COMMIT +none/);
    const commit = { t: 'commit', owner: 'o', n: 7, prev: 3, base: 1, input: 42, chunks: 0, hash: '' };
    await producer.send(topic, [{ value: JSON.stringify(commit), partition: 0 }]);
    const lost = await here('checkpoint', 'institution', '0', '--namespace', other.name);
    expect(lost.out).toMatch(/last COMMIT +at 0, checkpoint 7 of .*, lane offset 42/);
    await producer.close();
  });

  test('lane: records decoded, persons as pseudonyms alone', async () => {
    const { out } = await here('lane', 'institution', '0', '--last', '5000');
    expect(out).toMatch(/settlement +\d{4}-\S+ +[HP]\d{11} +settlement\/\d@\d+/);
    expect(out).toMatch(/ mark /);
    expect(out).toContain('settlementId=');
    expect(out).not.toMatch(/person-\d/);
    const few = await here('lane', 'institution', '0', '--from', '3', '--last', '2');
    expect(
      few.out
        .trim()
        .split('\n')
        .slice(3)
        .map((row) => row.trim().split(' ')[0]),
    ).toEqual(['3', '4']);
    expect((await here('lane', 'alert', '0', '--last', '200')).out).toMatch(/finding +raise \S+ L\d/);
  });

  test('alert: its transitions with their causes, and where its evidence lies', async () => {
    const { out } = await here('alert', alert.alert_id);
    expect(out).toContain(`settlement ${alert.subject.ref}, institution ${alert.fixmedins_code}`);
    expect(out).toMatch(/1 +\S+ +raise +system +\d +[\d,]+ +detector: institution\/\d@\d+/);
    expect(out).toMatch(new RegExp(`settlement ${alert.subject.ref}, .*raw\\.settlement/\\d@\\d+, arrived`));
  });

  test('alert: what operators decided, and whom, until when and what they named', async () => {
    const kafka = { brokers: kafkaBrokers(), clientId: `${ns.name}.operators` };
    const producer = await createProducer(kafka);
    const id = 'decided';
    const till = isoShanghai(Math.floor(Date.now() / 1000) * 1000 + 3_600_000);
    const orders: Pick<Command, 'action' | 'assignee' | 'until' | 'outcome'>[] = [
      { action: 'assign', assignee: '李雷' },
      { action: 'shelve', until: till },
      { action: 'dispose', outcome: 'unfounded' },
    ];
    const records: LaneAlertRecord[] = [
      { ...finding(id, 0, 1), cause: { processor: 'ledger', lane: 'code', partition: 0, offset: 0, index: 0 } },
      ...orders.map((order, i) => ({ ...ack(id, i + 1, `i${i}`), ...order })),
    ];
    await producer.send(
      ns.topics.laneAlert,
      records.map((record) => ({ key: id, value: JSON.stringify(record), partition: 0 })),
    );
    let out = '';
    await until(
      async () => {
        out = (await here('alert', id)).out;
        return /\n +4 /.test(out);
      },
      30_000,
      () => `the alert is not disposed of: ${out}`,
    );
    await producer.close();
    expect(out).toContain('\nassignee      李雷\n');
    expect(out).toContain('\ndisposal      unfounded\n');
    expect(out).toMatch(/2 +\S+ +assign +李雷 +王芳/);
    expect(out).toMatch(/3 +\S+ +shelve +\S+ +王芳/);
    expect(out).toContain(till);
    expect(out).toMatch(/4 +\S+ +dispose +unfounded +王芳/);
  });

  test('shadow: what is tried, since when, and how it compares', async () => {
    const { out } = await here('shadow');
    expect(out).toMatch(/^source-silent$/m);
    expect(out).toContain('rules         {"shadow":{"params":{"device":60}}}');
    expect(out).toMatch(/compared +since \S+ in 2 partitions/);
    expect(out).toMatch(/alerts +\d+ by both, \d+ gained, \d+ lost/);
    expect((await here('shadow', 'large-amount')).out).toMatch(/^No large-amount has shadow parameters/);
    const metrics = await (await fetch(`${running[1]?.url}/metrics`)).text();
    expect(metrics).toMatch(/yunjian_shadow_findings\{[^}]*detector="source-silent",outcome="gained"[^}]*\} \d/);
  });

  test('what is not there or does not answer is said in one sentence', async () => {
    const [dead] = await freePorts(1);
    const cases: [string[], RegExp][] = [
      [['checkpoint', '--data', '/nowhere'], /No stack runs here/],
      [['checkpoint', '--kafka', `127.0.0.1:${dead}`], /No broker answers at 127/],
      [['checkpoint', '--kafka', 'nonsense'], /expected HOST:PORT/],
      [['checkpoint', '--data', directory, '--namespace', 'elsewhere'], /There is no topic elsewhere\./],
      [['checkpoint', 'institution', '7', '--data', directory], /partitions 0 to 1; 7 is not one/],
      [['lane', 'street', '0', '--data', directory], /A lane is one of institution/],
      [['alert', 'no-such-alert', '--data', directory], /holds no alert no-such-alert/],
      [['weather'], /Expected checkpoint, lane, alert or shadow, got weather/],
    ];
    await Promise.all(
      cases.map(async ([args, sentence]) => {
        const { code, out, err } = await ask(...args);
        expect({ args, code, out, lines: err.trim().split('\n').length }).toEqual({ args, code: 1, out: '', lines: 1 });
        expect(err).toMatch(sentence);
      }),
    );
    expect((await ask('--help')).out).toContain('npm run inspect -- checkpoint|lane|alert|shadow');
  });
});
