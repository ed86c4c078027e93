// A ledger lane on Kafka: batches judged, told, stored, and only then committed. Needs no checkpoint: ClickHouse is its state.
import { setTimeout as sleep } from 'node:timers/promises';
import type { LaneKind, TopicNames } from '@yunjian/contracts';
import {
  type BatchControl,
  type GroupConsumer,
  type KafkaSettings,
  type LogBatch,
  type LogProducer,
  type LogRecord,
  runGroup,
} from '@yunjian/kafka';
import { inOrderOfCause } from './findings.ts';
import type { LedgerOutput } from './judge.ts';
import { poisonAlerts, readLane, setAside } from './reading.ts';
import type { LedgerInput, LedgerLane } from './rows.ts';

/** One lane partition in the hands of this process. */
export interface JudgedPartition {
  process(inputs: readonly LedgerInput[]): Promise<LedgerOutput>;
}

export interface LedgerHostOptions {
  lane: LedgerLane;
  settings: KafkaSettings;
  names: TopicNames;
  producer: LogProducer;
  /** Reads what a partition's judgement begins with. */
  open(partition: number): Promise<JudgedPartition>;
  /** Kinds of records that matter; the others are not even read. Null: all of them. */
  kinds: ReadonlySet<LaneKind> | null;
  /** A partition's batches begin at least this far apart, so that few reads are made for many small fetches, ms. */
  paceMs: number;
  onFindings(detector: string, action: string): void;
  /** A batch is told: lane records read, events among them, and the time it took. */
  onBatch(read: number, events: number, seconds: number): void;
  /** A record that could not be read or judged: a defect of ours, put into `rejected` with its stack. */
  onPoison(lane: LedgerLane, partition: number, offset: number, error: Error): void;
  onFatal(error: Error): void;
}

export interface RunningLedger {
  /** Records that wait. */
  lag(): Promise<number>;
  close(): Promise<void>;
}

/** Rows told and not stored beyond which reading waits: while ClickHouse is away no more than this is held in memory. */
const MAX_UNSTORED = 50_000;
const COMMIT_EVERY_MS = 500;
const LAST_COMMIT_LIMIT_MS = 3_000;

export async function startLedger(options: LedgerHostOptions): Promise<RunningLedger> {
  const { names, lane, producer, settings } = options;
  const topic = names.lane(lane);
  const partitions = new Map<number, JudgedPartition>();
  const pending = new Map<number, number>();
  /** Batches that are told and not yet stored, the last of each partition: it is done when those before it are. */
  const storing = new Map<number, Promise<void>>();
  /** Batches that are being judged and told. */
  const underWay = new Set<Promise<void>>();
  let unstored = 0;
  let closing = false;

  const judge = async ({ partition, records }: LogBatch, { owned }: BatchControl): Promise<void> => {
    const ledger = partitions.get(partition);
    if (ledger === undefined) return;
    const started = performance.now();
    const { inputs, unreadable } = readLane(records, options.kinds);
    const { findings: judged, reversed, poisoned, stored } = await ledger.process(inputs);
    if (!owned()) return;
    const aside = [...unreadable, ...poisoned];
    const findings = inOrderOfCause([...judged, ...poisonAlerts({ lane, partition }, records, aside)]);
    await Promise.all([
      findings.length === 0
        ? undefined
        : producer.send(
            names.laneAlert,
            findings.map((finding) => ({ key: finding.alert_id, value: JSON.stringify(finding), partition: 0 })),
          ),
      reversed.length === 0 ? undefined : producer.send(names.lane('code'), reversed),
      aside.length === 0 ? undefined : producer.send(names.rejected, setAside(records, aside)),
    ]);
    for (const { position, error } of aside) options.onPoison(lane, partition, position, error);
    for (const { detector, action } of findings) options.onFindings(detector, action);
    const took = performance.now() - started;
    options.onBatch(records.length, inputs.length, took / 1000);
    const next = (records[records.length - 1] as LogRecord).offset + 1;
    unstored += inputs.length;
    const done = Promise.all([storing.get(partition), stored]).then(() => {
      unstored -= inputs.length;
      if (partitions.get(partition) === ledger) pending.set(partition, next);
    });
    storing.set(partition, done);
    done.catch(options.onFatal);
    if (unstored > MAX_UNSTORED) await done;
  };

  const consumer: GroupConsumer = await runGroup(settings, {
    groupId: names.group(`ledger.${lane}`),
    topics: [topic],
    strict: true,
    onAssigned: async (_topic, partition) => {
      pending.delete(partition);
      storing.delete(partition);
      partitions.set(partition, await options.open(partition));
      return { seek: 'group' };
    },
    onRevoked: async (_topic, partition) => {
      partitions.delete(partition);
      pending.delete(partition);
    },
    onBatch: async (batch, control) => {
      // What has not begun is left to the successor; what has is told, stored and committed.
      if (closing) return;
      const began = performance.now();
      const judging = judge(batch, control);
      underWay.add(judging);
      await judging.finally(() => underWay.delete(judging));
      // The partitions of one fetch rest together, and the next fetch brings what has come meanwhile.
      await sleep(options.paceMs - (performance.now() - began));
    },
    onFatal: options.onFatal,
  });

  const commit = async (): Promise<void> => {
    await Promise.allSettled(
      [...pending].map(async ([partition, next]) => {
        await consumer.commit(topic, partition, next);
        if (pending.get(partition) === next) pending.delete(partition);
      }),
    );
  };
  let committing = Promise.resolve();
  const timer = setInterval(() => {
    committing = committing.then(commit);
  }, COMMIT_EVERY_MS);
  return {
    lag: () => consumer.lag(),
    close: async () => {
      closing = true;
      clearInterval(timer);
      await Promise.race([
        Promise.allSettled(underWay)
          .then(() => Promise.allSettled(storing.values()))
          .then(() => committing.then(commit)),
        new Promise((resolve) => setTimeout(resolve, LAST_COMMIT_LIMIT_MS).unref()),
      ]);
      await consumer.close();
    },
  };
}
