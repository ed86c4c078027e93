// What a detector says under the parameters in force against what it says under shadow parameters, alert by alert.
import type { DetectorId, Finding } from '@yunjian/contracts';
import type { Raise } from './define.ts';
import { alertId } from './ids.ts';
import type { Table } from './state.ts';

export type Outcome = 'both' | 'gained' | 'lost';

export const OUTCOMES: Readonly<Record<Outcome, number>> = { both: 0, gained: 0, lost: 0 };

/** An alert that one of the two raised since the comparison began, and that one of them still does. */
export interface Compared {
  real: boolean;
  shadow: boolean;
  detector: DetectorId;
  institution: string | null;
  /** kind/ref */
  subject: string;
  /** ms */
  eventTime: number;
  /** fen */
  amount: number | null;
  /** The observed clock when either spoke last, ms. */
  at: number;
}

/** An alert of which neither has spoken for so long is forgotten, ms. */
const KEPT_MS = 30 * 86_400_000;
const PRUNED_EVERY_MS = 3_600_000;

/** Rows by alert id. The name ends so that no detector's begins with another's. */
export const comparisonTable = (id: string) => `shadow.findings/${id}/`;

export function outcomeOf({ real, shadow }: Compared): Outcome {
  if (real && shadow) return 'both';
  return shadow ? 'gained' : 'lost';
}

export class Comparison {
  readonly #speaker: DetectorId;
  readonly #rows: Table<Compared>;
  readonly #began: number;
  readonly #clock: () => number;
  #prunedBefore = 0;

  /** @param began ms; a claim about an earlier time is not compared */
  constructor(speaker: DetectorId, rows: Table<Compared>, began: number, clock: () => number) {
    this.#speaker = speaker;
    this.#rows = rows;
    this.#began = began;
    this.#clock = clock;
  }

  /** @param silent it is switched off: it raises nothing, and what it raised before stands until it takes that back */
  hear(side: 'real' | 'shadow', action: Finding['action'], claim: Raise, silent: boolean): void {
    const detector = claim.detector ?? this.#speaker;
    const id = alertId({ ...claim, detector });
    const known = this.#rows.get(id);
    if (silent && (action === 'raise' || known === undefined)) return;
    if (known === undefined && claim.eventTime < this.#began) return;
    // Whoever takes back what was not heard here raised it before the comparison began, and so did the other, which knew the same.
    const stood = action === 'withdraw';
    const sides = { real: known?.real ?? stood, shadow: known?.shadow ?? stood };
    sides[side] = action === 'raise';
    if (!sides.real && !sides.shadow) {
      this.#rows.delete(id);
      return;
    }
    const { institution, eventTime, amount } = claim;
    const subject = `${claim.subject.kind}/${claim.subject.ref}`;
    this.#rows.set(id, { ...sides, detector, institution, subject, eventTime, amount, at: this.#clock() });
  }

  tally(): Record<Outcome, number> {
    const tally = { ...OUTCOMES };
    for (const [, row] of this.#rows.entries()) tally[outcomeOf(row)]++;
    return tally;
  }

  /** @param clock the observed clock, ms */
  prune(clock: number): void {
    const before = Math.floor((clock - KEPT_MS) / PRUNED_EVERY_MS) * PRUNED_EVERY_MS;
    if (!(before > this.#prunedBefore)) return;
    this.#prunedBefore = before;
    for (const [id, { at }] of this.#rows.entries()) if (at < before) this.#rows.delete(id);
  }
}
