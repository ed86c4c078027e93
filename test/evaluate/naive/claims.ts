// What the naive rules claim of a simulated life, and how right they are: the yardstick beside which the detectors are shown.
import type { YunjianEvent } from '@yunjian/contracts';
import { institutionRules } from './institution.ts';
import { codeRules, personRules } from './ledger.ts';
import type { NaiveRule } from './rule.ts';

/** By detector: how many subjects there were to claim, how many were claimed, and how many of those rightly. */
export type NaiveJudged = Record<string, { ignores: string; truth: number; claimed: number; right: number }>;

export class NaiveClaims {
  readonly #rules = [...institutionRules(), ...personRules(), ...codeRules()];
  readonly #byKind = new Map<
    string,
    { rule: NaiveRule; claim: (event: never) => Iterable<string> | string | null }[]
  >();
  readonly #claimed = new Map(this.#rules.map(({ detector }) => [detector as string, new Set<string>()]));

  constructor() {
    for (const rule of this.#rules)
      for (const [kind, claim] of Object.entries(rule.on)) {
        const list = this.#byKind.get(kind) ?? [];
        list.push({ rule, claim: claim as (event: never) => Iterable<string> | string | null });
        this.#byKind.set(kind, list);
      }
  }

  /** In order of arrival. */
  read(event: YunjianEvent): void {
    for (const { rule, claim } of this.#byKind.get(event.kind) ?? []) {
      const subjects = claim(event as never);
      if (subjects === null) continue;
      const claimed = this.#claimed.get(rule.detector) as Set<string>;
      if (typeof subjects === 'string') claimed.add(subjects);
      else for (const subject of subjects) claimed.add(subject);
    }
  }

  /** @param keyOf a truth's subject, as the rules name it */
  judge<T>(truths: ReadonlyMap<string, readonly T[]>, keyOf: (truth: T) => string): NaiveJudged {
    return Object.fromEntries(
      this.#rules.map(({ detector, ignores }) => {
        const claimed = this.#claimed.get(detector) as Set<string>;
        const wanted = new Set((truths.get(detector) ?? []).map(keyOf));
        const right = [...claimed].filter((subject) => wanted.has(subject)).length;
        return [detector, { ignores, truth: wanted.size, claimed: claimed.size, right }];
      }),
    );
  }
}
