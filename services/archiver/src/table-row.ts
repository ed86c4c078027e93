// A row of the archive: its table, columns and values side by side, and the columns that every event has.
import { FEEDS, type YunjianEvent } from '@yunjian/contracts';

export interface TableRow {
  table: string;
  columns: readonly string[];
  values: unknown[];
}

export function row(table: string, columns: readonly string[], values: unknown[]): TableRow {
  return { table, columns, values };
}

/** ClickHouse reads an integer below this as seconds instead of the milliseconds of a DateTime64(3) (April 1970). */
const READ_AS_SECONDS = 9_908_870_400;

/** An instant, ms, as ClickHouse reads it into a DateTime64(3, 'UTC'). */
export function instant(ms: number): number | string {
  return ms >= READ_AS_SECONDS ? ms : new Date(ms).toISOString().slice(0, 23).replace('T', ' ');
}

export function instantOrNull(ms: number | null): number | string | null {
  return ms === null ? null : instant(ms);
}

export const DOCUMENT = [
  'event_id',
  'source',
  'detail',
  'document',
  'content',
  'arrival',
  'origin_feed',
  'origin_partition',
  'origin_offset',
  'origin_index',
  'precedence',
] as const;

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
    instant(arrival),
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

/** The lower (arrival, feed, partition, offset, index), the greater: 2¹²⁸ − 1 minus the five packed into 128 bits. Decimal text. */
export function precedence(arrival: number, feed: number, partition: number, offset: number, index: number): string {
  let packed = BigInt(arrival) & ((1n << ARRIVAL_BITS) - 1n);
  packed = (packed << FEED_BITS) | BigInt(feed);
  packed = (packed << PARTITION_BITS) | BigInt(partition);
  packed = (packed << OFFSET_BITS) | BigInt(offset);
  packed = (packed << INDEX_BITS) | BigInt(index);
  return String(ALL - packed);
}
