// Appends to the log: one outstanding send per partition, order kept, nothing given up while the broker is away.
import kafkajs, { CompressionTypes, type Message, type Producer } from 'kafkajs';
import { isPassing } from './admin.ts';
import { connect, type KafkaSettings, pauseBeforeRetry } from './connection.ts';
import { partitionFor } from './partitioner.ts';
import { type OutRecord, sizeOf } from './records.ts';

/** A request holds at most this per partition: kafkajs does not split, and the broker refuses more (MESSAGE_TOO_LARGE). */
const MAX_REQUEST_BYTES = 900 * 1024;

export interface SendResult {
  partition: number;
  baseOffset: number;
  count: number;
}

/** With `retries: 0`: the broker did not say whether the records were written. */
export class UnknownOutcome extends Error {
  override name = 'UnknownOutcome';
}

export interface LogProducer {
  /**
   * Resolves once every record is acknowledged by all in-sync replicas. Records of one partition keep their order, also across calls.
   * Waits out a broker that is away. Rejects when the broker refuses the records for good, when closed, or, with `retries: 0`, at the first failure.
   */
  send(topic: string, records: OutRecord[]): Promise<SendResult[]>;
  close(): Promise<void>;
  /** False while sends fail. */
  readonly healthy: boolean;
}

interface Portion {
  topic: string;
  partition: number;
  messages: Message[];
  bytes: number;
  done(baseOffset: number): void;
  failed(error: unknown): void;
}

interface Queue {
  busy: boolean;
  waiting: Portion[];
}

export async function createProducer(
  settings: KafkaSettings,
  options: { retries?: number } = {},
): Promise<LogProducer> {
  const once = options.retries === 0;
  const kafka = connect(settings, 0);
  const producer = kafka.producer({ allowAutoTopicCreation: false, idempotent: false, retry: { retries: 0 } });
  const admin = kafka.admin();
  const partitionCounts = new Map<string, Promise<number>>();
  const queues = new Map<string, Queue>();
  let closed = false;
  let healthy = false;
  let scheduled = false;
  let open = 0;
  let drained: (() => void) | null = null;

  const connecting = (async () => {
    for (let attempt = 0; !closed; attempt++) {
      try {
        await producer.connect();
        await admin.connect();
        if (attempt > 0) settings.logger?.info({}, 'kafka answers again');
        healthy = true;
        return;
      } catch (error) {
        if (attempt === 0)
          settings.logger?.warn({ reason: (error as Error).message }, 'kafka does not answer, waiting');
        await pauseBeforeRetry(attempt);
      }
    }
  })();

  const partitionsOf = (topic: string): Promise<number> => {
    let count = partitionCounts.get(topic);
    if (count === undefined) {
      count = countPartitions(topic);
      partitionCounts.set(topic, count);
      count.catch(() => partitionCounts.delete(topic));
    }
    return count;
  };

  const countPartitions = async (topic: string): Promise<number> => {
    await connecting;
    for (let attempt = 0; ; attempt++) {
      try {
        const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
        return topics[0]?.partitions.length ?? 0;
      } catch (error) {
        if (closed || once || !isPassing(error)) throw error;
        await pauseBeforeRetry(attempt);
      }
    }
  };

  const flush = (): void => {
    scheduled = false;
    const request: Portion[][] = [];
    for (const queue of queues.values()) {
      if (queue.busy || queue.waiting.length === 0) continue;
      queue.busy = true;
      request.push(takeUpTo(queue.waiting, MAX_REQUEST_BYTES));
    }
    if (request.length > 0) void deliver(request);
  };

  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  };

  const deliver = async (request: Portion[][]): Promise<void> => {
    for (let attempt = 0; ; attempt++) {
      try {
        const offsets = await sendOnce(producer, request);
        if (!healthy) settings.logger?.info({}, 'kafka answers again');
        healthy = true;
        settle(request, (portion, at) => portion.done(at), offsets);
        return;
      } catch (error) {
        const tooLarge = error instanceof kafkajs.KafkaJSProtocolError && error.type === 'MESSAGE_TOO_LARGE';
        if (once || closed || tooLarge || !isPassing(error)) {
          healthy = healthy && tooLarge;
          const reason = once && !tooLarge ? new UnknownOutcome((error as Error).message) : error;
          settle(request, (portion) => portion.failed(reason), null);
          return;
        }
        if (healthy)
          settings.logger?.warn({ reason: (error as Error).message }, 'kafka does not take records, waiting');
        healthy = false;
        await pauseBeforeRetry(attempt);
        if (isDisconnected(error)) await producer.connect().catch(() => {});
      }
    }
  };

  const settle = (
    request: Portion[][],
    act: (portion: Portion, at: number) => void,
    offsets: Map<string, number> | null,
  ): void => {
    for (const portions of request) {
      const first = portions[0] as Portion;
      const key = queueKey(first);
      let at = offsets?.get(key) ?? 0;
      for (const portion of portions) {
        act(portion, at);
        at += portion.messages.length;
        open--;
      }
      const queue = queues.get(key) as Queue;
      queue.busy = false;
      if (queue.waiting.length > 0) schedule();
    }
    if (open === 0) drained?.();
  };

  const enqueue = (portion: Portion): void => {
    const key = queueKey(portion);
    let queue = queues.get(key);
    if (queue === undefined) {
      queue = { busy: false, waiting: [] };
      queues.set(key, queue);
    }
    queue.waiting.push(portion);
    open++;
    schedule();
  };

  if (!once) void connecting;
  else await connecting;

  return {
    get healthy() {
      return healthy;
    },
    send: async (topic, records) => {
      if (closed) throw new Error('the producer is closed');
      const known = records.every((record) => record.partition !== undefined);
      const count = known ? 0 : await partitionsOf(topic);
      await connecting;
      const byPartition = new Map<number, OutRecord[]>();
      for (const record of records) {
        const partition = record.partition ?? partitionFor(record.key ?? '', count);
        const list = byPartition.get(partition);
        if (list === undefined) byPartition.set(partition, [record]);
        else list.push(record);
      }
      return Promise.all([...byPartition].map(([partition, list]) => sendTo(topic, partition, list, enqueue)));
    },
    close: async () => {
      if (open > 0)
        await new Promise<void>((resolve) => {
          drained = resolve;
          setTimeout(resolve, 5_000).unref();
        });
      closed = true;
      await Promise.all([producer.disconnect(), admin.disconnect()]).catch(() => {});
    },
  };
}

