// Which persons of a batch need not be read: those of whom no rule has anything to say, told from the outlines of their settlements.
import type { LedgerReference, LedgerRule } from '@yunjian/detection';
import { variants } from './claims.ts';
import { type LedgerHistory, MAX_ROWS } from './history.ts';
import type { Outlined } from './outlines.ts';
import { Portions } from './portions.ts';
import type { ReferenceBook } from './reference.ts';
import type { LedgerRules } from './rules.ts';
import type { Touched } from './touched.ts';
import { takingTurns } from './turns.ts';

export interface SilenceOptions {
  partition: number;
  history: Pick<LedgerHistory, 'outlines'>;
  rules: readonly LedgerRule[];
  inForce: LedgerRules;
  reference: ReferenceBook;
}

/** Outlines of one portion: few enough that the next is read while these are judged. */
const ROWS_AT_ONCE = 5_000;

/** Rules that wait for something, or that cannot tell, are asked with the whole history. */
export function canTell({ isSilent, due, awaits }: LedgerRule): boolean {
  return isSilent !== undefined && due === undefined && awaits === undefined;
}

export class Silence {
  readonly #options: SilenceOptions;
  readonly #outlines: Portions<Outlined>;

  constructor(options: SilenceOptions) {
    const { history, partition } = options;
    this.#options = options;
    this.#outlines = new Portions(
      (subjects) => history.outlines(partition, subjects),
      ({ positions }) => positions.length,
      ROWS_AT_ONCE,
    );
  }

  /** Those of these subjects that have to be judged: of the others nothing is said, and nothing was. */
  async without(subjects: readonly string[], { positions, woken }: Touched): Promise<string[]> {
    // One that was woken is marked as judged.
    const rest = subjects.filter((subject) => woken.has(subject));
    const turns = takingTurns();
    for await (const outlines of this.#outlines.of(subjects.filter((subject) => !woken.has(subject))))
      for (const [subject, outline] of outlines) {
        await turns();
        if (!this.#isSilent(outline, positions.get(subject) ?? new Set())) rest.push(subject);
      }
    return rest;
  }

  /** An outline holds all rows, those behind a position too: a part of it is as silent as the whole. */
  #isSilent({ person, positions }: Outlined, touched: ReadonlySet<number>): boolean {
    const { rules, inForce, reference } = this.#options;
    if (person === null || positions.length > MAX_ROWS) return false;
    const first = Math.min(...touched);
    const before = positions.findLast((position) => position < first) ?? first;
    const isUnchanged = inForce.lastChange <= before && reference.lastChange <= before;
    for (const position of isUnchanged ? [first] : new Set([before, ...touched])) {
      const known = reference.asOf(position);
      for (const rule of rules) if (!this.#isSilentBy(rule, person, known, position)) return false;
    }
    return true;
  }

  #isSilentBy(
    rule: LedgerRule,
    person: NonNullable<Outlined['person']>,
    known: LedgerReference,
    position: number,
  ): boolean {
    const params = this.#options.inForce.params(rule, position, known);
    for (const own of variants(person.settlements, params))
      if (rule.isSilent?.(person, known, own) !== true) return false;
    return true;
  }
}
