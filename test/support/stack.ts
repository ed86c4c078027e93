// The shared broker and ClickHouse of a test run, and a world of its own in them for each test.
import { randomBytes } from 'node:crypto';
import { type TopicNames, type TopicSpec, topicNames, topicRegistry } from '@yunjian/contracts';
import { migrate } from '@yunjian/infra/clickhouse/migrate.ts';
import { ensureTopics } from '@yunjian/kafka';
import { inject } from 'vitest';

/** host:port list of the shared broker. */
export function kafkaBrokers(): string[] {
  return inject('kafkaBrokers');
}

/** URL of the shared ClickHouse, without a trailing slash. */
export function clickhouseUrl(): string {
  return inject('clickhouseUrl');
}

export interface Namespace {
  /** Topic prefix and ClickHouse database. */
  name: string;
  topics: TopicNames;
  /** Environment of a service that works in this namespace: YJ_NAMESPACE, KAFKA_BROKERS, CLICKHOUSE_URL, partitions. */
  env: Record<string, string>;
}

export interface NamespaceOptions {
  /** Default 4, as in production. */
  partitions?: number;
  replay?: boolean;
  /** Topics to create: all of the registry unless this picks some. */
  only?: (topic: TopicSpec) => boolean;
  /** Default: the shared ones. */
  brokers?: string[];
  clickhouse?: string;
}

/** A fresh namespace with its topics created and its database migrated; nothing of another test is in it. */
export async function namespace(options: NamespaceOptions = {}): Promise<Namespace> {
  const name = `t${randomBytes(6).toString('hex')}`;
  const partitions = options.partitions ?? 4;
  const brokers = options.brokers ?? kafkaBrokers();
  const url = options.clickhouse ?? clickhouseUrl();
  const replay = options.replay ?? false;
  const registry = topicRegistry({ namespace: name, rawPartitions: partitions, lanePartitions: partitions, replay });
  await Promise.all([
    ensureTopics({ brokers, clientId: 'test' }, registry.filter(options.only ?? (() => true))),
    migrate({ url, database: name }),
  ]);
  return {
    name,
    topics: topicNames(name),
    env: {
      YJ_NAMESPACE: name,
      KAFKA_BROKERS: brokers.join(','),
      CLICKHOUSE_URL: url,
      YJ_RAW_PARTITIONS: String(partitions),
      YJ_LANE_PARTITIONS: String(partitions),
      ...(replay ? { YJ_REPLAY: '1' } : {}),
    },
  };
}
