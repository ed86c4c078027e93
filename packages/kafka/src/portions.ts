// What a call to send is cut into, what a request is put together from, and what came of it.
import { CompressionTypes, type Message, type Producer } from 'kafkajs';
import { type OutRecord, sizeOf } from './records.ts';
import { encodeProduceRequestsHere } from './wire/produce.ts';

encodeProduceRequestsHere();

/** A request holds at most this per partition: kafkajs does not split, and the broker refuses more (MESSAGE_TOO_LARGE). */
export const MAX_REQUEST_BYTES = 900 * 1024;

/** Records that stand next to each other: `baseOffset` to `baseOffset + count - 1`. */
export interface SendResult {
  partition: number;
  baseOffset: number;
  count: number;
}

export interface Portion {
  topic: string;
  partition: number;
  records: OutRecord[];
  bytes: number;
  done(baseOffset: number): void;
  failed(error: unknown): void;
}

export const queueKey = ({ topic, partition }: { topic: string; partition: number }) => `${topic}/${partition}`;

export async function sendTo(
  topic: string,
  partition: number,
  records: OutRecord[],
  enqueue: (portion: Portion) => void,
): Promise<SendResult[]> {
  const sent: Promise<SendResult>[] = [];
  for (let i = 0; i < records.length; ) {
    let bytes = 0;
    const from = i;
    do bytes += sizeOf(records[i++] as OutRecord);
    while (i < records.length && bytes + sizeOf(records[i] as OutRecord) <= MAX_REQUEST_BYTES);
    const portion = i - from === records.length ? records : records.slice(from, i);
    const count = portion.length;
    sent.push(
      new Promise((resolve, failed) => {
        const done = (baseOffset: number) => resolve({ partition, baseOffset, count });
        enqueue({ topic, partition, records: portion, bytes, done, failed });
      }),
    );
  }
  return joinAdjacent(await Promise.all(sent));
}

function joinAdjacent(portions: SendResult[]): SendResult[] {
  const joined: SendResult[] = [];
  for (const portion of portions) {
    const before = joined[joined.length - 1];
    if (before !== undefined && before.baseOffset + before.count === portion.baseOffset) before.count += portion.count;
    else joined.push(portion);
  }
  return joined;
}

export function takeUpTo(waiting: Portion[], limit: number): Portion[] {
  let bytes = 0;
  let count = 0;
  while (count < waiting.length && (count === 0 || bytes + (waiting[count] as Portion).bytes <= limit))
    bytes += (waiting[count++] as Portion).bytes;
  return waiting.splice(0, count);
}

/**
 * One request for all partitions that have something to send. Resolves to the base offset of each that was answered for.
 * @throws what the broker or the connection said
 */
export async function sendOnce(producer: Producer, request: Portion[][]): Promise<Map<string, number>> {
  const byTopic = new Map<string, Map<number, OutRecord[]>>();
  for (const portions of request) {
    const { topic, partition } = portions[0] as Portion;
    const partitions = byTopic.get(topic) ?? new Map<number, OutRecord[]>();
    byTopic.set(topic, partitions);
    partitions.set(
      partition,
      portions.length === 1 ? (portions[0] as Portion).records : portions.flatMap(({ records }) => records),
    );
  }
  const results = await producer.sendBatch({
    acks: -1,
    compression: CompressionTypes.None,
    topicMessages: [...byTopic].map(([topic, partitions]) => ({ topic, messages: grouped(partitions) })),
  });
  return new Map(
    results.map(({ topicName, partition, baseOffset }) => [
      queueKey({ topic: topicName, partition }),
      Number(baseOffset),
    ]),
  );
}

/**
 * Messages as the library takes them, grouped already: it groups by `reduce`, copying a partition's list once per message, and looks at
 * them otherwise only to find one without a value.
 */
function grouped(partitions: Map<number, OutRecord[]>): Message[] {
  const messages: unknown[] = [];
  Object.defineProperty(messages, 'reduce', { value: () => Object.fromEntries(partitions) });
  return messages as Message[];
}
