// The detector service: windowed detectors on lane.institution.
import { topicNames } from '@yunjian/contracts';
import { detectors } from '@yunjian/detectors';
import { brokerConfig, createProducer, groupsDependency, kafkaDependency } from '@yunjian/kafka';
import { createLogger, createMetrics, createProgress, readEnv, startService } from '@yunjian/service';
import { detectorEnv } from './env.ts';
import { type DetectorHostHandle, startHost } from './host.ts';
import { createDetectorMetrics } from './metrics.ts';

const env = readEnv(detectorEnv);
const logger = createLogger('detector', env.YJ_LOG_LEVEL);
const metrics = createMetrics('detector');
const progress = createProgress(metrics);
const settings = { brokers: env.KAFKA_BROKERS, clientId: `${env.YJ_NAMESPACE}.detector`, logger };
const producer = await createProducer(settings);
let host: DetectorHostHandle | null = null;

const LAG_EVERY_MS = 5_000;
/** Pointers of checkpoints are group offsets: they must outlive any time for which the service is away. */
const FOR_EVER_MINUTES = '2147483647';

async function checkOffsetRetention(): Promise<void> {
  const found = (await brokerConfig(settings))['offsets.retention.minutes'];
  if (found !== FOR_EVER_MINUTES)
    logger.warn(
      { found, expected: FOR_EVER_MINUTES },
      'the broker forgets group offsets: after as long without a detector its checkpoints are lost; set offsets.retention.minutes',
    );
}

const measuring = setInterval(() => void host?.lag().then(progress.lag, () => {}), LAG_EVERY_MS);

await startService({
  name: 'detector',
  env,
  logger,
  metrics,
  dependencies: [kafkaDependency(settings), groupsDependency(settings)],
  details: () => ({ progress: progress.state(), positions: host?.positions() ?? {} }),
  start: async () => {
    await checkOffsetRetention();
    host = await startHost({
      settings,
      names: topicNames(env.YJ_NAMESPACE),
      producer,
      metrics: createDetectorMetrics(metrics),
      checkpointMs: env.YJ_CHECKPOINT_MS,
      detectors: detectors.filter(({ id }) => env.YJ_DETECTORS.includes(id)),
      logger,
      onFatal: (error) => {
        logger.fatal({ reason: error.message }, 'detector stops');
        process.exit(1);
      },
      onMoved: (records) => progress.moved(records),
    });
  },
  stop: async () => {
    clearInterval(measuring);
    await host?.close();
    await producer.close();
  },
});
