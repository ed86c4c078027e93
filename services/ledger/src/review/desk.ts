// POST /internal/review: ingest asks what a settlement would breach. Answers soon or says why it cannot; nothing waits for it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodeLane, type LaneEvent, type ReviewJudged, reviewAsked, type Settlement } from '@yunjian/contracts';
import type { Metrics } from '@yunjian/service';
import { rowsOf } from '../rows.ts';
import type { Catalogue } from './catalogue.ts';
import { MAX_REVIEWED, type ReadHistories } from './histories.ts';
import { review, type Touched } from './judge.ts';
import { REVIEWED, type ReviewedRule } from './reviewed.ts';

export interface DeskOptions {
  read: ReadHistories;
  catalogue: Catalogue;
  /** False while the database is known to be away: then nothing is asked of it. */
  healthy: () => boolean;
  metrics: Metrics;
  rules?: readonly ReviewedRule[];
  /** A rule that threw, or a record that is none: a defect of ours. */
  onDefect(error: Error): void;
}

const PATH = '/internal/review';
const MAX_BODY_BYTES = 1024 * 1024;

/** Answers its own path; false for others. */
export function createReviewDesk(
  options: DeskOptions,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { metrics, rules = REVIEWED } = options;
  const answered = metrics.counter(
    'ledger_reviews_total',
    'Reviews answered, by outcome: whole, partly (a rule or subject is left out), none.',
    ['outcome'],
  );
  const seconds = metrics.histogram('ledger_review_seconds', 'Time to read the histories of one review and judge it.');

  const judge = async (body: string): Promise<{ judged: ReviewJudged; outcome: string }> => {
    if (!options.healthy()) return none('clickhouse does not answer');
    const known = options.catalogue.now();
    if (known === null) return none('the catalogue is still being read');
    const { settlement, subjects } = subjectsOf(body);
    let histories: Awaited<ReturnType<ReadHistories>>;
    try {
      histories = await options.read(subjects.map(({ lane, ref }) => ({ lane, ref })));
    } catch (error) {
      return none((error as Error).message);
    }
    const touched: Touched[] = [];
    const reasons: string[] = [];
    for (const [i, { lane, hypothetical }] of subjects.entries()) {
      const history = histories[i];
      if (history == null) reasons.push(`${lane}: more than ${MAX_REVIEWED} records, not reviewed`);
      else touched.push({ lane, history, hypothetical });
    }
    const { judged, failed } = review(settlement, touched, rules, known);
    for (const { error } of failed) options.onDefect(error);
    judged.reasons.push(...reasons);
    return { judged, outcome: judged.reasons.length === 0 ? 'whole' : 'partly' };
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const started = performance.now();
    const body = await bodyOf(request);
    const { judged, outcome } = await judge(body).catch((error: Error) => {
      options.onDefect(error);
      return none('the settlement could not be judged');
    });
    answered.inc({ outcome });
    seconds.observe((performance.now() - started) / 1000);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(judged));
  };

  return (request, response) => {
    if (request.url !== PATH || request.method !== 'POST') return false;
    serve(request, response).catch(() => response.destroy());
    return true;
  };
}

function none(reason: string): { judged: ReviewJudged; outcome: 'none' } {
  return { judged: { findings: [], reasons: [reason] }, outcome: 'none' };
}

interface AskedSubject extends Omit<Touched, 'history'> {
  ref: string;
}

/** The records that have a subject that rules judge; a settlement's meeting place with its reversal is none. */
function subjectsOf(body: string): { settlement: Settlement; subjects: AskedSubject[] } {
  const subjects: AskedSubject[] = [];
  let settlement: Settlement | null = null;
  for (const { lane, value } of reviewAsked.parse(JSON.parse(body)).records) {
    const event = decodeLane(Buffer.from(value)) as LaneEvent;
    if (event.kind === 'settlement') settlement = event;
    if (event.kind === 'codeSettlement') continue;
    for (const { subject } of rowsOf({ position: 0, event, value: NO_BYTES }, lane))
      subjects.push({ lane, ref: subject, hypothetical: event });
  }
  if (settlement === null) throw new Error('a review names no settlement');
  return { settlement, subjects };
}

const NO_BYTES = Buffer.alloc(0);

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error(`a review of more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}
