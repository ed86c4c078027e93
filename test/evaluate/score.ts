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
  /** Event time of what makes it true, ms. */
  knownAt?: number;
}

/** Speaks once a grace is over that is longer than that: its window's end is its deadline. */
const WAITS = 'trace-not-purchased';

/** What there was to find, what was found of it, what was claimed beside it, and how long it took, s. */
export interface Counted {
  truth: number;
  found: number;
  wrong: number;
  /** From the end of the truth's window, or two minutes after the event that completed it if that is earlier (persons: from that event), to the alert. */
  delays: number[];
}

export interface Mistake {
  detector: string;
  subject: string;
  kind: 'missed' | 'false';
}

export interface Judged {
  counted: Record<string, Counted>;
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
  return detector === 'source-silent' ? at > to || eventTime > to - 60_000 : at > due;
}

export function score(
  truths: readonly TruthItem[],
  alerts: ReadonlyMap<string, AlertRecord>,
  firstRaised: ReadonlyMap<string, FirstRaise>,
  judged: readonly string[],
  life: Life,
): Judged {
  const mistakes: Mistake[] = [];
  const counted: Record<string, Counted> = {};
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
        const end = Date.parse(truth.window.end);
        // A stay is billed days after it: nobody can speak before the bill.
        if (truth.subject.kind === 'person' && truth.knownAt !== undefined) delays.push((at - truth.knownAt) / 1000);
        else if (detector === WAITS) delays.push((at - end) / 1000);
        else if (eventTime >= life.from) delays.push((at - Math.min(end, eventTime + LONGEST_WINDOW_MS)) / 1000);
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
    counted[detector] = { truth: wanted.length, found, wrong, delays };
  }
  return { counted, mistakes };
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

/** A subject as truth and alerts name it. */
export function keyOf(ref: string, tier: number | undefined): string {
  return tier === undefined ? ref : `${ref}#${tier}`;
}
