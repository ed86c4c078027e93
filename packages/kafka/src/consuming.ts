// Starting and ending a consumer of the library, with the settings that were tried, waiting for a broker that is away.
import { type Consumer, type EachBatchPayload, type PartitionAssigner, PartitionAssigners } from 'kafkajs';
import { connect, type KafkaSettings } from './connection.ts';
import { isPassing, isUnreachable, pauseBeforeRetry } from './faults.ts';
import { noteAnswer, noteOutage } from './health.ts';
import { Membership } from './membership.ts';
import { decodeFetchedRecordsHere } from './wire/fetched.ts';

decodeFetchedRecordsHere();

/** When everything is paused the library sleeps this long before it looks again; also how long a fetch waits for a first byte. */
const MAX_WAIT_MS = 50;
const HEARTBEAT_MS = 1_000;
const REBALANCE_MS = 60_000;
const CLOSE_LIMIT_MS = 4_000;

export interface ConsumerSpec {
  groupId: string;
  topics: string[];
  sessionTimeoutMs: number;
  maxBytesPerPartition: number;
  /** Bytes that a fetch waits for, and how long, ms. */
  patience?: { bytes: number; ms: number } | undefined;
  concurrency: number;
  eachBatch(payload: EachBatchPayload): Promise<void>;
  /** A join begins, or the consumer has broken down: what was held is held no more until `onJoin`. */
  onLeave(): void;
  /** After every join, before any batch of it: partitions by topic. */
  onJoin(assignment: Record<string, number[]>): void;
  /** The coordinator has taken a heartbeat. */
  onBeat?(): void;
  /** Whether its owner takes it for joined: it may have been told of an expulsion that the library knows nothing of. */
  isJoined(): boolean;
  onFatal(error: Error): void;
}

/** Returns at once; joining goes on until it succeeds or the consumer is closed. */
export function startConsumer(settings: KafkaSettings, spec: ConsumerSpec): Consumer {
  const membership = new Membership(spec.sessionTimeoutMs);
  const consumer = connect(settings).consumer({
    groupId: spec.groupId,
    sessionTimeout: spec.sessionTimeoutMs,
    rebalanceTimeout: REBALANCE_MS,
    heartbeatInterval: HEARTBEAT_MS,
    maxWaitTimeInMs: spec.patience?.ms ?? MAX_WAIT_MS,
    minBytes: spec.patience?.bytes ?? 1,
    maxBytesPerPartition: spec.maxBytesPerPartition,
    allowAutoTopicCreation: false,
    retry: {
      retries: 5,
      initialRetryTime: 100,
      maxRetryTime: 2_000,
      restartOnFailure: async () => !closing.has(consumer),
    },
    partitionAssigners: [
      announcingJoins(() => {
        membership.leaves();
        spec.onLeave();
      }),
    ],
  });
  consumer.on(consumer.events.FETCH_START, () => {
    if (closing.has(consumer)) return;
    if (!spec.isJoined()) membership.leaves();
    if (!membership.isLost()) return;
    settings.logger?.warn({ group: spec.groupId }, 'consumer belongs to its group no longer, joins anew');
    spec.onLeave();
    void consumer.stop().then(() => begin(settings, spec, consumer));
  });
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    membership.joined();
    noteAnswer(settings);
    spec.onJoin(payload.memberAssignment);
  });
  consumer.on(consumer.events.HEARTBEAT, () => {
    membership.confirmed();
    noteAnswer(settings);
    spec.onBeat?.();
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    spec.onLeave();
    if (closing.has(consumer)) return;
    const { error, restart } = payload;
    if (!restart && !isPassing(error)) return spec.onFatal(error);
    if (isUnreachable(error)) noteOutage(settings, error);
    else settings.logger?.warn({ group: spec.groupId, reason: error.message }, 'consumer joins anew');
    if (!restart) void begin(settings, spec, consumer);
  });
  void begin(settings, spec, consumer);
  return consumer;
}

/** Round robin; the library asks an assigner for its protocol exactly when it is about to join, which it tells nobody otherwise. */
function announcingJoins(onJoining: () => void): PartitionAssigner {
  return (config) => {
    const assigner = PartitionAssigners.roundRobin(config);
    return {
      ...assigner,
      protocol: (subscription) => {
        onJoining();
        return assigner.protocol(subscription);
      },
    };
  };
}

async function begin(settings: KafkaSettings, spec: ConsumerSpec, consumer: Consumer): Promise<void> {
  for (let attempt = 0; !closing.has(consumer); attempt++) {
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: spec.topics, fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: spec.concurrency,
        eachBatch: spec.eachBatch,
      });
      return;
    } catch (error) {
      if (closing.has(consumer)) return;
      if (isUnreachable(error)) noteOutage(settings, error);
      else if (!isPassing(error)) return spec.onFatal(error as Error);
      else if (attempt === 0)
        settings.logger?.warn(
          { topics: spec.topics, reason: (error as Error).message },
          'cannot subscribe yet, waiting',
        );
      await pauseBeforeRetry(attempt);
    }
  }
}

const closing = new WeakSet<Consumer>();

/** Ends a consumer, and what it still has to do, without waiting longer than a few seconds for a broker that is away. */
export async function closeSoon(consumer: Consumer, rest: Promise<unknown> = Promise.resolve()): Promise<void> {
  closing.add(consumer);
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_LIMIT_MS);
  });
  await Promise.race([Promise.allSettled([consumer.disconnect(), rest]), limit]);
  clearTimeout(timer);
}
