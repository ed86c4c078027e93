// One simulated life: every event through the chain in memory, and past the naive rules, then held against the truth.
import { isoShanghai, localDay, localMidnight } from '@yunjian/contracts';
import { detectors, ledgerRules } from '@yunjian/detectors';
import { createCity, simulate, TRUTH_AFTER_MS, type Truth } from '@yunjian/service-simulator';
import { EvaluationChain } from './memory-chain.ts';
import { NaiveClaims, type NaiveJudged } from './naive/claims.ts';
import { type Judged, keyOf, score, type TruthItem } from './score.ts';

/** Past a tenth of its quarter, so that what is judged by quarters can speak. */
export const FIRST_DAY = localDay(Date.parse('2026-05-12T12:00:00+08:00'));
/** Silence before the first visits is nobody's fault: cameras live this long before, ms. */
const SETTLE_MS = 3 * 3_600_000;
/** Late events and due judgements after the last visit, ms. A sale in the last 72 h has no truth yet that it was never bought; those of the 72 h before have. */
const AFTER_MS = 6 * 3_600_000;
/** The last visits' judgements become due within this, but for those that wait for uploads, ms. */
const LAST_DEADLINE_MS = 240_000;
/** detectors.md: a whole feed is silent after 30 s, and marks come once a second. */
const FEED_SILENT_MS = 31_000;
const HOUR_MS = 3_600_000;

export interface LifeOptions {
  seed: number;
  days: number;
  scale: number;
  rate: number;
}

export interface JudgedLife {
  judged: Judged;
  naive: NaiveJudged;
  events: number;
  refused: number;
}

/** Tells its progress on standard error, a line for each simulated hour. */
export async function liveAndJudge({ seed, days, scale, rate }: LifeOptions): Promise<JudgedLife> {
  const city = createCity(seed, {
    // The first four run far ahead of schedule, ahead, surging and excused: each must be there.
    hospitals: Math.max(4, Math.round(20 * scale)),
    clinics: Math.max(2, Math.round(40 * scale)),
    pharmacies: Math.max(6, Math.round(507 * scale)),
    nightFloor: 0.5 * scale * rate,
    rate,
  });
  const from = localMidnight(FIRST_DAY);
  const to = from + Math.round(days * 24 * HOUR_MS);
  const chain = new EvaluationChain(from - SETTLE_MS);
  const naive = new NaiveClaims();
  const truths: TruthItem[] = [];
  const quiet = new QuietFeeds(from, to);
  const started = performance.now();
  let events = 0;
  let shown = from;
  for (const item of simulate(city, { from, to })) {
    if (item.type === 'truth') {
      truths.push({ ...pseudonymous(item.truth, chain), knownAt: item.arrivalMs - TRUTH_AFTER_MS });
      continue;
    }
    events++;
    quiet.heard(item.topic, item.arrivalMs);
    const value = item.bytes === null ? Buffer.from(JSON.stringify(item.event)) : Buffer.from(item.bytes);
    const event = await chain.arrive(item.topic, item.arrivalMs, value);
    if (event !== null) naive.read(event);
    if (item.arrivalMs - shown > HOUR_MS) {
      shown = item.arrivalMs;
      const clock = new Date(shown + 8 * HOUR_MS).toISOString().slice(5, 13).replace('T', ' ');
      const rate = Math.round(events / ((performance.now() - started) / 1000));
      process.stderr.write(`  seed ${seed}, ${clock} h, ${events} events, ${rate}/s\n`);
    }
  }
  truths.push(...quiet.truths());
  await chain.passTo(to + AFTER_MS);
  await chain.finish();
  const life = { from, to, due: to + LAST_DEADLINE_MS };
  const ids = [...detectors, ...ledgerRules].map(({ id }) => id).sort();
  return {
    judged: score(truths, chain.alerts, chain.firstRaised, ids, life),
    naive: naive.judge(
      Map.groupBy(truths, ({ detector }) => detector),
      ({ subject, tier }) => keyOf(subject.ref, tier),
    ),
    events,
    refused: chain.counts.refused,
  };
}

/** A whole feed that truly sends nothing for longer than the row allows: a tenth of a city is now and then as quiet as that. */
class QuietFeeds {
  readonly #from: number;
  readonly #to: number;
  readonly #last = new Map<string, number>();
  readonly #truths = new Map<string, Truth>();

  constructor(from: number, to: number) {
    this.#from = from;
    this.#to = to;
  }

  heard(feed: string, arrival: number): void {
    // Reference comes when something changes: its silence says nothing.
    if (feed === 'reference') return;
    const last = this.#last.get(feed);
    this.#last.set(feed, arrival);
    if (last === undefined || arrival - last <= FEED_SILENT_MS || last < this.#from || arrival > this.#to) return;
    const window = { start: isoShanghai(last), end: isoShanghai(arrival) };
    const subject = { kind: 'feed', ref: `feed/${feed}` };
    if (!this.#truths.has(feed))
      this.#truths.set(feed, { detector: 'source-silent', subject, fixmedins_code: null, window, withdrawn: true });
  }

  truths(): Iterable<Truth> {
    return this.#truths.values();
  }
}

/** Alerts name persons by their pseudonyms. */
function pseudonymous(truth: Truth, { pseudonymiser }: EvaluationChain): Truth {
  if (truth.subject.kind !== 'person') return truth;
  return { ...truth, subject: { kind: 'person', ref: pseudonymiser.person(truth.subject.ref) } };
}
