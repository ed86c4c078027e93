// The router on Kafka: raw topics in, lanes and `rejected` out, marks that are true because they follow the acknowledgements.
import {
  encodeLane,
  FEEDS,
  type Feed,
  isoShanghai,
  LANES,
  type MarkEntry,
  type RejectedRecord,
  type TopicNames,
} from '@yunjian/contracts';
import {
  type GroupConsumer,
  type KafkaSettings,
  type LogBatch,
  type LogProducer,
  type LogRecord,
  type OutRecord,
  runGroup,
} from '@yunjian/kafka';
import type { IngestMetrics } from './metrics.ts';
import { type Routed, type RouteOptions, route } from './route.ts';
import { createSteps } from './steps.ts';

export interface RouterOptions {
  settings: KafkaSettings;
  names: TopicNames;
  producer: LogProducer;
  metrics: IngestMetrics;
  route: RouteOptions;
  rawPartitions: number;
  tickMs: number;
  markMs: number;
  onFatal(error: Error): void;
  onMoved(records: number): void;
}

export interface Router {
  close(): Promise<void>;
}

const TICK = { value: '{"event_type":"tick"}', headers: { 'yj-kind': 'tick' } };
const COMMIT_MS = 1000;

export async function startRouter(options: RouterOptions): Promise<Router> {
  const { settings, names, producer, metrics } = options;
  const feedOf = new Map<string, Feed>(FEEDS.map((feed) => [names.raw(feed), feed]));
  const positions = new Map<string, MarkEntry>();
  const committed = new Map<string, number>();
  const steps = createSteps();
  const keyOf = (topic: string, partition: number) => `${topic}/${partition}`;

  const onBatch = async (batch: LogBatch): Promise<void> => {
    const feed = feedOf.get(batch.topic) as Feed;
    const key = keyOf(batch.topic, batch.partition);
    const allowed = steps.within(key, batch.records);
    if (allowed.length < batch.records.length) {
      metrics.waits.inc({ feed });
      consumer.pause(batch.topic, batch.partition);
      consumer.seek(batch.topic, batch.partition, (batch.records[allowed.length] as LogRecord).offset);
    }
    if (allowed.length === 0) return;
    await deliver(feed, allowed);
    positions.set(key, positionAfter(feed, allowed, positions.get(key)));
    steps.reached(key, (allowed[allowed.length - 1] as LogRecord).timestamp);
    options.onMoved(allowed.length);
    resumeWaiting();
  };

  const resumeWaiting = (): void => {
    for (const key of steps.takeReleased()) {
      const slash = key.lastIndexOf('/');
      consumer.resume(key.slice(0, slash), Number(key.slice(slash + 1)));
    }
  };

  const deliver = async (feed: Feed, records: readonly LogRecord[]): Promise<void> => {
    const outputs = new Map<string, OutRecord[]>();
    const add = (topic: string, record: OutRecord) => {
      const list = outputs.get(topic);
      if (list === undefined) outputs.set(topic, [record]);
      else list.push(record);
    };
    for (const record of records) {
      if (isTick(record)) continue;
      const routed = routeSafely(feed, record, options.route);
      if (routed.ok) {
        metrics.routed.inc({ feed });
        for (const { lane, partition, key, value } of routed.outputs) add(names.lane(lane), { key, value, partition });
      } else {
        metrics.rejected.inc({ door: 'kafka', reason: routed.reason });
        add(names.rejected, { value: JSON.stringify(rejection(record, routed)), partition: 0 });
      }
    }
    await Promise.all([...outputs].map(([topic, list]) => producer.send(topic, list)));
  };

  const consumer: GroupConsumer = await runGroup(settings, {
    groupId: names.group('ingest'),
    topics: FEEDS.map((feed) => names.raw(feed)),
    concurrency: options.rawPartitions * FEEDS.length,
    onBatch,
    onRevoked: async (topic, partition) => {
      positions.delete(keyOf(topic, partition));
      steps.forget(keyOf(topic, partition));
    },
    onFatal: options.onFatal,
  });

  const tick = (): void => {
    if (!producer.healthy) return;
    for (const { topic, partition } of consumer.assignment())
      void producer.send(topic, [{ ...TICK, partition }]).catch(() => {});
  };

  const mark = async (): Promise<void> => {
    const owned = new Set(consumer.assignment().map(({ topic, partition }) => keyOf(topic, partition)));
    const entries = [...positions].filter(([key]) => owned.has(key)).map(([, entry]) => entry);
    if (entries.length === 0) return;
    const partitions = Object.fromEntries(FEEDS.map((feed) => [feed, options.rawPartitions])) as Record<Feed, number>;
    const value = encodeLane({ kind: 'mark', entries, partitions });
    await Promise.all(
      LANES.map((lane) =>
        producer.send(
          names.lane(lane),
          Array.from({ length: options.route.lanePartitions }, (_, partition) => ({ value, partition })),
        ),
      ),
    );
  };

  const commit = async (): Promise<void> => {
    for (const { topic, partition } of consumer.assignment()) {
      const key = keyOf(topic, partition);
      const next = positions.get(key)?.next;
      if (next === undefined || committed.get(key) === next) continue;
      await consumer.commit(topic, partition, next);
      committed.set(key, next);
    }
  };

  const marking = repeat(options.markMs, mark);
  const committing = repeat(COMMIT_MS, commit);
  const ticking = options.route.replay ? null : setInterval(tick, options.tickMs);
  return {
    close: async () => {
      if (ticking !== null) clearInterval(ticking);
      await Promise.all([marking.stop(), committing.stop()]);
      await commit().catch(() => {});
      await consumer.close();
    },
  };
}

function isTick(record: LogRecord): boolean {
  return record.headers['yj-kind']?.toString() === 'tick';
}

function routeSafely(feed: Feed, record: LogRecord, options: RouteOptions): Routed {
  try {
    return route(
      { feed, partition: record.partition, offset: record.offset, arrival: record.timestamp, value: record.value },
      options,
    );
  } catch (error) {
    return {
      ok: false,
      reason: 'poison',
      issues: [{ path: '', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }],
    };
  }
}

function rejection(record: LogRecord, { reason, issues }: Extract<Routed, { ok: false }>): RejectedRecord {
  return {
    origin: { topic: record.topic, partition: record.partition, offset: record.offset },
    reason,
    issues,
    bytes: (record.value ?? Buffer.alloc(0)).toString('base64'),
    arrived_at: isoShanghai(record.timestamp),
  };
}

function positionAfter(feed: Feed, records: readonly LogRecord[], before: MarkEntry | undefined): MarkEntry {
  const last = records[records.length - 1] as LogRecord;
  let lastEvent = before?.lastEvent ?? null;
  for (const record of records) if (!isTick(record)) lastEvent = Math.max(lastEvent ?? 0, record.timestamp);
  return {
    feed,
    partition: last.partition,
    next: last.offset + 1,
    arrival: Math.max(before?.arrival ?? 0, last.timestamp),
    lastEvent,
  };
}

/** Runs `act` again and again with a pause between; a failure is the next run's business. `stop` waits for a run under way. */
function repeat(everyMs: number, act: () => Promise<void>): { stop(): Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const next = () => {
    if (stopped) return;
    running = act().catch(() => {});
    void running.then(() => {
      if (!stopped) timer = setTimeout(next, everyMs);
    });
  };
  timer = setTimeout(next, everyMs);
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
