// The lane host on Kafka: partitions of lane.institution that this process owns, restored, processed and checkpointed.

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setImmediate as others } from 'node:timers/promises';
import type { TopicNames } from '@yunjian/contracts';
import { type AnyDetector, InstitutionLane } from '@yunjian/detection';
import {
  type GroupConsumer,
  groupOffsets,
  type KafkaSettings,
  type LogProducer,
  runGroup,
  watermarks,
} from '@yunjian/kafka';
import { CheckpointBroken, LanePartition } from '@yunjian/processor';
import { kafkaCheckpointLog } from './checkpoint-log.ts';
import { createSink } from './effects.ts';
import type { DetectorMetrics } from './metrics.ts';
import { Pieces } from './pieces.ts';

/** An idle partition's pointer is committed again this often, so that it never expires. */
const POINTER_REFRESH_MS = 3_600_000;

/** Bytes of a fetch: the library asks again when all of it is processed, so larger ones leave fewer pauses when there is much to catch up. */
const FETCH_BYTES = 128 * 1024;

export interface HostOptions {
  settings: KafkaSettings;
  names: TopicNames;
  producer: LogProducer;
  metrics: DetectorMetrics;
  checkpointMs: number;
  detectors: readonly AnyDetector[];
  logger: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
  onFatal(error: Error): void;
  onMoved(records: number): void;
}

export interface DetectorHostHandle {
  close(): Promise<void>;
  /** Next lane offset of each partition owned, by partition number. */
  positions(): Record<string, number>;
  lag(): Promise<number>;
}

