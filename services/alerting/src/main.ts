// The alerting service: findings and commands in, the alert log and replies out.
import { topicNames } from '@yunjian/contracts';
import {
  brokerConfig,
  createProducer,
  groupsDependency,
  kafkaDependency,
  type LogProducer,
  topicConfig,
} from '@yunjian/kafka';
import { createLogger, createMetrics, createProgress, readEnv, startService } from '@yunjian/service';
import { alertingEnv } from './env.ts';
import { type AlertingHost, startHost } from './host.ts';
import { createAlertingMetrics } from './metrics.ts';

const env = readEnv(alertingEnv);
const logger = createLogger('alerting', env.YJ_LOG_LEVEL);
const metrics = createMetrics('alerting');
const progress = createProgress(metrics);
const names = topicNames(env.YJ_NAMESPACE);
const settings = { brokers: env.KAFKA_BROKERS, clientId: `${env.YJ_NAMESPACE}.alerting`, logger };
const producer = await createProducer(settings);
let logProducer: LogProducer | null = null;
let host: AlertingHost | null = null;

/** Pointers must outlive any pause (domain: a group without commits loses its offsets after a week by default). */
const OFFSETS_KEPT_MINUTES = '2147483647';

async function checkBroker(): Promise<void> {
  const { 'message.timestamp.type': stamped } = await topicConfig(settings, names.laneAlert);
  if (stamped !== 'LogAppendTime')
    throw new Error(
      `topic ${names.laneAlert} has message.timestamp.type=${stamped}, expected LogAppendTime, which is alerting's clock: set it with kafka-configs.sh --alter --topic ${names.laneAlert} --add-config message.timestamp.type=LogAppendTime`,
    );
  const { 'offsets.retention.minutes': kept } = await brokerConfig(settings);
  if (kept !== OFFSETS_KEPT_MINUTES)
    logger.warn(
      { found: kept, expected: OFFSETS_KEPT_MINUTES },
      'offsets.retention.minutes of the broker lets the checkpoint pointer expire while no alerting runs: raise it',
    );
}

const LAG_EVERY_MS = 5_000;
/** Whoever restores, or cannot, has work that waits too. */
const measuring = setInterval(() => void host?.lag().then(progress.lag, () => {}), LAG_EVERY_MS);

function settled(): { ok: boolean; reason?: string } {
  const role = host?.role() ?? 'joining';
  return role === 'active' || role === 'standby' ? { ok: true } : { ok: false, reason: `it is ${role}` };
}

await startService({
  name: 'alerting',
  env,
  logger,
  metrics,
  dependencies: [kafkaDependency(settings), groupsDependency(settings), { name: 'alerting', check: settled }],
  details: () => ({ role: host?.role() ?? 'starting', next: host?.next() ?? null, progress: progress.state() }),
  start: async () => {
    await checkBroker();
    logProducer = await createProducer(settings, { retries: 0 });
    host = await startHost({
      settings,
      names,
      logProducer,
      producer,
      metrics: createAlertingMetrics(metrics, Date.now, (records, next) =>
        logger.warn({ records, next }, 'there was no checkpoint: the state has been rebuilt from the alert log'),
      ),
      checkpointMs: env.YJ_CHECKPOINT_MS,
      ticks: !env.YJ_REPLAY,
      onFatal: (error) => {
        logger.fatal({ reason: error.message }, 'alerting stops');
        process.exit(1);
      },
      onMoved: progress.moved,
    });
  },
  stop: async () => {
    clearInterval(measuring);
    await host?.close();
    await logProducer?.close();
    await producer.close();
  },
});
