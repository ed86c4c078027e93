// Process: `npm run replay`. Maps a foreign export and sends it through the whole chain in a namespace of its own.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { createClickHouse } from '@yunjian/clickhouse';
import { digest, encodeLane, LANES, topicNames, topicRegistry } from '@yunjian/contracts';
import { closeAdmin, createProducer, ensureTopics, type KafkaSettings } from '@yunjian/kafka';
import { migrate } from '../clickhouse/migrate.ts';
import { codeOf } from '../local/arguments.ts';
import { Stack } from '../local/bring-up.ts';
import { brokerAnswers } from '../local/broker.ts';
import { planOf } from '../local/plan.ts';
import { ProcessRecord } from '../local/process-record.ts';
import { secretsOf } from '../local/secrets.ts';
import { type StackDescription, StackFile } from '../local/stack-file.ts';
import { startChain } from './chain.ts';
import { readExport } from './export-reader.ts';
import { createMapper, readMapping } from './mapping.ts';
import { HELP, type ReplayOptions, readReplayOptions } from './options.ts';
import { createProgressBar } from './progress.ts';
import { collectReport, printReport } from './report.ts';
import { send, timed } from './sender.ts';

const RAW_PARTITIONS = 1;
const LANE_PARTITIONS = 1;
const DRAIN_LIMIT_MS = 600_000;
const say = (line: string) => process.stdout.write(`${line}\n`);

process.exit(await codeOf(main));

async function main(): Promise<number> {
  const options = readReplayOptions(process.argv.slice(2), process.env);
  if (options === undefined) say(HELP);
  else await replay(options);
  return 0;
}

interface Ground {
  kafka: string;
  clickhouse: string;
  leave(): Promise<void>;
}

/** A running stack's broker and ClickHouse, or own ones for the time of the replay. */
async function standOn(options: ReplayOptions): Promise<Ground> {
  const file = join(options.data, 'stack.json');
  if (existsSync(file)) {
    const running = JSON.parse(readFileSync(file, 'utf8')) as StackDescription;
    if (await brokerAnswers(running.kafka)) {
      say(`Uses the running stack of ${relative(process.cwd(), options.data) || '.'}`);
      return { kafka: running.kafka, clickhouse: running.clickhouse, leave: async () => {} };
    }
  }
  say('No stack is running here: starts a broker and a ClickHouse for this replay');
  const data = join(options.data, 'replay');
  mkdirSync(data, { recursive: true });
  const record = new ProcessRecord(data);
  const stackOptions = {
    data,
    simulator: false,
    speed: 1,
    autoPorts: true,
    only: [],
    kafkaBrokers: undefined,
    clickhouseUrl: undefined,
  };
  const plan = await planOf(stackOptions);
  const { signal } = new AbortController();
  const stack = new Stack({
    options: stackOptions,
    plan,
    secrets: secretsOf(data),
    record,
    file: new StackFile(data),
    say,
    signal,
  });
  await stack.up();
  return {
    kafka: plan.kafka,
    clickhouse: plan.clickhouse,
    leave: async () => {
      await stack.down();
      record.release();
    },
  };
}

async function replay(options: ReplayOptions): Promise<void> {
  const mapping = readMapping(await readFile(options.map, 'utf8'), options.map);
  const map = createMapper(mapping);
  const events: Record<string, unknown>[] = [];
  for await (const row of readExport(options.file, mapping)) events.push(...map(row));
  const ordered = timed(events);
  say(`${options.file}: ${events.length} events`);

  const ground = await standOn(options);
  const namespace =
    options.namespace ??
    `replay_${mapping.name.replaceAll('-', '_')}_${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}`;
  const names = topicNames(namespace);
  const kafka: KafkaSettings = { brokers: ground.kafka.split(','), clientId: `${namespace}.replay` };
  try {
    say(`Namespace ${namespace}`);
    await Promise.all([
      ensureTopics(
        kafka,
        topicRegistry({ namespace, rawPartitions: RAW_PARTITIONS, lanePartitions: LANE_PARTITIONS, replay: true }),
      ),
      migrate({ url: ground.clickhouse, database: namespace }),
    ]);
    const producer = await createProducer(kafka);
    if (mapping.rules !== undefined) {
      const value = encodeLane({
        kind: 'ruleChange',
        ruleVersion: digest(JSON.stringify(mapping.rules), 11),
        rules: mapping.rules,
      });
      for (const lane of LANES) await producer.send(names.lane(lane), [{ value, partition: 0 }]);
    }
    const env = {
      YJ_NAMESPACE: namespace,
      YJ_REPLAY: '1',
      KAFKA_BROKERS: ground.kafka,
      CLICKHOUSE_URL: ground.clickhouse,
      YJ_RAW_PARTITIONS: String(RAW_PARTITIONS),
      YJ_LANE_PARTITIONS: String(LANE_PARTITIONS),
      YJ_PSEUDONYM_KEY: secretsOf(options.data).pseudonymKey,
    };
    const chain = await startChain({ kafka, names, env, logs: join(options.data, 'logs', namespace) });
    try {
      const bar = createProgressBar(ordered.length, 'replayed');
      await send(ordered, {
        producer,
        names,
        rawPartitions: RAW_PARTITIONS,
        speed: options.speed,
        onProgress: (sent, at) => bar.show(sent, new Date(at).toISOString().slice(0, 10)),
      });
      bar.end();
      say('  waiting until everything has come out at the end');
      await chain.drained(DRAIN_LIMIT_MS);
    } finally {
      await chain.stop();
      await producer.close();
    }
    printReport(
      await collectReport(kafka, names, ordered.length, await archivedRows(ground.clickhouse, namespace)),
      say,
    );
    say(`  archive   database ${namespace} at ${ground.clickhouse}`);
  } finally {
    await closeAdmin(kafka);
    await ground.leave();
  }
}

async function archivedRows(url: string, database: string): Promise<Record<string, number>> {
  const clickhouse = createClickHouse({ url, database });
  try {
    const count = async (view: string) =>
      Number((await clickhouse.query<{ n: string }>(`SELECT count() AS n FROM ${view}`))[0]?.n ?? 0);
    return { settlements: await count('settlements_current'), 'rejected records': await count('rejected') };
  } finally {
    await clickhouse.close();
  }
}
