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
  /** What the rule says as of the position judged last; undefined: it could not be judged; null: it was not asked yet. */
  said: Claims | undefined | null;
}

/** Below the first position judged: what the rules may be asked there. */
interface Recalled {
  documents: readonly LaneEvent[];
  /** Position of the last row; -1: there is none. */
  last: number;
  /** Position at which the subject was judged last. */
  judged: number;
  reference: LedgerReference;
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
  #recalled: Recalled | null = null;
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

  /** Judges up to, and without, `end`: where the subject has too many rows. @param rest awaited before each position */
  async run(rest: () => Promise<void>, end = Number.POSITIVE_INFINITY): Promise<void> {
    for (let position = this.#positions.shift(); position !== undefined; position = this.#positions.shift()) {
      if (position >= end) return;
      await rest();
      this.#judgeAt(position);
    }
  }

  #judgeAt(position: number): void {
    const { stamps, observe } = this.#sitting;
    this.#readBelow(position);
    this.#recalled ??= this.#recall(position);
    const before = observe === undefined ? [] : this.#documents.list();
    const read = this.#read;
    const isNew = this.#readBelow(position + 1);
    const hasRow = this.#all[this.#read - 1]?.position === position;
    if (!hasRow) {
      if (!this.#woken.has(position)) {
        if (!this.#concerned(position)) return;
      } else if (this.#read === 0) return;
      else stamps.push({ subject: this.#subject, position });
    }
    const added = isNew && this.#read === read + 1 ? (this.#all[read] as LedgerRow).event : null;
    const known = this.#sitting.reference.asOf(position, this.#sitting.clock.at(position));
    for (const judging of this.#rules) this.#compare(judging, position, known, added, this.#recalled);
    const arrival = this.#all[this.#read - 1]?.event.arrival ?? 0;
    observe?.({ subject: this.#subject, position, arrival, before, now: this.#documents.list() });
  }

  /** How things stood where the subject was judged before this position. */
  #recall(position: number): Recalled {
    const { rules, reference, clock } = this.#sitting;
    const below = this.#all.slice(0, this.#read);
    const last = below[below.length - 1]?.position ?? -1;
    const judged = this.#concerning(below, last, position).at(-1) ?? last;
    for (const rule of rules) this.#rules.push({ rule, said: this.#read === 0 ? NOTHING : null });
    // Instants between that position and this one would have woken it there: the rules say the same by either clock.
    return {
      documents: this.#documents.list(),
      last,
      judged,
      reference: reference.asOf(judged, clock.at(position - 1)),
    };
  }

  #said(rule: LedgerRule, { documents, judged, reference }: Recalled): Claims | undefined {
    const said = this.#claims(rule, documents, this.#sitting.inForce.params(rule, judged, reference), reference);
    return said instanceof Error ? undefined : said;
  }

  /** @param added the document that the position adds, where it is one that was not there before */
  #compare(
    judging: Judging,
    position: number,
    known: LedgerReference,
    added: LaneEvent | null,
    recalled: Recalled,
  ): void {
    const { output, source, inForce } = this.#sitting;
    const { rule } = judging;
    const params = inForce.params(rule, position, known);
    const says = this.#claims(rule, this.#documents.list(), params, known);
    if (says instanceof Error) {
      output.poisoned.push({ position, error: says });
      judging.said = undefined;
      return;
    }
    if (judging.said === null)
      judging.said =
        says.size === 0 && this.#wasSilent(rule, params, added, recalled) ? NOTHING : this.#said(rule, recalled);
    const findings = differences(rule, params, judging.said ?? NOTHING, says, source, position);
    output.findings.push(...inForce.told(rule, position, findings));
    judging.said = says;
    this.#waitFor(rule, params, known, position);
  }

  /** Whether a rule that says nothing with one more document is sure to have said nothing without it. */
  #wasSilent(rule: LedgerRule, params: ParamsInForce, added: LaneEvent | null, { last }: Recalled): boolean {
    const { inForce, reference } = this.#sitting;
    return (
      added !== null &&
      (rule.growsWith?.includes(added.kind) ?? false) &&
      rule.due === undefined &&
      !params.byInstitution &&
      inForce.lastChange <= last &&
      (reference.lastChange <= last || !rule.inputs.some((kind) => kind === 'drug' || kind === 'institution'))
    );
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

  #claims(
    rule: LedgerRule,
    documents: readonly LaneEvent[],
    params: ParamsInForce,
    reference: LedgerReference,
  ): Claims | Error {
    try {
      return claimsById(rule, claimsOf(rule, documents, reference, params));
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Whether the last row read is a document that was not there before. */
  #readBelow(position: number): boolean {
    let isNew = false;
    for (; this.#read < this.#all.length && (this.#all[this.#read] as LedgerRow).position < position; this.#read++)
      isNew = this.#documents.add((this.#all[this.#read] as LedgerRow).event);
    return isNew;
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
