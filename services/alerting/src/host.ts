// Alerting on Kafka: one member of the group decides, the others stand by. It ticks, checkpoints, and after anything that it cannot be
// sure of it restores in process.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { TopicNames } from '@yunjian/contracts';
import { type GroupConsumer, type KafkaLogger, type KafkaSettings, type LogProducer, runGroup } from '@yunjian/kafka';
import { CheckpointBroken } from '@yunjian/processor';
import { Decider } from './decider.ts';
import { bounds, kafkaAlertLog, kafkaCheckpointLog, kafkaOutlets } from './kafka-ports.ts';
import type { AlertingMetrics } from './metrics.ts';
import type { LaneInput } from './ports.ts';

const TICK_MS = 1_000;
/** A pointer is committed again at least this often, so that it never expires. */
const POINTER_REFRESH_MS = 3_600_000;
/** A lane with nothing but ticks is checkpointed this many times less often. */
const IDLE_FACTOR = 12;

export interface HostOptions {
  settings: KafkaSettings & { logger: KafkaLogger };
  names: TopicNames;
  /** With `retries: 0`, for the alert log alone. */
  logProducer: LogProducer;
  /** For ticks, replies, refusals and checkpoints. */
  producer: LogProducer;
  metrics: AlertingMetrics;
  checkpointMs: number;
  /** In a replay namespace time does not act: no ticks. */
  ticks: boolean;
  onFatal(error: Error): void;
  onMoved(records: number): void;
}

export type Role = 'joining' | 'active' | 'restoring' | 'standby';

export interface AlertingHost {
  role(): Role;
  /** Offset of the lane below which everything that follows is acknowledged; null while this one does not decide. */
  next(): number | null;
  /** Records of the lane that wait; none while another one decides. */
  lag(): Promise<number>;
  close(): Promise<void>;
}

