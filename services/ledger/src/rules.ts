// The rules' parameters by lane position: a verdict is judged with those in force at its own position, whenever it is judged.
import type { Finding, RuleChange } from '@yunjian/contracts';
import {
  createRules,
  KeyedState,
  type LedgerReference,
  type LedgerRule,
  type RuleBook,
  rulesSchema,
} from '@yunjian/detection';
import type { LedgerInput } from './rows.ts';

interface Change {
  position: number;
  /** As the record says them: equal ones are no change. */
  text: string;
  book: RuleBook;
  /** What is said of each detector. */
  said: ReturnType<typeof rulesSchema.parse>['detectors'];
}

/** Parameters of one rule as of one position. Equal ones are the same object. */
export interface ParamsInForce {
  /** Whether `when` may tell institutions apart. */
  readonly byInstitution: boolean;
  /** By what is known of that institution; null, or one that is not registered: no `when` fits. */
  of(institution: string | null): never;
}

/** From this position on an institution has other parameters; null: any may, since other rules are in force. */
export interface Turn {
  position: number;
  institution: string | null;
}

export class LedgerRules {
  readonly #rules: readonly LedgerRule[];
  readonly #changes: Change[];

  constructor(rules: readonly LedgerRule[]) {
    this.#rules = rules;
    this.#changes = [{ position: -1, text: '', book: this.#bookOf(null), said: {} }];
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
    const book = this.#bookOf(change);
    this.#changes.push({ position, text, book, said: rulesSchema.parse(change.rules ?? {}).detectors });
    return true;
  }

  /** Where in a batch a rule comes to have other parameters. @param reference as of a position */
  turns(rule: LedgerRule, inputs: readonly LedgerInput[], reference: (position: number) => LedgerReference): Turn[] {
    const said = (position: number) => JSON.stringify(this.#at(position).said[rule.id]);
    const own = (position: number, institution: string) =>
      JSON.stringify(this.params(rule, position, reference(position)).of(institution));
    return inputs.flatMap(({ position, event }): Turn[] => {
      if (this.#changesAt(position))
        return said(position) === said(position - 1) ? [] : [{ position, institution: null }];
      if (event.kind !== 'institution') return [];
      const { institution } = event;
      return own(position, institution) === own(position - 1, institution) ? [] : [{ position, institution }];
    });
  }

  /** Position of the last change known; -1: none was. */
  get lastChange(): number {
    return (this.#changes[this.#changes.length - 1] as Change).position;
  }

  #changesAt(position: number): boolean {
    return this.#changes.some((change) => change.position === position);
  }

  /** @param reference as of that position: it says what is known of institutions there */
  params(rule: LedgerRule, position: number, reference: Pick<LedgerReference, 'institution'>): ParamsInForce {
    const { book } = this.#at(position);
    return {
      byInstitution: this.byInstitution(rule, position),
      of: (code) => book.params(rule.id, code === null ? null : reference.institution(code)) as never,
    };
  }

  /** Whether `when` says something of a rule. */
  byInstitution(rule: LedgerRule, position: number): boolean {
    return (this.#at(position).said[rule.id]?.when ?? []).length > 0;
  }

  enabled(rule: LedgerRule, position: number): boolean {
    return this.#at(position).book.enabled(rule.id);
  }

  /** Of these findings, those that may be told: a rule switched off raises nothing, and withdraws what it raised before. */
  told(rule: LedgerRule, position: number, findings: Finding[]): Finding[] {
    return this.enabled(rule, position) ? findings : findings.filter(({ action }) => action === 'withdraw');
  }

  #at(position: number): Change {
    return this.#changes.findLast((change) => change.position <= position) as Change;
  }

  #bookOf(change: RuleChange | null): RuleBook {
    const book = createRules(this.#rules, new KeyedState().table('rules'));
    if (change !== null) book.take(change);
    return book;
  }
}