export async function startHost(options: HostOptions): Promise<DetectorHostHandle> {
  const { settings, names, producer, metrics, logger } = options;
  const topic = names.lane('institution');
  const checkpointTopic = names.checkpoint('institution');
  const groupId = names.group('detector');
  const partitions = new Map<number, LanePartition>();
  const pieces = new Pieces();
  const dropped = new Map<number, string>();
  let consumer: GroupConsumer | null = null;
  let closing = false;

  const group = (): GroupConsumer => {
    if (consumer === null) throw new Error('the consumer group has not been joined yet');
    return consumer;
  };

  const open = async (partition: number): Promise<number> => {
    const started = performance.now();
    const where = `${topic}/${partition}`;
    const laneLow = (await watermarks(settings, topic)).find((w) => w.partition === partition)?.low ?? 0;
    const run = new LanePartition({
      where,
      owner: `${hostname()}/${process.pid}/${randomUUID()}`,
      core: new InstitutionLane({ partition, detectors: options.detectors }),
      log: kafkaCheckpointLog({
        settings,
        topic: checkpointTopic,
        lane: topic,
        partition,
        groupId,
        producer,
        consumer: group,
      }),
      sink: createSink({ settings, producer, names, metrics }, partition),
      laneLow,
    });
    const { next, entries } = await run.open();
    partitions.set(partition, run);
    const seconds = (performance.now() - started) / 1000;
    metrics.restoreSeconds.observe({}, seconds);
    logger.info({ partition, next, entries, seconds: Number(seconds.toFixed(3)) }, 'partition restored');
    return next;
  };

  /** A successor may trim while an expelled member still reads: a checkpoint is broken only if its pointer stands still meanwhile. */
  const reopen = async (partition: number): Promise<number> => {
    for (;;) {
      const before = await pointerOf(partition);
      try {
        return await open(partition);
      } catch (error) {
        if (!(error instanceof CheckpointBroken)) throw error;
        if ((await pointerOf(partition)) === before) {
          stop(error);
          throw error;
        }
      }
    }
  };

  const pointerOf = async (partition: number): Promise<number | null> =>
    (await groupOffsets(settings, groupId, checkpointTopic))[partition] ?? null;

  const drop = (partition: number, error: unknown): void => {
    if (!partitions.delete(partition)) return;
    const reason = error instanceof Error ? error.message : String(error);
    if (dropped.get(partition) !== reason) logger.warn({ partition, reason }, 'partition dropped, it will be restored');
    dropped.set(partition, reason);
  };

  const stop = (error: unknown): void => {
    options.onFatal(error instanceof Error ? error : new Error(String(error)));
  };

  /** Each in a turn of the loop of its own: what is read meanwhile waits for one of them, not for all. */
  const checkpointAll = async (): Promise<void> => {
    let turn: Promise<void> = Promise.resolve();
    await Promise.all(
      [...partitions].map(async ([partition, run]) => {
        turn = turn.then(() => others());
        await turn;
        if (partitions.get(partition) !== run) return;
        const started = performance.now();
        const before = run.pointer;
        try {
          const taken = run.checkpoint();
          metrics.stalled((performance.now() - started) / 1000);
          await taken;
          if (run.pointer !== before) {
            metrics.checkpoints.inc({});
            metrics.checkpointSeconds.observe({}, (performance.now() - started) / 1000);
          }
        } catch (error) {
          if (!closing && partitions.get(partition) === run) {
            drop(partition, error);
            group().seek(topic, partition, await reopen(partition));
          }
        }
      }),
    );
  };

  consumer = await runGroup(settings, {
    groupId,
    topics: [topic],
    strict: true,
    ahead: true,
    maxBytesPerPartition: FETCH_BYTES,
    onAssigned: async (_topic, partition) => {
      const run = partitions.get(partition);
      if (run !== undefined) {
        const pointer = await pointerOf(partition);
        if (pointer === run.pointer) return { seek: run.next };
        drop(partition, new Error('another member owned it in between'));
      }
      return { seek: await reopen(partition) };
    },
    onRevoked: async (_topic, partition) => {
      const run = partitions.get(partition);
      partitions.delete(partition);
      await run
        ?.close()
        .catch((error: unknown) =>
          logger.warn({ partition, reason: String(error) }, 'last checkpoint not taken, its successor repeats it'),
        );
    },
    onBatch: async (batch, control) => {
      const run = partitions.get(batch.partition);
      // What came after the last checkpoint is the successor's.
      if (closing || run === undefined || !control.owned()) return;
      try {
        const goesOn = () => !closing && partitions.get(batch.partition) === run && control.owned();
        await pieces.take(batch.records, goesOn, async (records) => {
          await run.process(records);
          metrics.records.inc({}, records.length);
          options.onMoved(records.length);
        });
      } catch (error) {
        if (error instanceof CheckpointBroken) stop(error);
        drop(batch.partition, error);
        group().seek(topic, batch.partition, await reopen(batch.partition));
      }
    },
    onFatal: stop,
  });

  const timer = setInterval(() => void checkpointAll().catch(stop), options.checkpointMs);
  const refresh = setInterval(() => {
    for (const [partition, run] of partitions)
      if (run.pointer !== null)
        group()
          .commit(checkpointTopic, partition, run.pointer)
          .catch((error: unknown) => logger.warn({ partition, reason: String(error) }, 'pointer not refreshed'));
  }, POINTER_REFRESH_MS);
  metrics.shadowsFrom(() => [...partitions.values()].flatMap((run) => run.shadows()));

  return {
    positions: () => Object.fromEntries([...partitions].map(([partition, run]) => [String(partition), run.next])),
    lag: async () => {
      const marks = await watermarks(settings, topic);
      // A partition that is ours and cannot be restored waits as a whole.
      return group()
        .assignment()
        .map(({ partition }) => {
          const { low = 0, high = 0 } = marks.find((mark) => mark.partition === partition) ?? {};
          return Math.max(0, high - (partitions.get(partition)?.next ?? low));
        })
        .reduce((sum, waiting) => sum + waiting, 0);
    },
    close: async () => {
      closing = true;
      clearInterval(timer);
      clearInterval(refresh);
      const running = [...partitions.values()];
      await Promise.all(
        running.map((run) =>
          run.close().catch((error: unknown) => logger.warn({ reason: String(error) }, 'last checkpoint not taken')),
        ),
      );
      await group().close();
    },
  };
}
