// The archiver service: everything into ClickHouse, offsets moved only after it has acknowledged.
import { createClickHouse } from '@yunjian/clickhouse';
import { createPseudonymiser, topicNames } from '@yunjian/contracts';
import { createProducer, groupsDependency, kafkaDependency } from '@yunjian/kafka';
import { createLogger, createMetrics, createProgress, readEnv, startService } from '@yunjian/service';
import { type Archive, startArchive } from './archive.ts';
import { archiverEnv } from './env.ts';
import { createSink } from './sink.ts';

const env = readEnv(archiverEnv);
const logger = createLogger('archiver', env.YJ_LOG_LEVEL);
const metrics = createMetrics('archiver');
const progress = createProgress(metrics);
const rows = metrics.counter('archiver_rows_total', 'Rows that ClickHouse has acknowledged, by table.', ['table']);
const setAside = metrics.counter(
  'archiver_set_aside_total',
  'Records that could not be archived and are in the rejected topic with the reason, by the topic that they came from; each is a defect of ours.',
  ['what'],
);
const names = topicNames(env.YJ_NAMESPACE);
const settings = { brokers: env.KAFKA_BROKERS, clientId: names.group('archiver'), logger };
const clickhouse = createClickHouse({
  url: env.CLICKHOUSE_URL,
  database: env.YJ_NAMESPACE,
  username: env.CLICKHOUSE_USER,
  password: env.CLICKHOUSE_PASSWORD,
  logger,
});
const sink = createSink(clickhouse, (table, error) => {
  logger.error({ table, reason: error.message }, 'clickhouse takes no rows, which is no fault of theirs: waiting');
});
const producer = await createProducer(settings);
let archive: Archive | null = null;

const LAG_EVERY_MS = 5_000;
const measuring = setInterval(() => void archive?.lag().then(progress.lag, () => {}), LAG_EVERY_MS);

function takesRows(): { ok: boolean; reason?: string } {
  return sink.waiting === null ? { ok: true } : { ok: false, reason: sink.waiting };
}

await startService({
  name: 'archiver',
  env,
  logger,
  metrics,
  dependencies: [
    kafkaDependency(settings),
    groupsDependency(settings),
    clickhouse.dependency(),
    { name: 'archive', check: takesRows },
  ],
  details: () => ({ progress: progress.state() }),
  start: async () => {
    archive = await startArchive({
      settings,
      names,
      sink,
      producer,
      pseudonymiser: createPseudonymiser(env.YJ_PSEUDONYM_KEY),
      gatherMs: env.YJ_GATHER_MS,
      onRows: (table, count) => rows.inc({ table }, count),
      onSetAside: (topic, partition, offset, error) => {
        setAside.inc({ what: topic });
        logger.error({ topic, partition, offset, reason: error.message }, 'record could not be archived, set aside');
      },
      onMoved: (records) => progress.moved(records),
      onFatal: (error) => {
        logger.fatal({ reason: error.message }, 'archiver stops');
        process.exit(1);
      },
    });
  },
  stop: async () => {
    clearInterval(measuring);
    await archive?.close();
    await producer.close();
    await clickhouse.close();
  },
});
