// Process: creates the topics of a namespace and brings its database up to date, then ends. Safe to run again.
// Its environment is what every service reads.
import { topicRegistry } from '@yunjian/contracts';
import { closeAdmin, ensureTopics } from '@yunjian/kafka';
import { commonEnv, readEnv } from '@yunjian/service';
import { migrate } from '../clickhouse/migrate.ts';
import { clickhouseAnswers } from './clickhouse.ts';
import { until } from './until.ts';

const env = readEnv(commonEnv);

async function topics(): Promise<void> {
  const registry = topicRegistry({
    namespace: env.YJ_NAMESPACE,
    rawPartitions: env.YJ_RAW_PARTITIONS,
    lanePartitions: env.YJ_LANE_PARTITIONS,
    replay: env.YJ_REPLAY,
  });
  const kafka = { brokers: env.KAFKA_BROKERS, clientId: 'setup' };
  await ensureTopics(kafka, registry);
  await closeAdmin(kafka);
  process.stdout.write(`${registry.length} topics of ${env.YJ_NAMESPACE} are there\n`);
}

async function migrations(): Promise<void> {
  const url = env.CLICKHOUSE_URL.replace(/\/+$/, '');
  await until(
    () => clickhouseAnswers(url),
    60_000,
    () => `ClickHouse does not answer at ${url}`,
  );
  const { CLICKHOUSE_USER: user, CLICKHOUSE_PASSWORD: password, YJ_NAMESPACE: database } = env;
  const applied = await migrate({ url, user, password, database });
  process.stdout.write(`database ${database} is up to date, applied now: ${applied.join(', ') || 'nothing'}\n`);
}

await Promise.all([topics(), migrations()]);
