// How far the router has merged each raw partition: what marks say, and what is committed.
import type { Feed, MarkEntry } from '@yunjian/contracts';
import type { LogRecord } from '@yunjian/kafka';

const TICK_VALUE = '{"event_type":"tick"}';

/** What the router appends to each raw partition once a second, so that clocks go on where nothing happens. */
export const TICK = { value: TICK_VALUE, headers: { 'yj-kind': 'tick' } };

/** A record that only looks like a tick is an event like any other, and refused as one. */
export function isTick({ headers, value }: Pick<LogRecord, 'headers' | 'value'>): boolean {
  return headers['yj-kind']?.toString() === 'tick' && value?.toString() === TICK_VALUE;
}

/**
 * The mark entry of a partition after `records` (at least one) have been merged. `lastEvent` is null until this router has seen an event
 * that is no tick: readers keep what they knew.
 */
export function positionAfter(feed: Feed, records: readonly LogRecord[], before: MarkEntry | undefined): MarkEntry {
  const last = records[records.length - 1] as LogRecord;
  let arrival = before?.arrival ?? 0;
  let lastEvent = before?.lastEvent ?? null;
  for (const record of records) {
    arrival = Math.max(arrival, record.timestamp);
    if (!isTick(record)) lastEvent = Math.max(lastEvent ?? 0, record.timestamp);
  }
  return { feed, partition: last.partition, next: last.offset + 1, arrival, lastEvent };
}
