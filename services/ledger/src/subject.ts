// The judgement of one subject in a batch: at each position that touches it, what its rules say there against what they said before.
import type { LaneEvent } from '@yunjian/contracts';
import type { LedgerReference, LedgerRow, LedgerRule } from '@yunjian/detection';
import type { BatchClock } from './batch-clock.ts';
import { claimsOf, variants } from './claims.ts';
import { DocumentsSoFar } from './documents.ts';
import { factKey } from './facts.ts';
import { type Claims, claimsById, differences, type FindingSource } from './findings.ts';
import type { LedgerOutput } from './judge.ts';
import type { FactLearnt, ReferenceBook } from './reference.ts';
import { splitItems } from './rows.ts';
import type { LedgerRules, ParamsInForce } from './rules.ts';
import type { Parked, Timer } from './wakes.ts';

/** A drug record judges again the sales received this long before it, ms (design: ledger rules). */
export const REJUDGED_MS = 48 * 3_600_000;

/** What one batch's judgements share. */
export interface Sitting {
  rules: readonly LedgerRule[];
  inForce: LedgerRules;
  reference: ReferenceBook;
  clock: BatchClock;
  /** Facts that become known in this batch. */
  facts: readonly FactLearnt[];
  source: FindingSource;
  output: Pick<LedgerOutput, 'findings' | 'poisoned'>;
  /** When and for what subjects are to be judged again. */
  timers: Timer[];
  parked: Parked[];
  /** Where a subject was judged though it has no row there. */
  stamps: { subject: string; position: number }[];
  observe?: Observer;
}

/** What one position changes in a subject's documents. The lists are as of the call; `arrival` of the last row read, ms. */
export type Observer = (seen: {
  subject: string;
  position: number;
  arrival: number;
  before: readonly LaneEvent[];
  now: readonly LaneEvent[];
}) => void;

interface Judging {
  rule: LedgerRule;
  /** What the rule says as of the position judged last; undefined: it could not be judged. */
  said: Claims | undefined;
}

export class SubjectJudgement {
  readonly #sitting: Sitting;
  readonly #subject: string;
  readonly #all: readonly LedgerRow[];
  readonly #documents = new DocumentsSoFar();
  readonly #rules: Judging[] = [];
  /** Positions still to judge, and those among them at which a timer or a fact wakes the subject. */
  readonly #positions: number[];
  readonly #woken: Set<number>;
  #read = 0;

  /** @param all the subject's rows; @param positions ascending; @param woken those of them at which something it waited for came */
  constructor(
    sitting: Sitting,
    subject: string,
    all: readonly LedgerRow[],
    positions: readonly number[],
    woken: ReadonlySet<number>,
  ) {
    this.#sitting = sitting;
    this.#subject = subject;
    this.#all = all;
    this.#positions = [...positions];
    this.#woken = new Set(woken);
  }

  /** Judges up to, and without, `end`: where the subject has too many rows. */
  run(end = Number.POSITIVE_INFINITY): void {
    for (let position = this.#positions.shift(); position !== undefined; position = this.#positions.shift()) {
      if (position >= end) return;
      this.#judgeAt(position);
    }
  }

