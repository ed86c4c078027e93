// The ingest service: the HTTP door and the router.
import { createPseudonymiser, FEEDS, LANES, topicNames } from '@yunjian/contracts';
import { closeAdmin, createProducer, groupsDependency, kafkaDependency, topicConfig, watermarks } from '@yunjian/kafka';
import { createLogger, createMetrics, createProgress, readEnv, startService } from '@yunjian/service';
import { createDoor } from './door.ts';
import { ingestEnv, readApiKeys } from './env.ts';
import { createIngestMetrics } from './metrics.ts';
import { createReviewDoor } from './review/door.ts';
import { askingLedger } from './review/ledger.ts';
import { type Router, startRouter } from './router.ts';
import { createRulesFile } from './rules-file.ts';

const env = readEnv(ingestEnv);
const logger = createLogger('ingest', env.YJ_LOG_LEVEL);
const metrics = createMetrics('ingest');
const ingestMetrics = createIngestMetrics(metrics);
const progress = createProgress(metrics);
const names = topicNames(env.YJ_NAMESPACE);
const settings = { brokers: env.KAFKA_BROKERS, clientId: names.group('ingest'), logger };
const kafka = kafkaDependency(settings);
const producer = await createProducer(settings);
const keys = readApiKeys(env.YJ_API_KEYS);
const pseudonymiser = createPseudonymiser(env.YJ_PSEUDONYM_KEY);
const onDefect = (error: Error) =>
  logger.error({ reason: error.stack ?? error.message }, 'a request could not be processed');
const door = createDoor({
  keys,
  producer,
  names,
  metrics: ingestMetrics,
  replay: env.YJ_REPLAY,
  onDefect,
});
const review = createReviewDoor({
  keys,
  ask: askingLedger(env.YJ_REVIEW_URL, env.YJ_REVIEW_TIMEOUT_MS),
  pseudonymiser,
  replay: env.YJ_REPLAY,
  metrics,
  onDefect,
});
// A replay has the rules that its replayer lays.
const rules = createRulesFile(env.YJ_REPLAY ? '' : env.YJ_RULES, (reason) =>
  logger.error({ file: env.YJ_RULES, reason }, 'the rules file is not taken, the rules in force stay'),
);
metrics.gauge(
  'rules_valid',
  'Whether the rules file as it stands is right: 1 also where none is named; 0: it is not taken, and the rules in force stay.',
  [],
  (gauge) => gauge.set(rules.state().valid ? 1 : 0),
);
let router: Router | null = null;

/** Ready means that the door would take an event: the broker answers and the producer has reached it. */
async function kafkaTakesRecords(): Promise<{ ok: boolean; reason?: string; said: boolean }> {
  const answer = await kafka.check();
  return answer.ok && !producer.healthy ? { ok: false, reason: 'takes no records yet', said: true } : answer;
}

/**
 * Holds the topics against what routing rests on: the broker's timestamp is an event's arrival, and partition counts are fixed for good.
 * @throws Error naming the topic, what it has and what is expected.
 */
async function checkTopics(): Promise<void> {
  const expected = env.YJ_REPLAY ? 'CreateTime' : 'LogAppendTime';
  for (const feed of FEEDS) {
    const topic = names.raw(feed);
    const found = (await topicConfig(settings, topic))['message.timestamp.type'];
    if (found !== expected)
      throw new Error(
        `topic ${topic} has message.timestamp.type=${found}, expected ${expected}: set it before events are taken`,
      );
    await checkPartitions(topic, env.YJ_RAW_PARTITIONS, 'YJ_RAW_PARTITIONS');
  }
  for (const lane of LANES) await checkPartitions(names.lane(lane), env.YJ_LANE_PARTITIONS, 'YJ_LANE_PARTITIONS');
}

async function checkPartitions(topic: string, expected: number, variable: string): Promise<void> {
  const found = (await watermarks(settings, topic)).length;
  if (found !== expected)
    throw new Error(`topic ${topic} has ${found} partitions, expected ${expected}: set ${variable}=${found}`);
}

await startService({
  name: 'ingest',
  env,
  logger,
  metrics,
  dependencies: [{ name: kafka.name, check: kafkaTakesRecords }, groupsDependency(settings)],
  routes: (request, response) => door.handle(request, response) || review(request, response),
  details: () => ({ progress: progress.state(), rules: rules.state() }),
  start: async () => {
    await checkTopics();
    router = await startRouter({
      settings,
      names,
      producer,
      metrics: ingestMetrics,
      route: {
        pseudonymiser,
        lanePartitions: env.YJ_LANE_PARTITIONS,
        replay: env.YJ_REPLAY,
      },
      rules,
      rawPartitions: env.YJ_RAW_PARTITIONS,
      tickMs: env.YJ_TICK_MS,
      markMs: env.YJ_MARK_MS,
      onFatal: (error) => {
        logger.fatal({ reason: error.message }, 'ingest stops');
        process.exit(1);
      },
      onMoved: progress.moved,
      onLag: progress.lag,
    });
  },
  stop: async () => {
    await Promise.all([door.close(), router?.close()]);
    await producer.close();
    await closeAdmin(settings);
  },
});
