// Whose code it is: every prefix that a drug ever had, asked by the longest first. What a drug's prefixes are as of a position its own
// timeline knows.
import type { CodeOwner, DrugFacts } from '@yunjian/detection';

export class CodePrefixes {
  readonly #items = new Map<string, string[]>();
  #lengths: number[] = [];

  /** Of the prefixes known, the longest first. */
  get lengths(): readonly number[] {
    return this.#lengths;
  }

  add(item: string, prefixes: DrugFacts['prefixes']): void {
    for (const { prefix } of prefixes) {
      const items = this.#items.get(prefix);
      if (items === undefined) this.#items.set(prefix, [item]);
      // In an order that does not tell who came first: a claim names them.
      else if (!items.includes(item)) this.#items.set(prefix, [...items, item].sort());
      if (!this.#lengths.includes(prefix.length))
        this.#lengths = [...this.#lengths, prefix.length].sort((a, b) => b - a);
    }
  }

  /** @param factsOf the catalogue as of the position asked about */
  owners(code: string, factsOf: (item: string) => DrugFacts | null): CodeOwner[] {
    for (const length of this.#lengths) {
      if (length > code.length) continue;
      const prefix = code.slice(0, length);
      const owners = (this.#items.get(prefix) ?? []).flatMap((item) =>
        (factsOf(item)?.prefixes ?? [])
          .filter((each) => each.prefix === prefix)
          .map(({ level }): CodeOwner => ({ item, level })),
      );
      if (owners.length > 0) return owners;
    }
    return [];
  }
}

/** Prefixes that mean something else than before. */
export function changedPrefixes(before: DrugFacts['prefixes'], now: DrugFacts['prefixes']): string[] {
  const has = (list: DrugFacts['prefixes'], of: DrugFacts['prefixes'][number]) =>
    list.some(({ prefix, level }) => prefix === of.prefix && level === of.level);
  const changed = [...now.filter((each) => !has(before, each)), ...before.filter((each) => !has(now, each))];
  return [...new Set(changed.map(({ prefix }) => prefix))];
}
