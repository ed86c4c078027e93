// The ingest service: the HTTP door and the router.
import { createPseudonymiser, FEEDS, topicNames } from '@yunjian/contracts';
import { createProducer, topicConfig } from '@yunjian/kafka';
import { createLogger, createMetrics, createProgress, readEnv, startService } from '@yunjian/service';
import { createDoor } from './door.ts';
import { ingestEnv, readApiKeys } from './env.ts';
import { createIngestMetrics } from './metrics.ts';
import { type Router, startRouter } from './router.ts';

const env = readEnv(ingestEnv);
const logger = createLogger('ingest', env.YJ_LOG_LEVEL);
const metrics = createMetrics('ingest');
const ingestMetrics = createIngestMetrics(metrics);
const progress = createProgress(metrics);
const names = topicNames(env.YJ_NAMESPACE);
const settings = { brokers: env.KAFKA_BROKERS, clientId: names.group('ingest'), logger };
const producer = await createProducer(settings);
const door = createDoor({
  keys: readApiKeys(env.YJ_API_KEYS),
  producer,
  names,
  metrics: ingestMetrics,
  replay: env.YJ_REPLAY,
});
let router: Router | null = null;

/** The arrival of an event is the broker's timestamp: without it every judgement of absence would be wrong. */
async function checkTimestamps(): Promise<void> {
  const expected = env.YJ_REPLAY ? 'CreateTime' : 'LogAppendTime';
  for (const feed of FEEDS) {
    const found = (await topicConfig(settings, names.raw(feed)))['message.timestamp.type'];
    if (found !== expected)
      throw new Error(
        `topic ${names.raw(feed)} has message.timestamp.type=${found}, expected ${expected}: set it before events are taken`,
      );
  }
}

await startService({
  name: 'ingest',
  env,
  logger,
  metrics,
  dependencies: [{ name: 'kafka', check: () => ({ ok: producer.healthy, reason: 'the broker does not answer' }) }],
  routes: door,
  details: () => ({ progress: progress.state() }),
  start: async () => {
    await checkTimestamps();
    router = await startRouter({
      settings,
      names,
      producer,
      metrics: ingestMetrics,
      route: {
        pseudonymiser: createPseudonymiser(env.YJ_PSEUDONYM_KEY),
        lanePartitions: env.YJ_LANE_PARTITIONS,
        replay: env.YJ_REPLAY,
      },
      rawPartitions: env.YJ_RAW_PARTITIONS,
      tickMs: env.YJ_TICK_MS,
      markMs: env.YJ_MARK_MS,
      onFatal: (error) => {
        logger.fatal({ reason: error.message }, 'ingest stops');
        process.exit(1);
      },
      onMoved: (records) => progress.moved(records),
    });
  },
  stop: async () => {
    await router?.close();
    await producer.close();
  },
});
