// The wall: gateway of wall.v1, HTTP API and page.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createClickHouse } from '@yunjian/clickhouse';
import { topicNames } from '@yunjian/contracts';
import { detectors, ledgerRules } from '@yunjian/detectors';
import { createProducer, groupsDependency, kafkaDependency, type Tail } from '@yunjian/kafka';
import { createLogger, createMetrics, readEnv, startService } from '@yunjian/service';
import { issueByItself } from './bulletins.ts';
import { CommandDesk } from './commands.ts';
import { tokensOf, wallEnv } from './env.ts';
import { type AlertLogFeed, followAlertLog } from './feed/alert-log.ts';
import { clickhouseArchive } from './feed/archive.ts';
import { archivePorts, watchArchive } from './feed/archived.ts';
import { commandPort, followReplies } from './feed/commands.ts';
import { followPulse } from './feed/pulse.ts';
import { watchStages } from './feed/stages.ts';
import { createApi } from './http/api.ts';
import { createBulletins } from './http/bulletins.ts';
import { createLives } from './http/lives.ts';
import { loadPage } from './http/page.ts';
import { routesOf } from './http/routes.ts';
import { clickhouseLedgers } from './lives/ledgers.ts';
import { createWallMetrics } from './metrics.ts';
import { operatorsOf } from './operators.ts';
import { SESSION_LIMITS } from './protocol/session.ts';
import { attachSockets } from './sockets.ts';
import { World } from './world.ts';

const env = readEnv(wallEnv);
const logger = createLogger('wall', env.YJ_LOG_LEVEL);
const metrics = createMetrics('wall');
const wallMetrics = createWallMetrics(metrics, () => world);
const names = topicNames(env.YJ_NAMESPACE);
const settings = { brokers: env.KAFKA_BROKERS, clientId: `${env.YJ_NAMESPACE}.wall`, logger };
const operators = operatorsOf(tokensOf(env.YJ_WALL_TOKENS));
const clickhouse = createClickHouse({
  url: env.CLICKHOUSE_URL,
  database: env.YJ_NAMESPACE,
  username: env.CLICKHOUSE_USER,
  password: env.CLICKHOUSE_PASSWORD,
  logger,
});
const archive = clickhouseArchive(clickhouse, names.alertLog, logger);

const world: World = new World({
  now: Date.now,
  maxBufferedBytes: env.YJ_WALL_MAX_BUFFER,
  archive: archive.steps,
  onBadRecord: (error) => {
    wallMetrics.badRecord();
    logger.error({ reason: error.message }, 'a record of the alert log is no alert, passed over');
  },
});
const producer = await createProducer(settings);
const desk = new CommandDesk(commandPort(producer, names), wallMetrics.command);
const onUnavailable = (error: Error): void =>
  logger.warn({ reason: error.message }, 'the archive does not answer an operator');
const lives = createLives({
  ledgers: clickhouseLedgers(clickhouse),
  now: Date.now,
  newId: randomUUID,
  onReveal: ({ id, operator }) =>
    logger.info({ audit: 'reveal', reveal: id, operator }, 'a person’s history is looked at'),
  onUnavailable,
});
const api = createApi({
  store: world.store,
  epoch: () => world.hub.epoch,
  desk,
  operators,
  ready: () => world.ready,
  history: (alertId) => world.history(alertId),
  kpis: () => world.kpis(),
  institutions: () => archive.names(),
  lives,
  bulletins: createBulletins(clickhouse, onUnavailable),
  catalogue: JSON.stringify([...detectors, ...ledgerRules].map(({ id, texts }) => ({ id, ...texts }))),
});

const onFatal = (error: Error): void => {
  logger.fatal({ reason: error.message }, 'the wall stops');
  process.exit(1);
};
let feed: AlertLogFeed | null = null;
let tails: Tail[] = [];
let unwatch: (() => void) | null = null;
let sayGoodbye: (() => Promise<void>) | null = null;
let endBulletins: (() => void) | null = null;

const { server } = await startService({
  name: 'wall',
  env,
  logger,
  metrics,
  dependencies: [
    kafkaDependency(settings),
    groupsDependency(settings),
    {
      name: 'alert log',
      check: () => ({ ok: world.ready && world.feed.state === 'live', reason: 'not read to its end' }),
    },
  ],
  details: () => ({ degraded: clickhouse.healthy ? [] : ['clickhouse: histories show what memory has'] }),
  routes: routesOf({
    api,
    page: loadPage(join(import.meta.dirname, '..', 'dist')),
    onError: (error) =>
      logger.error({ reason: error instanceof Error ? error.stack : String(error) }, 'request failed'),
  }),
  start: async () => {
    tails = await Promise.all([
      followPulse(settings, names, world.sources, onFatal),
      followReplies(settings, names, desk, onFatal),
    ]);
    unwatch = watchStages(settings, names, world.sources, onFatal);
    feed = await followAlertLog({
      settings,
      topic: names.alertLog,
      world,
      archive,
      logger,
      onRead: wallMetrics.recordsRead,
      onFatal,
    });
    world.ready = true;
    const due = { days: env.YJ_BULLETIN_DAYS, hour: env.YJ_BULLETIN_HOUR };
    const ports = archivePorts(settings, names, clickhouse);
    endBulletins = issueByItself(clickhouse, () => watchArchive(ports, names), due, logger);
  },
  stop: async () => {
    unwatch?.();
    endBulletins?.();
    await sayGoodbye?.();
    await Promise.all([feed?.close(), ...tails.map((tail) => tail.close())]);
    await Promise.all([producer.close(), clickhouse.close()]);
  },
});
sayGoodbye = attachSockets(server, {
  world,
  desk,
  operators,
  metrics: wallMetrics,
  limits: { ...SESSION_LIMITS, pingMs: env.YJ_WALL_PING_MS },
});
