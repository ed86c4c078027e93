// The town under test: a real broker, a real ClickHouse, and every service as processes of its own, several of most.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TopicNames, topicNames, topicRegistry } from '@yunjian/contracts';
import { migrate } from '@yunjian/infra/clickhouse/migrate.ts';
import { freePorts } from '@yunjian/infra/local/ports.ts';
import { ensureTopics, type KafkaSettings } from '@yunjian/kafka';
import { type LocalServer, startBroker } from '../support/broker.ts';
import { startClickhouse } from '../support/clickhouse.ts';
import { type ServiceProcess, startProcess } from '../support/process.ts';

const NAMESPACE = 'yj';
const PARTITIONS = 6;
const FLEET = {
  ingest: 2,
  detector: 3,
  alerting: 2,
  ledger: 1,
  archiver: 1,
  wall: 2,
} as const;
/** A service that ended by itself is started again after this, as the local stack does. */
const RESTART_MS = 1_000;
const READY_MS = 120_000;
const LAST_LINES = 3;

export type Service = keyof typeof FLEET;

export interface Member {
  service: Service;
  /** `detector-2`: names it in the report and its log file. */
  name: string;
  process: ServiceProcess;
  /** It is not there on purpose: nobody starts it again meanwhile. */
  down: boolean;
}

export interface Town {
  kafka: KafkaSettings;
  names: TopicNames;
  broker: LocalServer;
  clickhouse: LocalServer;
  members: Member[];
  of(service: Service): Member[];
  /** Starts a member again on its port; resolves when the process runs, ready or not. */
  start(member: Member): Promise<void>;
  ready(): Promise<void>;
  /** Processes that ended without being told to since all were ready, with the end of their logs. */
  deaths: string[];
  stop(): Promise<void>;
}

/** Resolves when everything is ready. Ctrl-C ends it all. */
export async function startTown(directory: string, say: (line: string) => void): Promise<Town> {
  say('starts a broker and a ClickHouse');
  const [broker, clickhouse] = await Promise.all([startBroker(directory), startClickhouse(directory)]);
  const members: Member[] = [];
  const stop = async () => {
    await Promise.all(
      members.map(async ({ process: running }) => {
        running.signal('SIGCONT');
        await running.stop();
      }),
    );
    await Promise.all([broker.stop(), clickhouse.stop()]);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().finally(() => process.exit(130)));
  try {
    return await populate({ directory, broker, clickhouse, members, stop }, say);
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Ground {
  directory: string;
  broker: LocalServer;
  clickhouse: LocalServer;
  members: Member[];
  stop(): Promise<void>;
}

async function populate(ground: Ground, say: (line: string) => void): Promise<Town> {
  const { broker, clickhouse, members } = ground;
  const logs = join(ground.directory, 'logs');
  mkdirSync(logs, { recursive: true });
  const kafka: KafkaSettings = { brokers: [broker.address], clientId: `${NAMESPACE}.chaos` };
  const registry = topicRegistry({ namespace: NAMESPACE, rawPartitions: PARTITIONS, lanePartitions: PARTITIONS });
  await Promise.all([ensureTopics(kafka, registry), migrate({ url: clickhouse.address, database: NAMESPACE })]);
  const env = {
    YJ_NAMESPACE: NAMESPACE,
    KAFKA_BROKERS: broker.address,
    CLICKHOUSE_URL: clickhouse.address,
    YJ_RAW_PARTITIONS: String(PARTITIONS),
    YJ_LANE_PARTITIONS: String(PARTITIONS),
  };
  const logOf = (name: string) => join(logs, `${name}.log`);
  const ports = await freePorts(Object.values(FLEET).reduce((sum, count) => sum + count, 0));
  for (const [service, count] of Object.entries(FLEET) as [Service, number][])
    for (let i = 1; i <= count; i++) {
      const name = `${service}-${i}`;
      members.push({
        service,
        name,
        process: await startProcess(service, env, logOf(name), ports.shift()),
        down: false,
      });
    }

  const portOf = ({ process }: Member) => Number(new URL(process.url).port);
  const start = async (member: Member) => {
    member.process = await startProcess(member.service, env, logOf(member.name), portOf(member));
    member.down = false;
  };
  const ready = async () => {
    await Promise.all(members.map(({ process }) => process.ready(READY_MS)));
  };

  say(`starts ${members.map(({ name }) => name).join(', ')}`);
  await ready();
  const deaths: string[] = [];
  const watch = setInterval(() => {
    for (const member of members) {
      const code = member.process.ended();
      if (member.down || code === null) continue;
      const lines = readFileSync(logOf(member.name), 'utf8').trimEnd().split('\n');
      deaths.push(`${member.name} ended with code ${code}:\n      ${lines.slice(-LAST_LINES).join('\n      ')}`);
      member.down = true;
      setTimeout(() => void start(member), RESTART_MS);
    }
  }, 250);

  return {
    kafka,
    names: topicNames(NAMESPACE),
    broker,
    clickhouse,
    members,
    of: (service) => members.filter((member) => member.service === service),
    start,
    ready,
    deaths,
    async stop() {
      clearInterval(watch);
      await ground.stop();
    },
  };
}
