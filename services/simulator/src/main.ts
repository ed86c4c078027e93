// The simulator service: a city that lives against the clock, so that everything behind it has something to do.
import { dirname, join } from 'node:path';
import { topicNames } from '@yunjian/contracts';
import { createProducer } from '@yunjian/kafka';
import { createLogger, createMetrics, readEnv, startService } from '@yunjian/service';
import { createCity } from './city/city.ts';
import { simulatorEnv } from './env.ts';
import { live } from './live.ts';
import { readTold, TruthFile, writeTold } from './memory.ts';
import { createSimulatorMetrics } from './metrics.ts';
import { httpOutlet, kafkaOutlet, splitOutlet } from './outlet.ts';

const env = readEnv(simulatorEnv);
const logger = createLogger('simulator', env.YJ_LOG_LEVEL);
const metrics = createMetrics('simulator');
const simulatorMetrics = createSimulatorMetrics(metrics);
const names = topicNames(env.YJ_NAMESPACE);
const producer = await createProducer({ brokers: env.KAFKA_BROKERS, clientId: names.group('simulator'), logger });
const stopping = new AbortController();
const url = env.YJ_INGEST_URL.replace(/\/+$/, '');
const kafka = kafkaOutlet(producer, names, simulatorMetrics);
const outlet =
  url === ''
    ? splitOutlet(kafka, kafka)
    : splitOutlet(
        kafka,
        httpOutlet({ url, key: env.YJ_INGEST_API_KEY, logger, metrics: simulatorMetrics, signal: stopping.signal }),
      );
const statePath = env.YJ_SIM_STATE || join(dirname(env.YJ_SIM_TRUTH), 'simulator-state.json');
let running: Promise<void> = Promise.resolve();

await startService({
  name: 'simulator',
  env,
  logger,
  metrics,
  dependencies: [
    { name: 'kafka', check: () => ({ ok: producer.healthy, reason: 'the broker does not answer' }) },
    { name: 'ingest', check: () => outlet.health },
  ],
  start: async () => {
    const city = createCity(env.YJ_SIM_SEED, { rate: env.YJ_SIM_RATE });
    const truth = new TruthFile(env.YJ_SIM_TRUTH);
    logger.info(
      {
        seed: city.seed,
        institutions: city.institutions.length,
        counters: city.counters.length,
        persons: city.persons,
      },
      'the city lives',
    );
    running = live({
      city,
      outlet,
      speed: env.YJ_SIM_SPEED,
      backfillMs: env.YJ_SIM_BACKFILL_MINUTES * 60_000,
      cameras: { heartbeatMs: env.YJ_SIM_HEARTBEAT_SECONDS * 1000 },
      told: readTold(statePath),
      keep: (state) => writeTold(statePath, state),
      truths: (list) => {
        for (const { detector } of truth.append(list)) simulatorMetrics.truths.inc({ detector });
      },
      behind: (ms) => simulatorMetrics.behind.set(ms / 1000),
      signal: stopping.signal,
      now: Date.now,
      pauseMs: 200,
    });
    running.catch((error: Error) => {
      if (stopping.signal.aborted) return;
      logger.fatal({ reason: error.stack ?? error.message }, 'the simulation failed');
      process.exit(1);
    });
  },
  stop: async () => {
    stopping.abort();
    await Promise.all([running.catch(() => {}), producer.close()]);
  },
});
