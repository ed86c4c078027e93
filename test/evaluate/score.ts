// Alerts against the truth: what should stand and stands, what stands and should not, how long it took.
import type { AlertRecord } from '@yunjian/contracts';
import type { FirstRaise } from './memory-chain.ts';

/** A window that reaches further beyond the event that completed the claim (a quarter’s end) is no deadline, ms. */
const LONGEST_WINDOW_MS = 120_000;

export interface TruthItem {
  detector: string;
  subject: { kind: string; ref: string };
  window: { start: string; end: string };
  tier?: number;
  withdrawn?: true;
}

export interface Score {
  truth: number;
  /** Alerts that stand at the end, and those that the truth knows as withdrawn by then. */
  alerts: number;
  precision: number | null;
  recall: number | null;
  /** From the end of the truth's window, or two minutes after the event that completed it if that is earlier, to the alert, s. */
  delay_p50_s: number | null;
  delay_p99_s: number | null;
}

export interface Mistake {
  detector: string;
  subject: string;
  kind: 'missed' | 'false';
}

export interface Evaluation {
  detectors: Record<string, Score>;
  mistakes: Mistake[];
}

/** The simulated life, ms, and until when its last judgements are due. */
export interface Life {
  from: number;
  to: number;
  due: number;
}

/** What is first said of the silence behind the simulated life is nobody's claim. */
function beyond({ at, eventTime }: FirstRaise, detector: string, { to, due }: Life): boolean {
  return detector === 'source-silent' ? eventTime > to - 60_000 : at > due;
}

export function score(
  truths: readonly TruthItem[],
  alerts: ReadonlyMap<string, AlertRecord>,
  firstRaised: ReadonlyMap<string, FirstRaise>,
  judged: readonly string[],
  life: Life,
): Evaluation {
  const mistakes: Mistake[] = [];
  const detectors: Record<string, Score> = {};
  for (const detector of judged) {
    const wanted = truths.filter((t) => t.detector === detector);
    const keys = new Set(wanted.map((t) => keyOf(t.subject.ref, t.tier)));
    const told = Map.groupBy(
      [...alerts.values()].filter((alert) => alert.detector === detector),
      (alert) => keyOf(alert.subject.ref, alert.facts.tier as number | undefined),
    );
    const delays: number[] = [];
    let found = 0;
    for (const truth of wanted) {
      const key = keyOf(truth.subject.ref, truth.tier);
      const alert = nearest(told.get(key) ?? [], firstRaised, Date.parse(truth.window.start));
      if (alert === undefined || (!alert.state.raised && truth.withdrawn !== true))
        mistakes.push({ detector, subject: key, kind: 'missed' });
      else {
        found++;
        const { at, eventTime } = firstRaised.get(alert.alert_id) as FirstRaise;
        if (eventTime >= life.from)
          delays.push((at - Math.min(Date.parse(truth.window.end), eventTime + LONGEST_WINDOW_MS)) / 1000);
      }
    }
    let wrong = 0;
    for (const [key, list] of told)
      for (const alert of list) {
        if (
          !alert.state.raised ||
          keys.has(key) ||
          beyond(firstRaised.get(alert.alert_id) as FirstRaise, detector, life)
        )
          continue;
        wrong++;
        mistakes.push({ detector, subject: key, kind: 'false' });
      }
    delays.sort((a, b) => a - b);
    detectors[detector] = {
      truth: wanted.length,
      alerts: found + wrong,
      precision: found + wrong === 0 ? null : found / (found + wrong),
      recall: wanted.length === 0 ? null : found / wanted.length,
      delay_p50_s: quantile(delays, 0.5),
      delay_p99_s: quantile(delays, 0.99),
    };
  }
  return { detectors, mistakes };
}

/** Of several alerts about one subject, on different days, the one that began nearest to the truth. */
function nearest(
  list: readonly AlertRecord[],
  firstRaised: ReadonlyMap<string, FirstRaise>,
  start: number,
): AlertRecord | undefined {
  const distance = ({ alert_id }: AlertRecord) => Math.abs((firstRaised.get(alert_id) as FirstRaise).eventTime - start);
  return list.toSorted((a, b) => distance(a) - distance(b))[0];
}

function keyOf(ref: string, tier: number | undefined): string {
  return tier === undefined ? ref : `${ref}#${tier}`;
}

function quantile(sorted: readonly number[], q: number): number | null {
  return sorted.length === 0 ? null : (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] as number);
}