export async function startHost(options: HostOptions): Promise<AlertingHost> {
  const { settings, names, metrics } = options;
  const { logger } = settings;
  const lane = names.laneAlert;
  const checkpointTopic = names.checkpoint('alert');
  const groupId = names.group('alerting');
  let consumer: GroupConsumer | null = null;
  let decider: Decider | null = null;
  /** Counts assignments: a decider of an earlier one may not move the pointer. */
  let tenure = 0;
  let assigned = false;
  let caughtUp = false;
  let acknowledged = 0;
  let ticking = false;
  let [checkpointedAt, refreshedAt] = [performance.now(), performance.now()];
  let busy: Promise<unknown> = Promise.resolve();

  /** One thing at a time: restoring, deciding, checkpointing. */
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const result = busy.then(act);
    busy = result.catch(() => {});
    return result;
  };

  const group = (): GroupConsumer => {
    if (consumer === null) throw new Error('the consumer group has not been joined yet');
    return consumer;
  };

  const restore = async (of: number): Promise<number> => {
    const started = performance.now();
    decider = null;
    metrics.standsBy();
    const held = await bounds(settings, lane);
    const owner = { group, groupId, owned: () => assigned && tenure === of };
    const opened = await Decider.open({
      owner: `${hostname()}/${process.pid}/${randomUUID()}`,
      lane,
      laneLow: held.low,
      log: kafkaAlertLog(settings, names, options.logProducer),
      outlets: kafkaOutlets(names, options.producer),
      checkpoints: kafkaCheckpointLog(settings, checkpointTopic, options.producer, owner),
      observe: metrics.observer,
    });
    if (tenure !== of) throw new Error('the lane was assigned anew while it was being restored');
    if (opened.contradictions > 0) {
      metrics.contradicted(opened.contradictions);
      logger.error({ count: opened.contradictions }, 'the alert log holds different records of one version');
    }
    decider = opened;
    acknowledged = opened.next;
    caughtUp = opened.next >= held.next;
    checkpointedAt = performance.now();
    metrics.decides(() => opened.alerting.standing());
    const seconds = (performance.now() - started) / 1000;
    metrics.takenOver(seconds);
    logger.info(
      { next: opened.next, checkpoint: opened.pointer, seconds: Number(seconds.toFixed(3)) },
      'alerting decides',
    );
    return opened.next;
  };

  /** After a failure: what was decided in memory is forgotten, and read back from what the broker has. */
  const restoreAfter = async (error: unknown): Promise<void> => {
    if (error instanceof CheckpointBroken) throw error;
    logger.warn({ reason: error instanceof Error ? error.message : String(error) }, 'restoring from the checkpoint');
    const next = await restore(tenure);
    await (decider as Decider | null)?.fence();
    group().seek(lane, 0, next);
  };

  const decide = async (records: readonly LaneInput[], highWatermark: number): Promise<void> => {
    try {
      if (decider === null) throw new Error('an earlier restore did not succeed');
      await decider.process(records);
      acknowledged = decider.next;
      caughtUp = decider.next >= highWatermark;
      options.onMoved(records.length);
    } catch (error) {
      await restoreAfter(error).catch(stopWhenBroken);
    }
  };

  /** Begins between two batches and ends beside the next ones. */
  const checkpoint = async (): Promise<void> => {
    const started = performance.now();
    checkpointedAt = started;
    const saved = await inTurn(async () => ({ of: decider, done: decider?.checkpoint() }));
    try {
      await saved.done;
      refreshedAt = performance.now();
      metrics.checkpointed((refreshedAt - started) / 1000);
    } catch (error) {
      await inTurn(async () => {
        if (assigned && saved.of === decider) await restoreAfter(error).catch(stopWhenBroken);
      });
    }
  };

  const stopWhenBroken = (error: unknown): never => {
    if (error instanceof CheckpointBroken) options.onFatal(error);
    decider = null;
    metrics.standsBy();
    throw error;
  };

  consumer = await runGroup(settings, {
    groupId,
    topics: [lane],
    strict: true,
    onAssigned: async () => {
      assigned = true;
      const mine = ++tenure;
      return { seek: await inTurn(() => restore(mine).catch(stopWhenBroken)) };
    },
    onRevoked: async () => {
      assigned = false;
      tenure++;
      decider = null;
      metrics.standsBy();
      logger.info({}, 'alerting stands by');
    },
    onBatch: async (batch, control) => {
      const records = batch.records.map(({ offset, timestamp, value }) => ({ offset, timestamp, value }));
      await inTurn(async () => {
        if (control.owned()) await decide(records, batch.highWatermark);
      });
    },
    onFatal: options.onFatal,
  });

  const tick = async (): Promise<void> => {
    if (!options.ticks || decider === null || !caughtUp || ticking) return;
    ticking = true;
    await options.producer.send(lane, [{ value: '{"type":"tick"}', partition: 0 }]).catch((error: unknown) => {
      logger.warn({ reason: String(error) }, 'tick not sent');
    });
    ticking = false;
  };

  const checkpointWhenDue = (): void => {
    if (decider === null) return;
    const waited = performance.now() - checkpointedAt;
    if (waited < options.checkpointMs * (decider.unsaved > 0 ? 1 : IDLE_FACTOR)) return;
    checkpoint().catch((error: unknown) => logger.warn({ reason: String(error) }, 'not restored yet'));
  };

  const refresh = (): void => {
    if (decider === null || performance.now() - refreshedAt < POINTER_REFRESH_MS) return;
    refreshedAt = performance.now();
    decider.fence().catch((error: unknown) => logger.warn({ reason: String(error) }, 'pointer not refreshed'));
  };

  const timers = [
    setInterval(() => void tick(), TICK_MS),
    setInterval(checkpointWhenDue, Math.min(TICK_MS, options.checkpointMs)),
    setInterval(refresh, POINTER_REFRESH_MS / 60),
  ];

  return {
    role: () => {
      if (decider !== null) return 'active';
      if (assigned) return 'restoring';
      return group().state() === 'running' ? 'standby' : 'joining';
    },
    next: () => (decider === null ? null : acknowledged),
    lag: async () => (assigned ? Math.max(0, (await bounds(settings, lane)).next - acknowledged) : 0),
    close: async () => {
      for (const timer of timers) clearInterval(timer);
      await inTurn(async () => {
        const last = decider;
        decider = null;
        await last?.checkpoint();
        if ((last?.unsaved ?? 0) > 0) await last?.checkpoint();
      }).catch((error: unknown) =>
        logger.warn({ reason: String(error) }, 'last checkpoint not taken, its successor decides the rest again'),
      );
      await group().close();
    },
  };
}
