// The HTTP door: POST /v1/events. Validates, appends to the raw topics, answers 202 on the broker's acknowledgement.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type IngestAnswer, type Reason, said, type TopicNames } from '@yunjian/contracts';
import type { LogProducer } from '@yunjian/kafka';
import { Aborted, type Body, drain, MAX_BODY_BYTES, readBody, Unreadable } from './body.ts';
import type { ApiKey } from './env.ts';
import { examine, forbidden, type IntakeOptions } from './intake.ts';
import { createKeyring, type Sender } from './keys.ts';
import type { IngestMetrics } from './metrics.ts';
import { collectOutputs, type Outputs, refusedRecord } from './outputs.ts';
import { answerJson, answerRefusal, away, badKey, busy, Refusal, wrongMethod } from './refusal.ts';
import { type Part, splitArray, splitLines } from './split.ts';

export interface DoorOptions {
  keys: ApiKey[];
  producer: LogProducer;
  names: TopicNames;
  metrics: IngestMetrics;
  replay: boolean;
  /** Bytes of bodies held at one time before further requests are put off. */
  maxInFlightBytes?: number;
  /** Told of a defect, never of a request's content. */
  onDefect(error: Error): void;
}

export interface Door {
  /** Answers /v1/events; false for other paths. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** Takes no more requests; resolves when those under way are answered. */
  close(): Promise<void>;
}

const MAX_IN_FLIGHT_BYTES = 128 * 1024 * 1024;
/** How long a request waits for the broker, ms. */
const PATIENCE_MS = 4_000;

export function createDoor(options: DoorOptions): Door {
  const { metrics, names, producer, replay } = options;
  const senderOf = createKeyring(options.keys);
  const maxInFlight = options.maxInFlightBytes ?? MAX_IN_FLIGHT_BYTES;
  const underWay = new Set<Promise<void>>();
  /** Sends that have lasted longer than a request waits: until one of them ends, others need not try. */
  let stalled = 0;
  let inFlight = 0;
  let closing = false;

  const take = async (request: IncomingMessage): Promise<IngestAnswer> => {
    if (request.method !== 'POST') throw wrongMethod();
    const sender = senderOf(request.headers.authorization);
    if (sender === null) throw badKey();
    if (closing || !producer.healthy || stalled > 0) throw away();
    const declared = Number(request.headers['content-length'] ?? 0);
    // No more than that is ever held: what is too large is told so, however busy it is here.
    if (inFlight + Math.min(declared, MAX_BODY_BYTES + 1) > maxInFlight) throw busy();
    let held = 0;
    try {
      const hold = (bytes: number): void => {
        held += bytes;
        inFlight += bytes;
        // Bodies that begin together, of unknown length or packed, were let in before they were held.
        if (inFlight > maxInFlight) throw busy();
      };
      const parts = await partsOf(request, hold);
      return await append(parts, sender);
    } finally {
      inFlight -= held;
    }
  };

  /** Reads the body; what is refused as a whole goes to `rejected` first, of a body that is too large its beginning. */
  const partsOf = async (request: IncomingMessage, hold: (bytes: number) => void): Promise<Part[]> => {
    const split = splitterOf(request.headers['content-type']);
    const { bytes, complete } = await bodyOf(request, MAX_BODY_BYTES, hold);
    if (split === null) {
      const expected = 'expected Content-Type application/x-ndjson or application/json';
      await refuseBody(bytes, 'wrong_type', expected);
      throw new Refusal(415, said('Content-Type 应为 application/x-ndjson 或 application/json', expected));
    }
    if (!complete) {
      const expected = `expected a body of at most ${MAX_BODY_BYTES} bytes`;
      await refuseBody(bytes, 'too_large', expected);
      throw new Refusal(
        413,
        said(`请求体不得超过 ${MAX_BODY_BYTES} 字节,请分多次发送`, `${expected}: send its events in several requests`),
      );
    }
    return split(bytes);
  };

  const bodyOf = async (...how: Parameters<typeof readBody>): Promise<Body> => {
    try {
      return await readBody(...how);
    } catch (error) {
      if (error instanceof Unreadable) await refuseBody(error.bytes, 'wrong_type', error.message);
      throw error;
    }
  };

  const refuseBody = async (bytes: Buffer, reason: Reason, message: string): Promise<void> => {
    const outputs = collectOutputs();
    const issues = [{ path: '', message }];
    outputs.add(names.rejected, refusedRecord({ origin: null, reason, issues, bytes, arrival: Date.now() }));
    await send(outputs);
    metrics.rejected.inc({ door: 'http', reason });
  };

  const append = async (parts: Part[], sender: Sender): Promise<IngestAnswer> => {
    const how: IntakeOptions = { names, replay, arrival: Date.now() };
    const { outputs, accepted, rejected, reasons, foreign } = await examine(parts, sender, how);
    if (foreign.length > 0) {
      await send(forbidden(parts, foreign, how));
      metrics.rejected.inc({ door: 'http', reason: 'forbidden' }, parts.length);
      const records = foreign
        .slice(0, 10)
        .map(({ index }) => index)
        .join(', ');
      throw new Refusal(
        403,
        said(
          `记录 ${records} 的机构或事件类型超出该 API 密钥的范围,本次请求全部未受理`,
          `expected institutions and event types within the API key's scope, got others in record ${records}: nothing of this request was accepted`,
        ),
      );
    }
    await send(outputs);
    let count = 0;
    for (const [feed, events] of accepted) {
      metrics.accepted.inc({ feed }, events);
      count += events;
    }
    for (const reason of reasons) metrics.rejected.inc({ door: 'http', reason });
    return { accepted: count, rejected };
  };

  /** @throws Refusal 503 when the broker does not acknowledge in time; what was sent may still be written, a repeat is harmless. */
  const send = async (outputs: Outputs): Promise<void> => {
    let late = false;
    const sent = outputs.send(producer).finally(() => {
      if (late) stalled--;
    });
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        late = true;
        stalled++;
        reject(away());
      }, PATIENCE_MS);
    });
    try {
      await Promise.race([sent, limit]);
    } catch (error) {
      if (!(error instanceof Refusal)) options.onDefect(error as Error);
      throw away();
    } finally {
      clearTimeout(timer);
      sent.catch(() => {});
    }
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const started = performance.now();
    try {
      answerJson(response, 202, await take(request));
    } catch (error) {
      if (error instanceof Aborted) return;
      if (!(error instanceof Refusal)) options.onDefect(error as Error);
      answerRefusal(
        response,
        error instanceof Refusal ? error : new Refusal(500, said('请求未能处理', 'the request could not be processed')),
      );
      drain(request);
    }
    metrics.requests.inc({ status: String(response.statusCode) });
    metrics.seconds.observe((performance.now() - started) / 1000);
  };

  return {
    handle: (request, response) => {
      if ((request.url ?? '').split('?', 1)[0] !== '/v1/events') return false;
      const served = serve(request, response);
      underWay.add(served);
      void served.finally(() => underWay.delete(served));
      return true;
    },
    close: async () => {
      closing = true;
      await Promise.allSettled(underWay);
    },
  };
}

function splitterOf(type: string | undefined): ((body: Buffer) => Part[]) | null {
  const media = (type ?? '').split(';')[0]?.trim().toLowerCase();
  if (media === 'application/x-ndjson') return splitLines;
  return media === 'application/json' ? splitArray : null;
}