const queueKey = ({ topic, partition }: { topic: string; partition: number }) => `${topic}/${partition}`;

async function sendTo(
  topic: string,
  partition: number,
  records: OutRecord[],
  enqueue: (portion: Portion) => void,
): Promise<SendResult> {
  const sent: Promise<number>[] = [];
  for (let i = 0; i < records.length; ) {
    let bytes = 0;
    const from = i;
    do bytes += sizeOf(records[i++] as OutRecord);
    while (i < records.length && bytes + sizeOf(records[i] as OutRecord) <= MAX_REQUEST_BYTES);
    const messages = records.slice(from, i).map((record) => toMessage(record, partition));
    sent.push(new Promise((done, failed) => enqueue({ topic, partition, messages, bytes, done, failed })));
  }
  const [baseOffset] = await Promise.all(sent);
  return { partition, baseOffset: baseOffset as number, count: records.length };
}

function toMessage(record: OutRecord, partition: number): Message {
  return {
    partition,
    value: record.value,
    ...(record.key === undefined ? {} : { key: record.key }),
    ...(record.timestamp === undefined ? {} : { timestamp: String(record.timestamp) }),
    ...(record.headers === undefined ? {} : { headers: record.headers }),
  };
}

function takeUpTo(waiting: Portion[], limit: number): Portion[] {
  let bytes = 0;
  let count = 0;
  while (count < waiting.length && (count === 0 || bytes + (waiting[count] as Portion).bytes <= limit))
    bytes += (waiting[count++] as Portion).bytes;
  return waiting.splice(0, count);
}

/** One request for all partitions that have something to send. Resolves to the base offset of each. */
async function sendOnce(producer: Producer, request: Portion[][]): Promise<Map<string, number>> {
  const byTopic = new Map<string, Message[]>();
  for (const portions of request)
    for (const { topic, messages } of portions) {
      const list = byTopic.get(topic);
      if (list === undefined) byTopic.set(topic, [...messages]);
      else for (const message of messages) list.push(message);
    }
  const results = await producer.sendBatch({
    acks: -1,
    compression: CompressionTypes.None,
    topicMessages: [...byTopic].map(([topic, messages]) => ({ topic, messages })),
  });
  return new Map(
    results.map(({ topicName, partition, baseOffset }) => [
      queueKey({ topic: topicName, partition }),
      Number(baseOffset),
    ]),
  );
}

function isDisconnected(error: unknown): boolean {
  return error instanceof Error && /disconnected|not connected|Closed connection/i.test(error.message);
}
