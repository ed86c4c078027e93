// The ledger service: rules over the whole history of a person, a code, or an institution's settlements and stock.
import { createClickHouse } from '@yunjian/clickhouse';
import { decodeLane, type LaneEvent, type LaneKind, topicNames } from '@yunjian/contracts';
import type { LedgerRule } from '@yunjian/detection';
import { ledgerRules } from '@yunjian/detectors';
import { createProducer, groupsDependency, kafkaDependency } from '@yunjian/kafka';
import { createLogger, createMetrics, createProgress, readEnv, startService } from '@yunjian/service';
import { clickhouseHistory } from './clickhouse-history.ts';
import { ledgerEnv } from './env.ts';
import { FiledOutlines } from './filed-outlines.ts';
import { type RunningLedger, startLedger } from './host.ts';
import { clickhouseBooks } from './institution/clickhouse-books.ts';
import { InstitutionPartition } from './institution/partition.ts';
import { LedgerPartition } from './judge.ts';
import { measured } from './measured.ts';
import { OutlineFile } from './outline-file.ts';
import { ledgerId, outlinePages } from './outline-pages.ts';
import { followCatalogue } from './review/catalogue.ts';
import { createReviewDesk } from './review/desk.ts';
import { readingHistories } from './review/histories.ts';
import { REVIEWED } from './review/reviewed.ts';

const LEDGERS = ['code', 'person', 'institution'] as const;
/** Of lane.institution the signs of life and checks are most, and no rule here has a use for them. */
const KINDS = new Set<LaneKind>(['settlement', 'reversal', 'trace', 'drug', 'institution', 'mark', 'ruleChange']);
/** Where no rule judges, nobody waits for a row: it is stored in portions this many times as far apart. */
const UNHURRIED = 10;
const LAG_EVERY_MS = 5_000;

const env = readEnv(ledgerEnv);
const logger = createLogger('ledger', env.YJ_LOG_LEVEL);
const metrics = createMetrics('ledger');
const progress = createProgress(metrics);
const findings = metrics.counter('ledger_findings_total', 'Findings sent to alerting, by detector and action.', [
  'detector',
  'action',
]);
const judged = metrics.counter('ledger_records_total', 'Lane records stored and judged, by lane.', ['lane']);
const poisoned = metrics.counter(
  'ledger_poison_total',
  'Lane records that could not be read or judged and are in the rejected topic with their stack, by lane; each is a defect of ours.',
  ['lane'],
);
const seconds = metrics.histogram('ledger_batch_seconds', 'Time to store, read back, judge and tell one batch.', [
  'lane',
]);
const statements = metrics.histogram(
  'ledger_clickhouse_seconds',
  'Time of one statement of the ledgers in ClickHouse, waiting for a connection included, by what it does to which table.',
  ['statement'],
);
const unread = metrics.gauge(
  'ledger_partitions_unread',
  'Partitions of a lane of which it is not known yet which subjects they hold: until then ClickHouse is asked about each.',
  ['lane'],
);
const names = topicNames(env.YJ_NAMESPACE);
const settings = { brokers: env.KAFKA_BROKERS, clientId: names.group('ledger'), logger };
const producer = await createProducer(settings);
const clickhouse = createClickHouse({
  url: env.CLICKHOUSE_URL,
  database: env.YJ_NAMESPACE,
  username: env.CLICKHOUSE_USER,
  password: env.CLICKHOUSE_PASSWORD,
  logger,
});
const store = measured(clickhouse, (statement, took) => statements.observe({ statement }, took));
const running: RunningLedger[] = [];
const catalogue = followCatalogue(
  clickhouse,
  REVIEWED.map(({ rule }) => rule),
  (error) => logger.error({ reason: error.message }, 'the catalogue for reviews could not be read'),
);
const reviews = createReviewDesk({
  read: readingHistories(clickhouse, env.YJ_REVIEW_READ_MS),
  catalogue,
  healthy: () => clickhouse.healthy,
  metrics,
  onDefect: (error) => logger.error({ reason: error.stack ?? error.message }, 'a review could not be judged'),
});

const measureLag = async (): Promise<void> => {
  const waiting = await Promise.all(running.map((ledger) => ledger.lag()));
  progress.lag(waiting.reduce((sum, each) => sum + each, 0));
};
const measuring = setInterval(() => void measureLag().catch(() => {}), LAG_EVERY_MS);

let file: OutlineFile | null = null;

const openOutlines = async (): Promise<FiledOutlines | null> => {
  if (env.YJ_OUTLINES_DIR === '') return null;
  const withoutFile = (error: Error) =>
    logger.error({ reason: error.message }, 'the file of outlines is not used, clickhouse is asked about persons');
  try {
    file = new OutlineFile(env.YJ_OUTLINES_DIR, `${await ledgerId(clickhouse)} ${env.YJ_LANE_PARTITIONS}`);
    return new FiledOutlines(file, outlinePages(store), withoutFile);
  } catch (error) {
    withoutFile(error as Error);
    return null;
  }
};

await startService({
  name: 'ledger',
  env,
  logger,
  metrics,
  dependencies: [kafkaDependency(settings), groupsDependency(settings), clickhouse.dependency()],
  routes: reviews,
  details: () => ({ progress: progress.state() }),
  start: async () => {
    const allRules: readonly LedgerRule[] = ledgerRules;
    const books = clickhouseBooks(store);
    const filed = await openOutlines();
    for (const lane of LEDGERS) {
      const rules = allRules.filter((rule) => rule.lane === lane);
      const history = clickhouseHistory(store, lane, lane === 'person' ? filed : null);
      unread.set({ lane }, 0);
      const onLearning = (learnt: Promise<void>) => {
        unread.inc({ lane });
        void learnt.then(() => unread.dec({ lane }));
      };
      running.push(
        await startLedger({
          lane,
          settings,
          names,
          producer,
          open: async (partition) => {
            const opened =
              lane === 'institution'
                ? new InstitutionPartition({
                    partition,
                    history,
                    books,
                    rules: allRules,
                    lanePartitions: env.YJ_LANE_PARTITIONS,
                    onLearning,
                  })
                : new LedgerPartition({ lane, partition, history, rules, onLearning });
            await opened.open((value) => decodeLane(value) as LaneEvent);
            return opened;
          },
          kinds: lane === 'institution' ? KINDS : null,
          paceMs: rules.length > 0 ? env.YJ_PACE_MS : UNHURRIED * env.YJ_PACE_MS,
          onFindings: (detector, action) => findings.inc({ detector, action }),
          onBatch: (read, events, duration) => {
            judged.inc({ lane }, events);
            seconds.observe({ lane }, duration);
            progress.moved(read);
          },
          onPoison: (of, partition, offset, error) => {
            poisoned.inc({ lane: of });
            logger.error({ lane: of, partition, offset, reason: error.message }, 'record set aside');
          },
          onFatal: (error) => {
            logger.fatal({ reason: error.message }, 'ledger stops');
            process.exit(1);
          },
        }),
      );
    }
  },
  stop: async () => {
    clearInterval(measuring);
    catalogue.close();
    await Promise.all(running.map((ledger) => ledger.close()));
    await producer.close();
    await clickhouse.close();
    await file?.close();
  },
});