  #judgeAt(position: number): void {
    const { stamps, observe } = this.#sitting;
    this.#readBelow(position);
    if (this.#rules.length === 0) this.#recall(position);
    const before = observe === undefined ? [] : this.#documents.list();
    this.#readBelow(position + 1);
    const hasRow = this.#all[this.#read - 1]?.position === position;
    if (!hasRow) {
      if (!this.#woken.has(position)) {
        if (!this.#concerned(position)) return;
      } else if (this.#read === 0) return;
      else stamps.push({ subject: this.#subject, position });
    }
    for (const judging of this.#rules) this.#compare(judging, position);
    const arrival = this.#all[this.#read - 1]?.event.arrival ?? 0;
    observe?.({ subject: this.#subject, position, arrival, before, now: this.#documents.list() });
  }

  /** What was said at the last position judged before this one. */
  #recall(position: number): void {
    const { rules, inForce, clock } = this.#sitting;
    const below = this.#all.slice(0, this.#read);
    const last = below[below.length - 1]?.position ?? -1;
    const before = this.#concerning(below, last, position).at(-1) ?? last;
    // Instants between that position and this one would have woken it there: the rules say the same by either clock.
    const reference = this.#sitting.reference.asOf(before, clock.at(position - 1));
    for (const rule of rules) {
      const said = this.#read === 0 ? NOTHING : this.#claims(rule, inForce.params(rule, before, reference), reference);
      this.#rules.push({ rule, said: said instanceof Error ? undefined : said });
    }
  }

  #compare(judging: Judging, position: number): void {
    const { reference, clock, output, source, inForce } = this.#sitting;
    const { rule, said } = judging;
    const known = reference.asOf(position, clock.at(position));
    const params = inForce.params(rule, position, known);
    const says = this.#claims(rule, params, known);
    if (says instanceof Error) {
      output.poisoned.push({ position, error: says });
      judging.said = undefined;
      return;
    }
    const findings = differences(rule, params, said ?? NOTHING, says, source, position);
    output.findings.push(...inForce.told(rule, position, findings));
    judging.said = says;
    this.#waitFor(rule, params, known, position);
  }

  #waitFor(rule: LedgerRule, params: ParamsInForce, known: LedgerReference, position: number): void {
    if (rule.due === undefined && rule.awaits === undefined) return;
    for (const own of variants(this.#documents.list(), params)) this.#waitWith(rule, own, known, position);
  }

  #waitWith(rule: LedgerRule, own: never, known: LedgerReference, position: number): void {
    const { clock, facts, timers, parked } = this.#sitting;
    const subject = this.#subject;
    for (const due of rule.due?.(this.#documents.list(), known, own) ?? []) {
      if (due <= clock.at(position)) continue;
      const mark = clock.reaches(due, position);
      if (mark === null) timers.push({ due, subject });
      else this.#wakeAt(mark);
    }
    for (const each of rule.awaits?.(this.#documents.list(), known, own) ?? []) {
      const fact = factKey(each);
      parked.push({ fact, subject, position });
      for (const learnt of facts) if (learnt.fact === fact && learnt.position > position) this.#wakeAt(learnt.position);
    }
  }

  #wakeAt(position: number): void {
    this.#woken.add(position);
    if (this.#positions.includes(position)) return;
    this.#positions.push(position);
    this.#positions.sort((a, b) => a - b);
  }

  #claims(rule: LedgerRule, params: ParamsInForce, reference: LedgerReference): Claims | Error {
    try {
      return claimsById(rule, claimsOf(rule, this.#documents.list(), reference, params));
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #readBelow(position: number): void {
    for (; this.#read < this.#all.length && (this.#all[this.#read] as LedgerRow).position < position; this.#read++)
      this.#documents.add((this.#all[this.#read] as LedgerRow).event);
  }

  /** Whether a drug changed at this position of which there is a recent sale. */
  #concerned(position: number): boolean {
    return this.#concerning(this.#all.slice(0, this.#read), position - 1, position + 1).length > 0;
  }

  /** Positions strictly between two at which a drug changed of which one of these rows is a recent sale. */
  #concerning(rows: readonly LedgerRow[], after: number, before: number): number[] {
    const { reference } = this.#sitting;
    const sold = rows.filter(({ event }) => isSale(event));
    const items = (row: LedgerRow) => splitItems(row.event);
    return reference
      .drugChanges(new Set(sold.flatMap(items)), this.#subject, after, before)
      .filter(({ position, arrival, item, prefixes }) => {
        const recent = (row: LedgerRow) => row.position < position && row.event.arrival >= arrival - REJUDGED_MS;
        const prefixed = prefixes.some((prefix) => this.#subject.startsWith(prefix));
        return sold.some((row) => recent(row) && (prefixed || items(row).includes(item)));
      })
      .map(({ position }) => position);
  }
}

function isSale(event: LaneEvent): boolean {
  return event.kind === 'codeSale' || (event.kind === 'trace' && event.action === 'sale');
}

const NOTHING: Claims = new Map();
