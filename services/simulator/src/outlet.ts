// The ways out: video platforms write to Kafka, everybody else goes through ingest's HTTP door, or to Kafka too where no door is given.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Feed, TopicNames } from '@yunjian/contracts';
import type { LogProducer, OutRecord } from '@yunjian/kafka';
import type { Logger } from '@yunjian/service';
import type { SimulatedEvent } from './life/items.ts';
import type { SimulatorMetrics } from './metrics.ts';

export interface Outlet {
  /** Resolves once everything was acknowledged; waits out a door or a broker that is away. Rejects only when closed. */
  deliver(events: readonly SimulatedEvent[]): Promise<void>;
  readonly health: { ok: boolean; reason: string };
}

const NEWLINE = Buffer.from('\n');
/** A request's body at most, bytes; the door takes 16 MiB. */
const MAX_BODY_BYTES = 1024 * 1024;
const REQUEST_LIMIT_MS = 30_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

export function bytesOf({ event, bytes }: SimulatedEvent): Buffer {
  return bytes === null ? Buffer.from(JSON.stringify(event)) : Buffer.from(bytes);
}

export function kafkaOutlet(producer: LogProducer, names: TopicNames, metrics: SimulatorMetrics): Outlet {
  return {
    deliver: async (events) => {
      const byFeed = new Map<Feed, OutRecord[]>();
      for (const item of events) {
        const record: OutRecord = { key: keyOf(item), value: bytesOf(item) };
        const list = byFeed.get(item.topic);
        if (list === undefined) byFeed.set(item.topic, [record]);
        else list.push(record);
      }
      await Promise.all([...byFeed].map(([feed, records]) => producer.send(names.raw(feed), records)));
      for (const [feed, records] of byFeed) metrics.sent.inc({ feed, door: 'kafka' }, records.length);
    },
    get health() {
      return { ok: producer.healthy, reason: 'the broker does not take records' };
    },
  };
}

function keyOf({ event }: SimulatedEvent): string | null {
  return typeof event?.fixmedins_code === 'string' ? event.fixmedins_code : null;
}

export interface DoorOptions {
  url: string;
  key: string;
  logger: Logger;
  metrics: SimulatorMetrics;
  signal: AbortSignal;
}

export function httpOutlet({ url, key, logger, metrics, signal }: DoorOptions): Outlet {
  let trouble: string | null = null;

  const post = async (body: Buffer): Promise<number> => {
    for (let attempt = 0; ; attempt++) {
      const outcome = await once(`${url}/v1/events`, key, body, signal);
      if (outcome.ok) {
        if (trouble !== null) logger.info({}, 'ingest takes events again');
        trouble = null;
        return outcome.rejected;
      }
      signal.throwIfAborted();
      if (trouble === null) logger.warn({ reason: outcome.reason }, 'ingest does not take events, waiting');
      trouble = outcome.reason;
      metrics.retries.inc();
      await sleep(outcome.retryAfterMs ?? Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt), undefined, {
        signal,
      });
    }
  };

  return {
    deliver: async (events) => {
      for (const body of bodies(events)) {
        const rejected = await post(Buffer.concat(body.parts));
        metrics.rejected.inc(rejected);
        for (const [feed, count] of body.feeds) metrics.sent.inc({ feed, door: 'http' }, count);
      }
    },
    get health() {
      return { ok: trouble === null, reason: trouble ?? '' };
    },
  };
}

type Outcome = { ok: true; rejected: number } | { ok: false; reason: string; retryAfterMs: number | null };

async function once(url: string, key: string, body: Buffer, signal: AbortSignal): Promise<Outcome> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_LIMIT_MS)]),
    });
    if (response.status === 202) {
      const { rejected } = (await response.json()) as { rejected: unknown[] };
      return { ok: true, rejected: rejected.length };
    }
    await response.body?.cancel();
    const seconds = Number(response.headers.get('retry-after'));
    return {
      ok: false,
      reason: `ingest answered ${response.status}`,
      retryAfterMs: seconds > 0 ? Math.min(seconds * 1000, REQUEST_LIMIT_MS) : null,
    };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error), retryAfterMs: null };
  }
}

interface Body {
  parts: Buffer[];
  bytes: number;
  feeds: Map<Feed, number>;
}

function bodies(events: readonly SimulatedEvent[]): Body[] {
  const list: Body[] = [];
  for (const item of events) {
    const bytes = bytesOf(item);
    let body = list[list.length - 1];
    if (body === undefined || body.bytes + bytes.length > MAX_BODY_BYTES) {
      body = { parts: [], bytes: 0, feeds: new Map() };
      list.push(body);
    }
    body.parts.push(bytes, NEWLINE);
    body.bytes += bytes.length + 1;
    body.feeds.set(item.topic, (body.feeds.get(item.topic) ?? 0) + 1);
  }
  return list;
}

/** Surveillance by one way, acknowledged first, the rest by the other: a settlement never overtakes the check that covers it. */
export function splitOutlet(surveillance: Outlet, others: Outlet): Outlet {
  return {
    deliver: async (events) => {
      const [seen, rest] = [events.filter(isSurveillance), events.filter((item) => !isSurveillance(item))];
      if (seen.length > 0) await surveillance.deliver(seen);
      if (rest.length > 0) await others.deliver(rest);
    },
    get health() {
      return surveillance.health.ok ? others.health : surveillance.health;
    },
  };
}

function isSurveillance({ topic }: SimulatedEvent): boolean {
  return topic === 'surveillance';
}
