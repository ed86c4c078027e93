// A partition of the checkpoint topic on Kafka; the pointer is the detector group's offset of that topic.
import {
  deleteRecords,
  type GroupConsumer,
  groupOffsets,
  type KafkaSettings,
  type LogProducer,
  readRange,
  watermarks,
} from '@yunjian/kafka';
import type { CheckpointLog, StoredRecord } from '@yunjian/processor';

export interface CheckpointTopic {
  settings: KafkaSettings;
  topic: string;
  /** The lane's topic: the group's offset of it says how far the checkpoint is, to whoever watches; a restart goes by the pointer. */
  lane: string;
  partition: number;
  groupId: string;
  producer: LogProducer;
  /** The group member whose generation fences the pointer. */
  consumer: () => GroupConsumer;
}

export function kafkaCheckpointLog(of: CheckpointTopic): CheckpointLog {
  const { settings, topic, partition } = of;
  const bounds = async () => {
    const mark = (await watermarks(settings, topic)).find((w) => w.partition === partition);
    if (mark === undefined)
      throw new Error(`${topic} has no partition ${partition}: was it created with fewer partitions than the lane?`);
    return { low: mark.low, next: mark.high };
  };
  return {
    append: async (values) => {
      const [result] = await of.producer.send(
        topic,
        values.map((value) => ({ value, partition })),
      );
      if (result === undefined) throw new Error(`${topic}/${partition}: nothing was appended`);
      return result.baseOffset;
    },
    read: async (from, to) => {
      const records: StoredRecord[] = [];
      await readRange(settings, topic, partition, from, to, ({ offset, value }) => {
        if (value !== null) records.push({ offset, value });
      });
      return records;
    },
    bounds,
    pointer: async () => (await groupOffsets(settings, of.groupId, topic))[partition] ?? null,
    commitPointer: (offset, input) =>
      of
        .consumer()
        .commit(topic, partition, offset, input === undefined ? {} : { also: { topic: of.lane, offset: input } }),
    trim: (before) => deleteRecords(settings, topic, partition, before),
  };
}
