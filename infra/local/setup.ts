// Process: creates the topics of a namespace and brings its database up to date, then ends. Safe to run again.
// Environment: KAFKA_BROKERS, CLICKHOUSE_URL, CLICKHOUSE_USER, CLICKHOUSE_PASSWORD, YJ_NAMESPACE, YJ_RAW_PARTITIONS,
// YJ_LANE_PARTITIONS, YJ_REPLAY.
import { topicRegistry } from '@yunjian/contracts';
import { closeAdmin, ensureTopics } from '@yunjian/kafka';
import { migrate } from '../clickhouse/migrate.ts';
import { clickhouseAnswers } from './clickhouse.ts';
import { until } from './until.ts';

const env = process.env;
const namespace = env.YJ_NAMESPACE ?? 'yj';
const brokers = (env.KAFKA_BROKERS ?? '127.0.0.1:9092').split(',');
const url = (env.CLICKHOUSE_URL ?? 'http://127.0.0.1:8123').replace(/\/+$/, '');

async function topics(): Promise<void> {
  const registry = topicRegistry({
    namespace,
    rawPartitions: Number(env.YJ_RAW_PARTITIONS ?? 4),
    lanePartitions: Number(env.YJ_LANE_PARTITIONS ?? 4),
    replay: env.YJ_REPLAY === '1',
  });
  const kafka = { brokers, clientId: 'setup' };
  await ensureTopics(kafka, registry);
  await closeAdmin(kafka);
  process.stdout.write(`${registry.length} topics of ${namespace} are there\n`);
}

async function migrations(): Promise<void> {
  await until(
    () => clickhouseAnswers(url),
    60_000,
    () => `ClickHouse does not answer at ${url}`,
  );
  const applied = await migrate({
    url,
    user: env.CLICKHOUSE_USER,
    password: env.CLICKHOUSE_PASSWORD,
    database: namespace,
  });
  process.stdout.write(`database ${namespace} is up to date, applied now: ${applied.join(', ') || 'nothing'}\n`);
}

await Promise.all([topics(), migrations()]);
