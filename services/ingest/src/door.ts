// The HTTP door: POST /v1/events. Validates, appends to the raw topics, answers 202 on the broker's acknowledgement.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Issue,
  isoShanghai,
  parseRawEvent,
  type Reason,
  type RejectedRecord,
  type TopicNames,
} from '@yunjian/contracts';
import type { LogProducer, OutRecord } from '@yunjian/kafka';
import type { ApiKey } from './env.ts';
import type { IngestMetrics } from './metrics.ts';
import { type Part, splitArray, splitLines } from './split.ts';

/** Largest body (contract). */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Bodies held at one time before further requests are put off. */
const MAX_IN_FLIGHT_BYTES = 128 * 1024 * 1024;
/** How long a request waits for the broker. */
const BROKER_PATIENCE_MS = 5_000;
const RETRY_AFTER_S = '1';
/** Of a body that is too large this much goes to `rejected`. */
const KEPT_OF_TOO_LARGE = 64 * 1024;

export interface DoorOptions {
  keys: ApiKey[];
  producer: LogProducer;
  names: TopicNames;
  metrics: IngestMetrics;
  replay: boolean;
}

class Refusal extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;
  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

interface Rejected {
  index: number;
  event_id: string | null;
  issues: Issue[];
}

/** Returns a handler that answers /v1/events and leaves other paths alone. */
export function createDoor(options: DoorOptions): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { metrics } = options;
  let inFlight = 0;

  const handle = async (request: IncomingMessage): Promise<{ accepted: number; rejected: Rejected[] }> => {
    if (request.method !== 'POST') throw new Refusal(405, 'expected POST', { allow: 'POST' });
    const key = authenticate(options.keys, request.headers.authorization);
    const split = splitterOf(request.headers['content-type']);
    if (inFlight > MAX_IN_FLIGHT_BYTES)
      throw new Refusal(429, 'too much is under way, send again', { 'retry-after': RETRY_AFTER_S });
    if (!options.producer.healthy) throw away();
    const body = await readBody(request, async (start) => {
      await options.producer.send(options.names.rejected, [
        rejectedRecord(start, 'too_large', [
          { path: '', message: `expected a body of at most ${MAX_BODY_BYTES} bytes` },
        ]),
      ]);
    });
    inFlight += body.length;
    try {
      return await take(split(body), key);
    } finally {
      inFlight -= body.length;
    }
  };

  const take = async (parts: Part[], key: ApiKey): Promise<{ accepted: number; rejected: Rejected[] }> => {
    const arrival = Date.now();
    const outputs = new Map<string, OutRecord[]>();
    const add = (topic: string, record: OutRecord) => {
      const list = outputs.get(topic);
      if (list === undefined) outputs.set(topic, [record]);
      else list.push(record);
    };
    const rejected: Rejected[] = [];
    const reasons: Reason[] = [];
    let accepted = 0;
    for (const [index, { bytes, broken }] of parts.entries()) {
      const parsed =
        broken === null ? parseRawEvent(bytes, { arrival, replay: options.replay, feed: null }) : brokenPart(broken);
      if (parsed.ok) {
        const { fixmedins_code } = parsed.event;
        if (key.institutions !== '*' && !key.institutions.includes(fixmedins_code))
          throw new Refusal(
            403,
            `record ${index}: institution ${fixmedins_code} is outside this key's scope; nothing of this request was accepted`,
          );
        add(options.names.raw(parsed.feed), { key: fixmedins_code, value: bytes });
        accepted++;
      } else {
        rejected.push({ index, event_id: parsed.eventId, issues: parsed.issues });
        reasons.push(parsed.reason);
        add(options.names.rejected, rejectedRecord(bytes, parsed.reason, parsed.issues, arrival));
      }
    }
    await withinPatience(Promise.all([...outputs].map(([topic, records]) => options.producer.send(topic, records))));
    metrics.accepted.inc(accepted);
    for (const reason of reasons) metrics.rejected.inc({ door: 'http', reason });
    return { accepted, rejected };
  };

  return (request, response) => {
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== '/v1/events') return false;
    const started = performance.now();
    handle(request)
      .then((body) => answer(response, 202, body))
      .catch((error: unknown) => {
        const refusal = error instanceof Refusal ? error : new Refusal(500, 'the request could not be processed');
        request.resume();
        answer(
          response,
          refusal.status,
          { type: 'about:blank', title: refusal.message, status: refusal.status },
          { 'content-type': 'application/problem+json', ...refusal.headers },
        );
      })
      .finally(() => {
        metrics.requests.inc({ status: String(response.statusCode) });
        metrics.seconds.observe((performance.now() - started) / 1000);
      });
    return true;
  };
}

function authenticate(keys: readonly ApiKey[], header: string | undefined): ApiKey {
  const given = digest(/^Bearer (.+)$/i.exec(header ?? '')?.[1] ?? '');
  const found = keys.find(({ key }) => timingSafeEqual(digest(key), given));
  if (found === undefined)
    throw new Refusal(401, 'expected Authorization: Bearer with a valid API key', { 'www-authenticate': 'Bearer' });
  return found;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function splitterOf(type: string | undefined): (body: Buffer) => Part[] {
  const media = (type ?? '').split(';')[0]?.trim().toLowerCase();
  if (media === 'application/x-ndjson') return splitLines;
  if (media === 'application/json') return splitArray;
  throw new Refusal(415, 'expected Content-Type application/x-ndjson or application/json');
}

function tooLarge(): Refusal {
  return new Refusal(413, `expected a body of at most ${MAX_BODY_BYTES} bytes`);
}

function away(): Refusal {
  return new Refusal(503, 'the broker does not answer, send again', { 'retry-after': RETRY_AFTER_S });
}

async function readBody(request: IncomingMessage, onTooLarge: (start: Buffer) => Promise<void>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    else {
      await onTooLarge(Buffer.concat(chunks).subarray(0, KEPT_OF_TOO_LARGE));
      throw tooLarge();
    }
  }
  return Buffer.concat(chunks);
}

async function withinPatience<T>(sent: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(away()), BROKER_PATIENCE_MS);
  });
  try {
    return await Promise.race([sent, limit]);
  } finally {
    clearTimeout(timer);
    sent.catch(() => {});
  }
}

function brokenPart(message: string): { ok: false; reason: Reason; issues: Issue[]; eventId: null } {
  return { ok: false, reason: 'not_json', issues: [{ path: '', message }], eventId: null };
}

function rejectedRecord(bytes: Buffer, reason: Reason, issues: Issue[], arrival = Date.now()): OutRecord {
  const record: RejectedRecord = {
    origin: null,
    reason,
    issues,
    bytes: bytes.toString('base64'),
    arrived_at: isoShanghai(arrival),
  };
  return { value: JSON.stringify(record), partition: 0 };
}

function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): void {
  if (response.headersSent) return;
  response.writeHead(status, headers);
  response.end(JSON.stringify(body));
}
