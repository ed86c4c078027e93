// The notifier on Kafka: reads the alert log ahead, sends what waits, and moves the group's offset only past what is settled.
import type { TopicNames } from '@yunjian/contracts';
import {
  type GroupConsumer,
  groupCommits,
  type KafkaLogger,
  type KafkaSettings,
  type LogRecord,
  readRange,
  runGroup,
  watermarks,
} from '@yunjian/kafka';
import { type Alert, alertOf, NoAlert } from './alert.ts';
import { Outbox } from './outbox.ts';
import type { Plan } from './plan.ts';
import type { Sender } from './sender.ts';
import { noteOf, settledOf } from './settled.ts';

/** Records read back at start to know what an earlier run had told: for follow-ups on withdrawals. */
const READ_BACK = 20_000;
/** The log is read ahead of what is sent until so many alerts, of some 1 KB each, wait on one channel. */
const MOST_WAITING = 100_000;
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
  /** A record of the log that is no alert; its kind is logged once. */
  onBadRecord(): void;
  onFatal(error: Error): void;
}

export interface NotifierHost {
  role(): 'joining' | 'active' | 'standby';
  /** How many alerts wait to be told, by channel. */
  waiting(): ReadonlyMap<string, number>;
  close(): Promise<void>;
}

interface Tenure {
  outbox: Outbox;
  /** Next offset of the log to read. */
  next: number;
  committed: { offset: number; note: string };
  caughtUp: boolean;
}

export async function startHost(options: HostOptions): Promise<NotifierHost> {
  const { settings, names, plan, now } = options;
  const topic = names.alertLog;
  const groupId = names.group('notifier');
  const horizon = now() - options.backlogHours * 3_600_000;
  const read = reader(options);
  let tenure = null as Tenure | null;

  const end = (): void => {
    tenure?.outbox.abandon();
    tenure = null;
  };

  const begin = async (): Promise<number> => {
    end();
    const [mark] = await watermarks(settings, topic);
    const [low, high] = [mark?.low ?? 0, mark?.high ?? 0];
    const committed = (await groupCommits(settings, groupId, topic))[0] ?? { offset: low, note: '' };
    const next = Math.max(low, Math.min(committed.offset, high));
    const outbox = new Outbox(plan, horizon, settledOf(committed, high));
    const before: { alert: Alert; offset: number; timestamp: number }[] = [];
    await readRange(settings, topic, 0, Math.max(low, next - READ_BACK), next, (record) => {
      const alert = read(record);
      if (alert !== null) before.push({ alert, offset: record.offset, timestamp: record.timestamp });
    });
    for (const { alert, ...at } of before) outbox.take(alert, at);
    outbox.settleAll();
    const note = noteOf(outbox.settledTo(next), next);
    tenure = { outbox, next, committed: { offset: next, note }, caughtUp: next >= high };
    settings.logger.info({ next, readBack: before.length }, 'notifier reads the alert log');
    return next;
  };

  const group: GroupConsumer = await runGroup(settings, {
    groupId,
    topics: [topic],
    onAssigned: async () => ({ seek: await begin() }),
    onRevoked: async () => end(),
    onBatch: async ({ records, highWatermark }, control) => {
      const of = tenure;
      if (of === null || !control.owned()) return;
      while (fullest(of.outbox) >= MOST_WAITING && control.owned()) await pause();
      for (const record of records) {
        const alert = read(record);
        if (alert !== null) of.outbox.take(alert, record);
      }
      of.next = (records.at(-1) as LogRecord).offset + 1;
      of.outbox.readTo(of.next);
      of.caughtUp = of.next >= highWatermark;
      options.onRead(records.length);
    },
    onFatal: options.onFatal,
  });

  const commit = async (): Promise<void> => {
    const of = tenure;
    if (of === null) return;
    const offset = of.outbox.committable(of.next);
    const note = noteOf(of.outbox.settledTo(of.next), offset);
    if (offset < of.committed.offset || (offset === of.committed.offset && note === of.committed.note)) return;
    try {
      await group.commit(topic, 0, offset, { note });
      of.committed = { offset, note };
    } catch (error) {
      settings.logger.warn({ reason: String(error) }, 'offset not committed, it will be tried again');
    }
  };

  let running = true;
  const repeatedly = async (act: () => Promise<void>): Promise<void> => {
    while (running) {
      await act();
      await pause();
    }
  };
  // Each channel in a loop of its own: a slow one holds up no other.
  const loops = [
    repeatedly(commit),
    ...options.senders.map((sender) =>
      repeatedly(async () => {
        const of = tenure;
        if (of !== null) await sender.run(of.outbox, of.caughtUp);
      }),
    ),
  ];

  return {
    role: () => (tenure !== null ? 'active' : group.state() === 'running' ? 'standby' : 'joining'),
    waiting: () => tenure?.outbox.sizes() ?? new Map(),
    close: async () => {
      running = false;
      await Promise.race([Promise.all(loops).then(commit), pause(LAST_BEAT_MS)]);
      await group.close();
    },
  };
}

/** A record's alert; null for one that is none, which is counted, and said once for each kind. */
function reader({ settings, onBadRecord }: HostOptions): (record: LogRecord) => Alert | null {
  const said = new Set<string>();
  return (record) => {
    try {
      return alertOf(record);
    } catch (error) {
      if (!(error instanceof NoAlert)) throw error;
      onBadRecord();
      if (!said.has(error.message))
        settings.logger.error(
          { offset: record.offset, reason: error.message },
          'a record of the alert log is no alert, passed over; the next of this kind are only counted',
        );
      said.add(error.message);
      return null;
    }
  };
}

function fullest(outbox: Outbox): number {
  return Math.max(0, ...outbox.sizes().values());
}

function pause(ms = BEAT_MS): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
