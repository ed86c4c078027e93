// Appends to the log: one outstanding send per partition, order kept, nothing given up while the broker is away.
import kafkajs from 'kafkajs';
import { connect, type KafkaSettings } from './connection.ts';
import { isPassing, isUnreachable, pauseBeforeRetry, Unanswered } from './faults.ts';
import { isAnswering, noteAnswer, noteOutage } from './health.ts';
import { partitionFor } from './partitioner.ts';
import { MAX_REQUEST_BYTES, type Portion, queueKey, type SendResult, sendOnce, sendTo, takeUpTo } from './portions.ts';
import type { OutRecord } from './records.ts';

/** With `retries: 0`: the broker did not say whether the records were written, or they stood behind such records and were not sent. */
export class UnknownOutcome extends Error {
  override name = 'UnknownOutcome';
}

export interface LogProducer {
  /**
   * Resolves once every record is acknowledged by all in-sync replicas. Records of one partition keep their order, also across calls.
   * Waits out a broker that is away. Rejects when the broker refuses the records for good, when closed, or, with `retries: 0`, at the
   * first failure. One result per partition, or several where the records do not stand next to each other.
   */
  send(topic: string, records: OutRecord[]): Promise<SendResult[]>;
  close(): Promise<void>;
  /** False until connected, and while the broker does not answer or sends fail. */
  readonly healthy: boolean;
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
  const kafka = connect(settings, { retries: 0 });
  const create = () => kafka.producer({ allowAutoTopicCreation: false, idempotent: false, retry: { retries: 0 } });
  let producer = create();
  const admin = kafka.admin();
  const partitionCounts = new Map<string, Promise<number>>();
  const queues = new Map<string, Queue>();
  const underWay = new Set<Promise<unknown>>();
  let renewing: Promise<void> | null = null;
  /** Whose last requests are still under way. */
  const retired = new Set<kafkajs.Producer>();
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
        noteAnswer(settings);
        healthy = true;
        return;
      } catch (error) {
        noteOutage(settings, error);
        await pauseBeforeRetry(attempt);
      }
    }
    throw new Error('the producer was closed before it was connected');
  })();
  connecting.catch(() => {});

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
        if (isUnreachable(error)) noteOutage(settings, error);
        else if (attempt === 0) settings.logger?.warn({ topic, reason: (error as Error).message }, 'no such topic yet');
        await pauseBeforeRetry(attempt);
        await admin.connect().catch(() => {});
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

  /**
   * Reads the metadata anew, by a connection of its own: requests under way by the one before would be cut off and written twice, and the
   * library takes the end of a socket of before for the end of the one that followed it.
   */
  const renew = (): Promise<void> => {
    renewing ??= (async () => {
      const next = create();
      try {
        await next.connect();
      } catch (error) {
        settings.logger?.warn({ reason: (error as Error).message }, 'the metadata was not read anew');
        renewing = null;
        return;
      }
      const before = producer;
      retired.add(before);
      producer = next;
      await Promise.allSettled(underWay);
      await before.disconnect().catch(() => {});
      retired.delete(before);
      renewing = null;
      if (closed) await next.disconnect().catch(() => {});
    })();
    return renewing;
  };

  const track = async (sending: Promise<Map<string, number>>): Promise<Map<string, number>> => {
    underWay.add(sending);
    return sending.finally(() => underWay.delete(sending));
  };

  const deliver = async (whole: Portion[][]): Promise<void> => {
    let request = whole;
    for (let attempt = 0; ; attempt++) {
      try {
        const offsets = await track(sendOnce(producer, request));
        noteAnswer(settings);
        const isAnswered = ([first]: Portion[]) => offsets.has(queueKey(first as Portion));
        settle(request.filter(isAnswered), (portion, at) => portion.done(at), offsets);
        request = request.filter((portions) => !isAnswered(portions));
        if (request.length > 0) throw new Unanswered(request.map(([first]) => queueKey(first as Portion)));
        if (!healthy && attempt > 0) settings.logger?.info({}, 'kafka takes records again');
        healthy = true;
        return;
      } catch (error) {
        const tooLarge = error instanceof kafkajs.KafkaJSProtocolError && error.type === 'MESSAGE_TOO_LARGE';
        if (isUnreachable(error)) noteOutage(settings, error);
        if (once || closed || tooLarge || !isPassing(error)) {
          healthy = !isUnreachable(error);
          const reason = once && !tooLarge ? new UnknownOutcome((error as Error).message) : error;
          if (once) giveUpWaiting(request, reason);
          settle(request, (portion) => portion.failed(reason), null);
          return;
        }
        if (healthy && !isUnreachable(error))
          settings.logger?.warn({ reason: (error as Error).message }, 'kafka takes no records, waiting');
        healthy = false;
        await pauseBeforeRetry(attempt);
        if (error instanceof Unanswered) await renew();
        else if (isDisconnected(error)) await producer.connect().catch(() => {});
      }
    }
  };

  /** What waits behind records of unknown outcome must not overtake them. */
  const giveUpWaiting = (request: Portion[][], reason: unknown): void => {
    for (const [first] of request) {
      const queue = queues.get(queueKey(first as Portion)) as Queue;
      for (const portion of queue.waiting.splice(0)) {
        open--;
        portion.failed(reason);
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
        at += portion.records.length;
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
      return healthy && isAnswering(settings);
    },
    send: async (topic, records) => {
      if (closed) throw new Error('the producer is closed');
      // Always awaited, so that calls go on in the order in which they came.
      const count = await partitionsOf(topic).catch((error: Error) => {
        throw once ? new UnknownOutcome(error.message) : error;
      });
      const byPartition = new Map<number, OutRecord[]>();
      for (const record of records) {
        const partition = record.partition ?? partitionFor(record.key ?? '', count);
        const list = byPartition.get(partition);
        if (list === undefined) byPartition.set(partition, [record]);
        else list.push(record);
      }
      const results = await Promise.all(
        [...byPartition].map(([partition, list]) => sendTo(topic, partition, list, enqueue)),
      );
      return results.flat();
    },
    close: async () => {
      if (open > 0)
        await new Promise<void>((resolve) => {
          drained = resolve;
          setTimeout(resolve, 5_000).unref();
        });
      closed = true;
      await Promise.allSettled([...retired, producer, admin].map((each) => each.disconnect()));
    },
  };
}

function isDisconnected(error: unknown): boolean {
  return error instanceof Error && /disconnected|not connected|Closed connection/i.test(error.message);
}
