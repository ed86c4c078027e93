// Starting and ending a consumer of the library, with the settings that were tried, waiting for a broker that is away.
import type { Consumer, EachBatchPayload, PartitionAssigner } from 'kafkajs';
import { connect, type KafkaSettings, pauseBeforeRetry } from './connection.ts';

/** When everything is paused the library sleeps this long before it looks again. */
const MAX_WAIT_MS = 25;
const HEARTBEAT_MS = 1_000;

export interface ConsumerSpec {
  groupId: string;
  topics: string[];
  sessionTimeoutMs: number;
  maxBytesPerPartition: number;
  concurrency: number;
  assigners?: PartitionAssigner[];
  eachBatch(payload: EachBatchPayload): Promise<void>;
  /** After every join, before any batch of it: partitions by topic. */
  onJoin(assignment: Record<string, number[]>): void;
  onFatal(error: Error): void;
}

/** Returns at once; joining goes on until it succeeds or the consumer is closed. */
export function startConsumer(settings: KafkaSettings, spec: ConsumerSpec): Consumer {
  const consumer = connect(settings, 10).consumer({
    groupId: spec.groupId,
    sessionTimeout: spec.sessionTimeoutMs,
    rebalanceTimeout: 60_000,
    heartbeatInterval: HEARTBEAT_MS,
    maxWaitTimeInMs: MAX_WAIT_MS,
    minBytes: 1,
    maxBytesPerPartition: spec.maxBytesPerPartition,
    allowAutoTopicCreation: false,
    retry: { retries: 10, initialRetryTime: 100, maxRetryTime: 2_000, restartOnFailure: async () => true },
    ...(spec.assigners === undefined ? {} : { partitionAssigners: spec.assigners }),
  });
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => spec.onJoin(payload.memberAssignment));
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (payload.restart)
      settings.logger?.warn({ group: spec.groupId, reason: payload.error.message }, 'consumer restarts');
    else spec.onFatal(payload.error);
  });
  void begin(settings, spec, consumer);
  return consumer;
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
      if (attempt === 0)
        settings.logger?.warn(
          { group: spec.groupId, reason: (error as Error).message },
          'kafka does not answer, waiting',
        );
      await pauseBeforeRetry(attempt);
    }
  }
}

const closing = new WeakSet<Consumer>();

/** Ends a consumer without waiting longer than a few seconds for a broker that is away. */
export async function closeSoon(consumer: Consumer): Promise<void> {
  closing.add(consumer);
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, 4_000);
  });
  await Promise.race([consumer.disconnect().catch(() => {}), limit]);
  clearTimeout(timer);
}
