// The rules' parameters by lane position: a verdict is judged with those in force at its own position, whenever it is judged.
import type { Finding, RuleChange } from '@yunjian/contracts';
import { createRules, KeyedState, type LedgerRule, type RuleBook } from '@yunjian/detection';
import type { LedgerInput } from './rows.ts';

interface Change {
  position: number;
  /** As the record says them: equal ones are no change. */
  text: string;
  book: RuleBook;
}

export class LedgerRules {
  readonly #rules: readonly LedgerRule[];
  readonly #changes: Change[];

  constructor(rules: readonly LedgerRule[]) {
    this.#rules = rules;
    this.#changes = [{ position: -1, text: '', book: this.#bookOf(null) }];
  }

  /**
   * In order of positions; one taken before is passed over. Whether what is in force changes at this position.
   * @throws Error when the rules do not fit: those before them stay in force
   */
  take(position: number, change: RuleChange): boolean {
    const last = this.#changes[this.#changes.length - 1] as Change;
    if (position <= last.position) return this.#changesAt(position);
    const text = JSON.stringify(change.rules);
    if (text === last.text) return false;
    this.#changes.push({ position, text, book: this.#bookOf(change) });
    return true;
  }

  /** Those of a batch's positions from which a rule has other parameters than below them. */
  turns(rule: LedgerRule | undefined, inputs: readonly LedgerInput[]): number[] {
    if (rule === undefined) return [];
    const said = (position: number) => JSON.stringify(this.params(rule, position));
    return inputs.flatMap(({ position }) =>
      this.#changesAt(position) && said(position) !== said(position - 1) ? [position] : [],
    );
  }

  #changesAt(position: number): boolean {
    return this.#changes.some((change) => change.position === position);
  }

  /** Of a code or a person, which belong to no institution: what `when` says by institution does not reach them. */
  params(rule: LedgerRule, position: number): never {
    return this.#at(position).params(rule.id, null) as never;
  }

  /** Of these findings, those that may be told: a rule switched off raises nothing, and withdraws what it raised before. */
  told(rule: LedgerRule, position: number, findings: Finding[]): Finding[] {
    return this.#at(position).enabled(rule.id) ? findings : findings.filter(({ action }) => action === 'withdraw');
  }

  #at(position: number): RuleBook {
    return (this.#changes.findLast((change) => change.position <= position) as Change).book;
  }

  #bookOf(change: RuleChange | null): RuleBook {
    const book = createRules(this.#rules, new KeyedState().table('rules'));
    if (change !== null) book.take(change);
    return book;
  }
}
