// The decider's ports on Kafka: the alert log, answers and refusals, and the checkpoint log whose pointer only the owner may move.
import type { TopicNames } from '@yunjian/contracts';
import {
  deleteRecords,
  type GroupConsumer,
  groupOffsets,
  type KafkaSettings,
  type LogProducer,
  readRange,
  watermarks,
} from '@yunjian/kafka';
import { type CheckpointLog, Fenced, type StoredRecord } from '@yunjian/processor';
import type { AlertLog, Outlets, Written } from './ports.ts';

/** Every topic of alerting has one partition: one process decides. */
const PARTITION = 0;
/** Names, on a record of the alert log, the offset of lane.alert that led to it: the state can be rebuilt from the log alone. */
const LANE_HEADER = 'yj-lane';

export async function bounds(settings: KafkaSettings, topic: string): Promise<{ low: number; next: number }> {
  const marks = await watermarks(settings, topic);
  const mark = marks[0];
  if (mark === undefined || marks.length !== 1)
    throw new Error(`topic ${topic} has ${marks.length} partitions, expected 1: alerting is one order of the world`);
  return { low: mark.low, next: mark.high };
}

/** @param producer one with `retries: 0`: what it does not know it does not repeat. */
export function kafkaAlertLog(settings: KafkaSettings, names: TopicNames, producer: LogProducer): AlertLog {
  return {
    end: async () => (await bounds(settings, names.alertLog)).next,
    read: async (from, to) => {
      const written: Written[] = [];
      await readRange(settings, names.alertLog, PARTITION, from, to, ({ value, headers }) => {
        const lane = headers[LANE_HEADER];
        if (value !== null) written.push({ value: Buffer.from(value), lane: lane === undefined ? null : Number(lane) });
      });
      return written;
    },
    append: async (versions) => {
      const records = versions.map(({ key, value, lane }) => ({
        key,
        value,
        partition: PARTITION,
        headers: { [LANE_HEADER]: String(lane) },
      }));
      return baseOffset(names.alertLog, await producer.send(names.alertLog, records));
    },
  };
}

export function kafkaOutlets(names: TopicNames, producer: LogProducer): Outlets {
  return {
    reply: async (replies) => {
      await producer.send(
        names.commandReply,
        replies.map((reply) => ({ key: reply.idem, value: JSON.stringify(reply), partition: PARTITION })),
      );
    },
    refuse: async (records) => {
      await producer.send(
        names.rejected,
        records.map((record) => ({ value: JSON.stringify(record), partition: PARTITION })),
      );
    },
  };
}

export interface CheckpointOwner {
  group: () => GroupConsumer;
  groupId: string;
  /** Whether the lane is still this member's, as far as it knows; the coordinator has the last word. */
  owned: () => boolean;
}

export function kafkaCheckpointLog(
  settings: KafkaSettings,
  topic: string,
  producer: LogProducer,
  owner: CheckpointOwner,
): CheckpointLog {
  return {
    append: async (values) => {
      const records = values.map((value) => ({ value, partition: PARTITION }));
      return baseOffset(topic, await producer.send(topic, records));
    },
    read: async (from, to) => {
      const records: StoredRecord[] = [];
      await readRange(settings, topic, PARTITION, from, to, ({ offset, value }) => {
        if (value !== null) records.push({ offset, value: Buffer.from(value) });
      });
      return records;
    },
    bounds: () => bounds(settings, topic),
    pointer: async () => (await groupOffsets(settings, owner.groupId, topic))[PARTITION] ?? null,
    commitPointer: async (offset) => {
      if (!owner.owned()) throw new Fenced('the lane has been assigned to another member');
      await owner.group().commit(topic, PARTITION, offset);
    },
    trim: (before) => deleteRecords(settings, topic, PARTITION, before),
  };
}

function baseOffset(topic: string, [result]: { baseOffset: number }[]): number {
  if (result === undefined) throw new Error(`${topic}: nothing was appended`);
  return result.baseOffset;
}
