// POST /v1/review: a settlement about to be made, answered with what it would breach. Never an obstacle: in trouble it says `degraded`.
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  MAX_EVENT_BYTES,
  type Pseudonymiser,
  parseRawEvent,
  type Reason,
  type ReviewAnswer,
  said,
} from '@yunjian/contracts';
import type { Metrics } from '@yunjian/service';
import { Aborted, drain, readBody } from '../body.ts';
import type { ApiKey } from '../env.ts';
import { createKeyring, type Sender } from '../keys.ts';
import { answerJson, answerRefusal, badKey, Refusal, wrongMethod } from '../refusal.ts';
import { route } from '../route.ts';
import { askedOf } from './asked.ts';
import type { AskLedger } from './ledger.ts';

export interface ReviewDoorOptions {
  keys: ApiKey[];
  ask: AskLedger;
  pseudonymiser: Pseudonymiser;
  replay: boolean;
  metrics: Metrics;
  /** Told of a defect, never of a request's content. */
  onDefect(error: Error): void;
}

const PATH = '/v1/review';
/** Statuses of an event that is refused; whatever else is wrong with it is a 422. */
const STATUS: Partial<Record<Reason, number>> = { not_json: 400, not_utf8: 400, too_large: 413 };

const NOT_VALID = said('结算单不符合要求,详见 issues', 'the settlement is not valid: see issues');

/** Answers its own path; false for others. */
export function createReviewDoor(
  options: ReviewDoorOptions,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const senderOf = createKeyring(options.keys);
  const answered = options.metrics.counter(
    'ingest_reviews_total',
    'Pre-settlement reviews, by outcome: whole, degraded, refused.',
    ['outcome'],
  );
  const seconds = options.metrics.histogram('ingest_review_seconds', 'Time to answer a pre-settlement review.');

  const take = async (request: IncomingMessage): Promise<ReviewAnswer> => {
    if (request.method !== 'POST') throw wrongMethod();
    const sender = senderOf(request.headers.authorization);
    if (sender === null) throw badKey();
    const media = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
    if (media !== 'application/json')
      throw new Refusal(415, said('Content-Type 应为 application/json', 'expected Content-Type application/json'));
    const { bytes: body, complete } = await readBody(request, MAX_EVENT_BYTES);
    if (!complete)
      throw new Refusal(
        413,
        said(`结算单不得超过 ${MAX_EVENT_BYTES} 字节`, `expected one settlement of at most ${MAX_EVENT_BYTES} bytes`),
      );
    const arrival = Date.now();
    const bytes = askedOf(body, arrival);
    const parsed = parseRawEvent(bytes, { arrival, replay: options.replay, feed: null });
    if (!parsed.ok) throw new Refusal(STATUS[parsed.reason] ?? 422, NOT_VALID, {}, parsed.issues);
    if (parsed.event.event_type !== 'settlement')
      throw new Refusal(422, NOT_VALID, {}, [
        { path: 'event_type', message: `expected settlement, got ${parsed.event.event_type}` },
      ]);
    if (!sender.covers(parsed.event.fixmedins_code))
      throw new Refusal(403, said('机构超出该 API 密钥的范围', "expected an institution within the API key's scope"));
    return review(bytes, arrival, sender);
  };

  const review = async (value: Buffer, arrival: number, sender: Sender): Promise<ReviewAnswer> => {
    // One lane partition: the ledger goes by subject.
    const routed = route(
      { feed: 'settlement', partition: 0, offset: 0, arrival, value },
      { pseudonymiser: options.pseudonymiser, lanePartitions: 1, replay: options.replay },
    );
    if (!routed.ok) throw new Error(`a settlement that is valid cannot be routed: ${routed.reason}`);
    const records = routed.outputs.flatMap(({ lane, value: laid }) =>
      lane === 'institution' ? [] : [{ lane, value: laid.toString('utf8') }],
    );
    const { findings, reasons } = await options.ask({ records });
    const result = findings.map(({ vola_evid, ...finding }) => {
      const own = vola_evid.filter(({ fixmedins_code }) => sender.covers(fixmedins_code ?? ''));
      return { ...finding, vola_evid: own, elsewhere: vola_evid.length - own.length };
    });
    return reasons.length === 0 ? { result, degraded: false } : { result, degraded: true, reasons };
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const started = performance.now();
    try {
      const answer = await take(request);
      answerJson(response, 200, answer);
      answered.inc({ outcome: answer.degraded ? 'degraded' : 'whole' });
    } catch (error) {
      if (error instanceof Aborted) return;
      if (error instanceof Refusal) {
        answerRefusal(response, error);
        answered.inc({ outcome: 'refused' });
      } else {
        options.onDefect(error as Error);
        answerJson(response, 200, { result: [], degraded: true, reasons: ['the settlement could not be reviewed'] });
        answered.inc({ outcome: 'degraded' });
      }
      drain(request);
    }
    seconds.observe((performance.now() - started) / 1000);
  };

  return (request, response) => {
    if ((request.url ?? '').split('?', 1)[0] !== PATH) return false;
    void serve(request, response);
    return true;
  };
}
