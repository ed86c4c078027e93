// Produce requests, encoded here instead of by kafkajs 2.2.4, which spends 8 CPU seconds on a million records of 400 bytes. Its module for
// version 3 is replaced before versions 4 to 7, which derive from it, are first used; everything around it stays the library's.
import { createRequire } from 'node:module';
import type { OutRecord } from '../records.ts';
import { RecordBatch } from './record-batch.ts';

export interface TopicData {
  topic: string;
  partitions: { partition: number; messages: readonly OutRecord[] }[];
}

interface ProduceArguments {
  acks: number;
  /** ms */
  timeout: number;
  topicData: readonly TopicData[];
}

const PRODUCE_API_KEY = 0;
const LIBRARY_MODULE = 'kafkajs/src/protocol/requests/produce/v3/request.js';

/** From now on, for every producer of this process. */
export function encodeProduceRequestsHere(): void {
  const require = createRequire(import.meta.url);
  require(LIBRARY_MODULE);
  (require.cache[require.resolve(LIBRARY_MODULE)] as { exports: unknown }).exports = request;
}

function request({ acks, timeout, topicData }: ProduceArguments) {
  return {
    apiKey: PRODUCE_API_KEY,
    apiVersion: 3,
    apiName: 'Produce',
    expectResponse: () => acks !== 0,
    encode: async () => {
      const payload = encodeProduce({ acks, timeout, topicData }, Date.now());
      // What the library asks of an encoder that it appends.
      return { buf: payload, buffer: payload };
    },
  };
}

/** transactional_id (null), acks, timeout, [topic [partition record_set]]; the record sets uncompressed. */
export function encodeProduce({ acks, timeout, topicData }: ProduceArguments, now: number): Buffer {
  let size = 2 + 2 + 4 + 4;
  const topics = topicData.map(({ topic, partitions }) => {
    const name = Buffer.from(topic);
    size += 2 + name.length + 4;
    const batches = partitions.map(({ partition, messages }) => {
      const batch = new RecordBatch(messages, now);
      size += 4 + 4 + batch.size;
      return { partition, batch };
    });
    return { name, batches };
  });
  const buffer = Buffer.allocUnsafe(size);
  let at = buffer.writeInt16BE(-1, 0);
  at = buffer.writeInt16BE(acks, at);
  at = buffer.writeInt32BE(timeout, at);
  at = buffer.writeInt32BE(topics.length, at);
  for (const { name, batches } of topics) {
    at = buffer.writeInt16BE(name.length, at);
    at += name.copy(buffer, at);
    at = buffer.writeInt32BE(batches.length, at);
    for (const { partition, batch } of batches) {
      at = buffer.writeInt32BE(partition, at);
      at = buffer.writeInt32BE(batch.size, at);
      batch.writeTo(buffer, at);
      at += batch.size;
    }
  }
  return buffer;
}
