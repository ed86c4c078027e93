// A row of the archive as values, and those that every event has.
import type { BinaryTable } from '@yunjian/clickhouse';
import { FEEDS, type YunjianEvent } from '@yunjian/contracts';

export interface TableRow {
  table: BinaryTable;
  /** In the order of its columns. */
  values: readonly unknown[];
}

export function row(table: BinaryTable, values: readonly unknown[]): TableRow {
  return { table, values };
}

/**
 * Everything that has no column of its own: the cold part, and for reference events the hot fields too.
 * @param rest of other events the hot fields without a column
 */
export function documentOf(event: YunjianEvent, rest: Record<string, unknown> = {}): unknown[] {
  const { eventId, source, ...cold } = event.cold.get();
  const {
    arrival,
    origin,
    document,
    content,
    eventTime: _time,
    institution: _institution,
    cold: _cold,
    ...hot
  } = event;
  const detail = origin.feed === 'reference' ? { ...hot, ...cold } : { ...cold, ...rest };
  const { feed, partition, offset, index } = origin;
  const feedNumber = (FEEDS as readonly string[]).indexOf(feed);
  return [
    eventId,
    source,
    JSON.stringify(detail),
    document,
    content,
    arrival,
    feedNumber,
    partition,
    offset,
    index,
    precedence(arrival, feedNumber, partition, offset, index),
  ];
}

const ARRIVAL_BITS = 48n;
const [FEED_BITS, PARTITION_BITS, OFFSET_BITS, INDEX_BITS] = [4n, 12n, 48n, 16n];
const ALL = (1n << 128n) - 1n;

/** The lower (arrival, feed, partition, offset, index), the greater: 2¹²⁸ − 1 minus the five packed into 128 bits. */
export function precedence(arrival: number, feed: number, partition: number, offset: number, index: number): bigint {
  let packed = BigInt(arrival) & ((1n << ARRIVAL_BITS) - 1n);
  packed = (packed << FEED_BITS) | BigInt(feed);
  packed = (packed << PARTITION_BITS) | BigInt(partition);
  packed = (packed << OFFSET_BITS) | BigInt(offset);
  packed = (packed << INDEX_BITS) | BigInt(index);
  return ALL - packed;
}
