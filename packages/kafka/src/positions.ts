// Where a partition's reading starts, held against what the log still has: never a silent reset.
import type { Batch } from 'kafkajs';
import { groupOffsets, watermarks } from './admin.ts';
import type { KafkaSettings } from './connection.ts';
import type { GroupOptions } from './group.ts';
import { type LogRecord, toLogRecord } from './records.ts';

/** Records that should be there are not. */
export class RecordsMissing extends Error {
  override name = 'RecordsMissing';
}

const REMEDY = 'see docs/operations.md "A gap in a lane"';

/**
 * @param handled next offset after what this member has handled of the partition itself, if anything.
 * @returns next offset to read.
 * @throws RecordsMissing when it lies above the log's end, or, with `strict`, below its beginning.
 */
export async function startPosition(
  settings: KafkaSettings,
  options: GroupOptions,
  topic: string,
  partition: number,
  handled: number | null,
): Promise<number> {
  const answer = await options.onAssigned?.(topic, partition);
  const mark = await watermarkOf(settings, topic, partition);
  const committed = async () => (await groupOffsets(settings, options.groupId, topic))[partition] ?? mark.low;
  const wanted =
    answer === undefined
      ? Math.max(await committed(), handled ?? 0)
      : answer.seek === 'group'
        ? await committed()
        : answer.seek;
  if (wanted > mark.high) throw endsBelow(topic, partition, wanted, mark.high);
  if (wanted >= mark.low) return wanted;
  if (options.strict === true) throw hole(topic, partition, wanted, mark.low);
  tellLost(settings, options, topic, partition, wanted, mark.low);
  return mark.low;
}

function hole(topic: string, partition: number, expected: number, found: number): RecordsMissing {
  return new RecordsMissing(
    `${topic}/${partition}: expected offset ${expected}, got ${found}: records are missing; ${REMEDY}`,
  );
}

export function endsBelow(topic: string, partition: number, position: number, high: number): RecordsMissing {
  return new RecordsMissing(
    `${topic}/${partition}: expected offset ${position}, but the log ends at ${high}: it was truncated or created anew; ${REMEDY}`,
  );
}

/**
 * The records of a batch from the expected offset on; null when the fetch began somewhere that nobody has asked for.
 * @throws RecordsMissing as `startPosition` does.
 */
export async function expectedRecords(
  settings: KafkaSettings,
  options: GroupOptions,
  batch: Batch,
  expected: number,
): Promise<LogRecord[] | null> {
  const { topic, partition, messages } = batch;
  const [first, last] = [messages[0], messages[messages.length - 1]];
  if (first === undefined || last === undefined) return [];
  const [from, to, high] = [Number(first.offset), Number(last.offset), Number(batch.highWatermark)];
  if (high < expected) throw endsBelow(topic, partition, expected, high);
  if (to < expected) return null;
  if (options.strict === true) {
    if (from > expected) throw hole(topic, partition, expected, from);
    if (to - from + 1 !== messages.length) throw hole(topic, partition, from, to);
  } else if (from > expected) {
    // A gap of somebody's transaction, or records that are gone.
    const { low } = await watermarkOf(settings, topic, partition);
    if (low > expected) tellLost(settings, options, topic, partition, expected, low);
  }
  const records = messages.map((message) => toLogRecord(topic, partition, message));
  return from >= expected ? records : records.filter(({ offset }) => offset >= expected);
}

function tellLost(
  settings: KafkaSettings,
  options: GroupOptions,
  topic: string,
  partition: number,
  from: number,
  to: number,
): void {
  settings.logger?.error({ topic, partition, from, to }, 'records were deleted before they were read');
  options.onLost?.(topic, partition, from, to);
}

async function watermarkOf(settings: KafkaSettings, topic: string, partition: number) {
  const mark = (await watermarks(settings, topic)).find((each) => each.partition === partition);
  if (mark === undefined) throw new Error(`${topic} has no partition ${partition}`);
  return mark;
}
