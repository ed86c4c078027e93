// Follows the alert log into the world: from the beginning or from where the archive stands, and anew when the log is another one.
import { digest } from '@yunjian/contracts';
import { type KafkaSettings, type LogBatch, readRange, type Tail, tail, topicId, watermarks } from '@yunjian/kafka';
import type { World } from '../world.ts';
import type { Archive, Archived } from './archive.ts';

const COMPARE_EVERY_MS = 1000;
/** Once caught up, a wait this short decides when the gateway is ready. */
const CATCH_UP_POLL_MS = 50;

interface FeedLogger {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface AlertLogOptions {
  settings: KafkaSettings;
  topic: string;
  world: World;
  archive: Archive;
  logger: FeedLogger;
  onRead: (records: number) => void;
  onFatal: (error: Error) => void;
}

export interface AlertLogFeed {
  close(): Promise<void>;
}

/** Resolves once the world holds everything that was in the log when this began. */
export async function followAlertLog(options: AlertLogOptions): Promise<AlertLogFeed> {
  const { settings, topic, world, logger } = options;
  let tailing: Tail | null = null;
  let closed = false;
  let previousEnd = Number.POSITIVE_INFINITY;

  const onBatch = (batch: LogBatch): void => {
    const first = batch.records[0];
    const last = batch.records.at(-1);
    if (first === undefined || last === undefined) return;
    if (first.offset > world.store.position)
      throw new Error(`${topic}: expected offset ${world.store.position}, got ${first.offset}: the log has a hole`);
    const records = batch.records.map(({ offset, value }) => ({ offset, value: value?.toString('utf8') ?? '' }));
    world.take(records, last.offset + 1);
    options.onRead(records.length);
  };

  /**
   * The archive goes on while it is read: it may know some of what lies behind its offset, and is whole again behind the last of that, which
   * is `end`.
   */
  const archivedUpTo = async (high: number): Promise<Archived & { end: number }> => {
    const archived = await options.archive.load(high, (offset) => valueAt(settings, topic, offset));
    const end = archived.alerts.reduce((behind, { position }) => Math.max(behind, position + 1), 0);
    const { high: now } = await extent(settings, topic);
    if (end <= now) return { ...archived, end };
    logger.error({ archived: end, end: now }, 'the archive knows more than the alert log holds, reading the log alone');
    return { from: 0, alerts: [], end: 0 };
  };

  const begin = async (reason: string): Promise<void> => {
    const { low, high } = await extent(settings, topic);
    const archived = await archivedUpTo(high);
    const from = Math.max(low, archived.from);
    const epoch = await identityOf(settings, topic, low);
    world.begin(from, archived.alerts);
    tailing = await tail(settings, { topics: [topic], from: () => from, onBatch, onFatal: options.onFatal });
    while (!closed && world.store.position < Math.max(high, archived.end))
      await new Promise((resolve) => setTimeout(resolve, CATCH_UP_POLL_MS));
    if (closed) return;
    world.open(epoch, reason);
    const { size: alerts, position } = world.store;
    logger.info({ alerts, archived: archived.alerts.length, from, position, reason }, 'alert log read');
  };

  const compare = async (): Promise<void> => {
    // As of before the question: records may come in while the broker answers.
    const { position: before } = world.store;
    const { low, high } = await extent(settings, topic);
    if (before > high || before < low) {
      logger.error({ position: before, low, high }, 'the alert log is another one, reading it anew');
      world.ready = false;
      await tailing?.close();
      await begin('log_changed');
      world.ready = true;
      return;
    }
    const { position } = world.store;
    world.compared(Math.max(0, high - position), position >= Math.min(high, previousEnd));
    previousEnd = high;
  };

  await begin('start');
  await compare();
  const comparing = (async () => {
    while (!closed) {
      await new Promise((resolve) => setTimeout(resolve, COMPARE_EVERY_MS));
      if (!closed) await compare();
    }
  })();
  comparing.catch((error: Error) => {
    if (!closed) options.onFatal(error);
  });
  return {
    async close() {
      closed = true;
      await tailing?.close();
    },
  };
}

async function extent(settings: KafkaSettings, topic: string): Promise<{ low: number; high: number }> {
  const [only, ...others] = await watermarks(settings, topic);
  if (only === undefined || others.length > 0)
    throw new Error(`topic ${topic}: expected one partition, got ${others.length + (only === undefined ? 0 : 1)}`);
  return only;
}

async function valueAt(settings: KafkaSettings, topic: string, offset: number): Promise<string | null> {
  let found: string | null = null;
  await readRange(settings, topic, 0, offset, offset + 1, ({ value }) => {
    found = value?.toString('utf8') ?? null;
  });
  return found;
}

/** The same for every gateway on one log, from before its first record: the topic's id, and where the log begins. */
async function identityOf(settings: KafkaSettings, topic: string, low: number): Promise<string> {
  return digest(JSON.stringify([await topicId(settings, topic), low]), 16);
}
