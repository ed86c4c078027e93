// Facts that subjects may wait for, by the lane position at which they became known. A fact may have an instant from which it holds:
// an earlier one that is read later is a new fact.
import type { LedgerFact } from '@yunjian/detection';

/** What a subject waits under. */
export function factKey(fact: LedgerFact): string {
  return fact.kind === 'purchases' ? `purchases|${fact.institution}` : `uncoded|${fact.institution}|${fact.item}`;
}

export class LearntFacts {
  /** Each fact's positions, with the earliest instant known from there on, ms. */
  readonly #facts = new Map<string, { position: number; since: number }[]>();
  readonly #learntAt = new Map<number, string>();

  /** @param wakes what subjects wait under for it */
  learn(position: number, fact: string, since: number, wakes = fact): void {
    const known = this.#facts.get(fact);
    const earliest = known?.[known.length - 1]?.since ?? Number.POSITIVE_INFINITY;
    if (since >= earliest) return;
    if (known === undefined) this.#facts.set(fact, [{ position, since }]);
    else known.push({ position, since });
    this.#learntAt.set(position, wakes);
  }

  /** What the fact that became known at this position wakes; null: none did. */
  at(position: number): string | null {
    return this.#learntAt.get(position) ?? null;
  }

  /** The instant from which it holds, as known at a position; null: not known there. */
  asOf(position: number, fact: string): number | null {
    return this.#facts.get(fact)?.findLast((each) => each.position <= position)?.since ?? null;
  }
}
