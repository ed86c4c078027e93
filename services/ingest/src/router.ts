// The router on Kafka: raw topics in, lanes and `rejected` out, marks that are true because they follow the acknowledgements.
import { encodeLane, FEEDS, type Feed, LANES, type Lane, type MarkEntry, type TopicNames } from '@yunjian/contracts';
import {
  type GroupConsumer,
  groupOffsets,
  type KafkaSettings,
  type LogBatch,
  type LogProducer,
  type LogRecord,
  runGroup,
  watermarks,
} from '@yunjian/kafka';
import type { IngestMetrics } from './metrics.ts';
import { collectOutputs, refusedRecord } from './outputs.ts';
import { isTick, positionAfter, TICK } from './positions.ts';
import { atMost, repeat } from './repeat.ts';
import { type RouteOptions, routeSafely } from './route.ts';
import type { RulesFile } from './rules-file.ts';
import { createSteps } from './steps.ts';

export interface RouterOptions {
  settings: KafkaSettings;
  names: TopicNames;
  producer: LogProducer;
  metrics: IngestMetrics;
  route: RouteOptions;
  rules: RulesFile;
  rawPartitions: number;
  tickMs: number;
  markMs: number;
  onFatal(error: Error): void;
  onMoved(records: number): void;
  /** Records that wait, once a second. */
  onLag(records: number): void;
}

export interface Router {
  /** Ends what is under way, commits it, leaves the group. */
  close(): Promise<void>;
}

const HOUSEKEEPING_MS = 1000;
const RULES_MS = 1000;
/** How long the end waits for a broker that is away, twice. */
const CLOSE_MS = 2000;

