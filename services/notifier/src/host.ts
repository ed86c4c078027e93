// The notifier on Kafka: reads the alert log ahead, sends what waits, and moves the group's offset only past what is settled.
import { type AlertRecord, alertRecord, type TopicNames } from '@yunjian/contracts';
import {
  type GroupConsumer,
  groupOffsets,
  type KafkaLogger,
  type KafkaSettings,
  type LogRecord,
  readRange,
  runGroup,
  watermarks,
} from '@yunjian/kafka';
import { Outbox } from './outbox.ts';
import type { Plan } from './plan.ts';
import type { Sender } from './sender.ts';

/** Records read back at start to know what an earlier run had told: for follow-ups on withdrawals. */
const READ_BACK = 20_000;
/** The log is read ahead of what is sent up to this many waiting alerts. */
const MOST_WAITING = 20_000;
const BEAT_MS = 250;
/** At the end a message on its way gets this long; what is not settled is told by the next run. */
const LAST_BEAT_MS = 5_000;

export interface HostOptions {
  settings: KafkaSettings & { logger: KafkaLogger };
  names: TopicNames;
  plan: Plan;
  senders: readonly Sender[];
  backlogHours: number;
  /** ms since the epoch */
  now: () => number;
  onRead(records: number): void;
  onFatal(error: Error): void;
}

export interface NotifierHost {
  role(): 'joining' | 'active' | 'standby';
  waiting(): number;
  close(): Promise<void>;
}

interface Tenure {
  outbox: Outbox;
  /** Next offset of the log to read. */
  next: number;
  committed: number;
  caughtUp: boolean;
}

export async function startHost(options: HostOptions): Promise<NotifierHost> {
  const { settings, names, plan, now } = options;
  const topic = names.alertLog;
  const groupId = names.group('notifier');
  const horizon = now() - options.backlogHours * 3_600_000;
  let tenure = null as Tenure | null;

  const begin = async (): Promise<number> => {
    const [mark] = await watermarks(settings, topic);
    const [low, high] = [mark?.low ?? 0, mark?.high ?? 0];
    const committed = (await groupOffsets(settings, groupId, topic))[0] ?? low;
    const next = Math.max(low, Math.min(committed, high));
    const outbox = new Outbox(plan, horizon);
    const before: { alert: AlertRecord; offset: number; timestamp: number }[] = [];
    await readRange(settings, topic, 0, Math.max(low, next - READ_BACK), next, (record) => {
      before.push({ alert: alertOf(record), offset: record.offset, timestamp: record.timestamp });
    });
    for (const { alert, ...at } of before) outbox.take(alert, at);
    outbox.settleAll();
    tenure = { outbox, next, committed: next, caughtUp: next >= high };
    settings.logger.info({ next, readBack: before.length }, 'notifier reads the alert log');
    return next;
  };

  const group: GroupConsumer = await runGroup(settings, {
    groupId,
    topics: [topic],
    onAssigned: async () => ({ seek: await begin() }),
    onRevoked: async () => {
      tenure = null;
    },
    onBatch: async ({ records, highWatermark }, control) => {
      const of = tenure;
      if (of === null || !control.owned()) return;
      while (of.outbox.size >= MOST_WAITING && control.owned()) await pause();
      for (const record of records) of.outbox.take(alertOf(record), record);
      of.next = (records.at(-1) as LogRecord).offset + 1;
      of.caughtUp = of.next >= highWatermark;
      options.onRead(records.length);
    },
    onFatal: options.onFatal,
  });

  const commit = async (of: Tenure): Promise<void> => {
    const offset = of.outbox.committable(of.next);
    if (offset <= of.committed) return;
    await group.commit(topic, 0, offset);
    of.committed = offset;
  };

  let running = true;
  const beating = (async () => {
    while (running) {
      const of = tenure;
      if (of !== null) {
        await Promise.all(options.senders.map((sender) => sender.run(of.outbox, of.caughtUp)));
        if (of === tenure)
          await commit(of).catch((error: unknown) =>
            settings.logger.warn({ reason: String(error) }, 'offset not committed, it will be tried again'),
          );
      }
      await pause();
    }
  })();

  return {
    role: () => (tenure !== null ? 'active' : group.state() === 'running' ? 'standby' : 'joining'),
    waiting: () => tenure?.outbox.size ?? 0,
    close: async () => {
      running = false;
      await Promise.race([beating, pause(LAST_BEAT_MS)]);
      await group.close();
    },
  };
}

function pause(ms = BEAT_MS): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @throws Error naming offset and field: the log is written by alerting alone, so a record that does not fit is a defect. */
function alertOf({ offset, value }: LogRecord): AlertRecord {
  const parsed = alertRecord.safeParse(JSON.parse(value?.toString('utf8') ?? 'null'));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`alert log offset ${offset}: ${issue?.path.join('.')}: ${issue?.message}; expected an alert record`);
}
