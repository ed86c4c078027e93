// Writes mapped events into the raw topics of a replay namespace in order of event time, with the ticks that let its clocks go on.
import {
  DAY_MS,
  FEED_OF,
  FEEDS,
  type Feed,
  isRawEventType,
  localDay,
  localMidnight,
  parseInstant,
  type TopicNames,
} from '@yunjian/contracts';
import type { LogProducer, OutRecord } from '@yunjian/kafka';

export interface Timed {
  /** Arrival in the replay: the event time; ms. */
  at: number;
  feed: Feed;
  key: string;
  value: string;
}

/** Ticks after an event, ms: past the waits of a judgement, so that it is due before the next event whatever the gap. */
const TICKS_AFTER_MS = [1_000, 15_000, 150_000, 300_000];
const BATCH = 500;
const TICK = { value: '{"event_type":"tick"}', headers: { 'yj-kind': 'tick' } };

/** An event without a readable time is sent with the first one's, and refused by the chain with its reason. */
export function timed(events: readonly Record<string, unknown>[]): Timed[] {
  const list = events.map((event) => ({
    at: typeof event.event_time === 'string' ? parseInstant(event.event_time) : undefined,
    feed: isRawEventType(event.event_type) ? FEED_OF[event.event_type] : ('settlement' as const),
    key: String(event.fixmedins_code ?? ''),
    value: JSON.stringify(event),
  }));
  const first = list.reduce((least, { at }) => Math.min(least, at ?? least), Number.POSITIVE_INFINITY);
  return list.map((item) => ({ ...item, at: item.at ?? first })).sort((a, b) => a.at - b.at);
}

export interface SendOptions {
  producer: LogProducer;
  names: TopicNames;
  rawPartitions: number;
  /** Event-time seconds per second. */
  speed: number;
  onProgress(sent: number, at: number): void;
}

/** Resolves once every event and the last tick are acknowledged. */
export async function send(events: readonly Timed[], options: SendOptions): Promise<void> {
  const started = performance.now();
  const first = events[0]?.at ?? 0;
  for (let from = 0; from < events.length; ) {
    const to = Math.min(events.length, from + BATCH);
    const portion = Number.isFinite(options.speed)
      ? due(events, from, to, first + (performance.now() - started) * options.speed)
      : to;
    if (portion === from) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      continue;
    }
    await sendPortion(events.slice(from, portion), events[portion]?.at ?? null, options);
    from = portion;
    options.onProgress(from, events[from - 1]?.at as number);
  }
}

function due(events: readonly Timed[], from: number, to: number, now: number): number {
  let end = from;
  while (end < to && (events[end] as Timed).at <= now) end++;
  return end;
}

async function sendPortion(
  events: readonly Timed[],
  next: number | null,
  { producer, names, rawPartitions }: SendOptions,
): Promise<void> {
  const byTopic = new Map<string, OutRecord[]>(FEEDS.map((feed) => [names.raw(feed), []]));
  for (const [i, { at, feed, key, value }] of events.entries()) {
    byTopic.get(names.raw(feed))?.push({ key, value, timestamp: at });
    for (const tick of ticksBetween(at, events[i + 1]?.at ?? next))
      for (const records of byTopic.values())
        for (let partition = 0; partition < rawPartitions; partition++)
          records.push({ ...TICK, partition, timestamp: tick });
  }
  await Promise.all([...byTopic].map(([topic, records]) => producer.send(topic, records)));
}

/** Instants between an event and the next: shortly after it, and just past each local midnight for a while. */
function ticksBetween(at: number, next: number | null): number[] {
  const limit = next ?? at + DAY_MS;
  const midnight = localMidnight(localDay(at) + 1) + 1;
  const last = next === null ? [limit] : [next - 1];
  return [...new Set([...TICKS_AFTER_MS.map((after) => at + after), midnight, ...last])]
    .filter((tick) => tick > at && tick <= limit)
    .sort((a, b) => a - b);
}