export async function startRouter(options: RouterOptions): Promise<Router> {
  const { settings, names, producer, metrics } = options;
  const groupId = names.group('ingest');
  const rulesKey = keyOf(names.raw('reference'), 0);
  const feedOf = new Map<string, Feed>(FEEDS.map((feed) => [names.raw(feed), feed]));
  const positions = new Map<string, MarkEntry>();
  const committed = new Map<string, number>();
  const ticksUnderWay = new Set<string>();
  const underWay = new Set<Promise<void>>();
  const steps = createSteps(options.route.replay);
  let closing = false;
  /** Version of the rules that this router laid into the lanes last. */
  let laidRules: string | null = null;

  const onAssigned = async (topic: string, partition: number): Promise<{ seek: number }> => {
    const key = keyOf(topic, partition);
    const [marks, offsets] = await Promise.all([watermarks(settings, topic), groupOffsets(settings, groupId, topic)]);
    const { low, high } = marks.find((each) => each.partition === partition) ?? { low: 0, high: 0 };
    const next = Math.max(low, offsets[partition] ?? 0, positions.get(key)?.next ?? 0);
    steps.expect(key, high > next);
    resumeReleased();
    return { seek: next };
  };

  const onBatch = async (batch: LogBatch): Promise<void> => {
    if (closing) return;
    const handled = handle(batch);
    underWay.add(handled);
    try {
      await handled;
    } finally {
      underWay.delete(handled);
      resumeReleased();
    }
  };

  const handle = async ({ topic, partition, records, highWatermark }: LogBatch): Promise<void> => {
    const feed = feedOf.get(topic) as Feed;
    const key = keyOf(topic, partition);
    const allowed = steps.within(key, records);
    if (allowed.length > 0) {
      await deliver(feed, allowed);
      positions.set(key, positionAfter(feed, allowed, positions.get(key)));
      options.onMoved(allowed.length);
    }
    if (allowed.length < records.length) {
      metrics.waits.inc({ feed });
      consumer.pause(topic, partition);
      consumer.seek(topic, partition, (records[allowed.length] as LogRecord).offset);
    }
    const end = (records[records.length - 1] as LogRecord).offset + 1;
    steps.read(key, records, allowed.length, end >= highWatermark);
  };

  const resumeReleased = (): void => {
    for (const key of steps.takeReleased()) {
      const slash = key.lastIndexOf('/');
      consumer.resume(key.slice(0, slash), Number(key.slice(slash + 1)));
    }
  };

  const deliver = async (feed: Feed, records: readonly LogRecord[]): Promise<void> => {
    const outputs = collectOutputs();
    const laid: Record<Lane, number> = { institution: 0, person: 0, code: 0 };
    let events = 0;
    for (const record of records) {
      if (isTick(record)) continue;
      const { topic, partition, offset, value, timestamp } = record;
      const routed = routeSafely({ feed, partition, offset, arrival: timestamp, value }, options.route);
      if (routed.ok) {
        events++;
        for (const { lane, ...record } of routed.outputs) {
          laid[lane]++;
          outputs.add(names.lane(lane), record);
        }
      } else {
        metrics.rejected.inc({ door: 'kafka', reason: routed.reason });
        if (routed.reason === 'poison')
          settings.logger?.error(
            { topic, partition, offset },
            'a record could not be routed, set aside with its stack',
          );
        const origin = { topic, partition, offset };
        outputs.add(names.rejected, refusedRecord({ ...routed, origin, bytes: value, arrival: timestamp }));
      }
    }
    await outputs.send(producer);
    metrics.routed.inc({ feed }, events);
    for (const lane of LANES) metrics.laid.inc({ lane }, laid[lane]);
  };

  const consumer: GroupConsumer = await runGroup(settings, {
    groupId,
    topics: FEEDS.map((feed) => names.raw(feed)),
    concurrency: options.rawPartitions * FEEDS.length,
    onAssigned,
    onBatch,
    onRevoked: async (topic, partition) => {
      const key = keyOf(topic, partition);
      if (key === rulesKey) laidRules = null;
      positions.delete(key);
      committed.delete(key);
      steps.forget(key);
      resumeReleased();
    },
    onLost: (topic, _, from, to) => metrics.lost.inc({ feed: feedOf.get(topic) as Feed }, to - from),
    onFatal: options.onFatal,
  });

  const owned = (): [string, MarkEntry][] => {
    const keys = new Set(consumer.assignment().map(({ topic, partition }) => keyOf(topic, partition)));
    return [...positions].filter(([key]) => keys.has(key));
  };

  /** One at a time per partition: after an outage there is one, not one for each second of it. */
  const tick = async (): Promise<void> => {
    if (!producer.healthy) return;
    for (const { topic, partition } of consumer.assignment()) {
      const key = keyOf(topic, partition);
      if (ticksUnderWay.has(key)) continue;
      ticksUnderWay.add(key);
      void producer
        .send(topic, [{ ...TICK, partition }])
        .catch(() => {})
        .finally(() => ticksUnderWay.delete(key));
    }
  };

  const mark = async (): Promise<void> => {
    const entries = owned().map(([, entry]) => entry);
    if (entries.length === 0) return;
    const partitions = Object.fromEntries(FEEDS.map((feed) => [feed, options.rawPartitions])) as Record<Feed, number>;
    await layEverywhere(encodeLane({ kind: 'mark', entries, partitions }));
    metrics.marked();
  };

  const layEverywhere = async (value: Buffer): Promise<void> => {
    const records = Array.from({ length: options.route.lanePartitions }, (_, partition) => ({ value, partition }));
    await Promise.all(LANES.map((lane) => producer.send(names.lane(lane), records)));
  };

  /** One router of several: the one that holds a certain raw partition. Rules laid again by its successor change nothing. */
  const layRules = async (): Promise<void> => {
    const change = await options.rules.poll();
    if (change === null || change.ruleVersion === laidRules) return;
    if (!consumer.assignment().some(({ topic, partition }) => keyOf(topic, partition) === rulesKey)) return;
    await layEverywhere(encodeLane(change));
    laidRules = change.ruleVersion;
    settings.logger?.info({ ruleVersion: laidRules }, 'rules laid into the lanes');
  };

  const commit = async (): Promise<void> => {
    for (const [key, { next, feed, partition }] of owned()) {
      if (committed.get(key) === next) continue;
      await consumer.commit(names.raw(feed), partition, next);
      committed.set(key, next);
    }
  };

  const housekeep = async (): Promise<void> => {
    const slowest = new Map<Feed, number>();
    for (const [, { feed, arrival }] of owned()) slowest.set(feed, Math.min(arrival, slowest.get(feed) ?? arrival));
    metrics.behind.reset();
    for (const [feed, arrival] of slowest) metrics.behind.set({ feed }, Math.max(0, (Date.now() - arrival) / 1000));
    await commit();
    options.onLag(await consumer.lag());
  };

  const repeated = [repeat(options.markMs, mark), repeat(HOUSEKEEPING_MS, housekeep), repeat(RULES_MS, layRules)];
  if (!options.route.replay) repeated.push(repeat(options.tickMs, tick));
  return {
    close: async () => {
      closing = true;
      for (const { topic, partition } of consumer.assignment()) consumer.pause(topic, partition);
      await atMost(CLOSE_MS, Promise.allSettled([...underWay, ...repeated.map((each) => each.stop())]));
      await atMost(CLOSE_MS, commit());
      await consumer.close();
    },
  };
}

const keyOf = (topic: string, partition: number): string => `${topic}/${partition}`;
