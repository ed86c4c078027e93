// Follows topics without committing anything: a throw-away group that seeks to its own positions at every join.
import { randomUUID } from 'node:crypto';
import { watermarks } from './admin.ts';
import type { KafkaSettings } from './connection.ts';
import { type GroupConsumer, type GroupOptions, type LogBatch, runGroup } from './group.ts';

export interface TailOptions {
  topics: string[];
  from: 'earliest' | 'latest' | ((topic: string, partition: number) => number);
  /** Which partitions are followed; of the others nothing is fetched. Default: all. */
  of?(topic: string, partition: number): boolean;
  /** As of a group. */
  patience?: GroupOptions['patience'];
  /** Throw to have the same records again after a pause. */
  onBatch(batch: LogBatch): Promise<void> | void;
  onFatal?(error: Error): void;
}

export interface Tail {
  /** Next offset of each partition, by `topic/partition`. */
  positions(): Map<string, number>;
  /** Whether everything written by the time of the call has been handed over. */
  caughtUp(): Promise<boolean>;
  close(): Promise<void>;
}

export async function tail(settings: KafkaSettings, options: TailOptions): Promise<Tail> {
  const positions = new Map<string, number>();
  const followed = options.of ?? (() => true);
  for (const topic of options.topics)
    for (const { partition, low, high } of await watermarks(settings, topic)) {
      if (!followed(topic, partition)) continue;
      const wanted =
        options.from === 'earliest' ? low : options.from === 'latest' ? high : options.from(topic, partition);
      positions.set(`${topic}/${partition}`, Math.max(low, Math.min(wanted, high)));
    }
  const consumer: GroupConsumer = await runGroup(settings, {
    groupId: `${settings.clientId}.tail.${randomUUID()}`,
    topics: options.topics,
    onAssigned: async (topic, partition) => {
      if (followed(topic, partition)) return { seek: positions.get(`${topic}/${partition}`) ?? 0 };
      consumer.pause(topic, partition);
      return { seek: 'group' };
    },
    onBatch: async (batch) => {
      await options.onBatch(batch);
      const last = batch.records[batch.records.length - 1];
      if (last !== undefined) positions.set(`${batch.topic}/${batch.partition}`, last.offset + 1);
    },
    ...(options.patience === undefined ? {} : { patience: options.patience }),
    ...(options.onFatal === undefined ? {} : { onFatal: options.onFatal }),
  });
  return {
    positions: () => new Map(positions),
    caughtUp: async () => {
      for (const topic of options.topics)
        for (const { partition, high } of await watermarks(settings, topic))
          if (followed(topic, partition) && (positions.get(`${topic}/${partition}`) ?? 0) < high) return false;
      return true;
    },
    close: () => consumer.close(),
  };
}
