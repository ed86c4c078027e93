// Which alerts a subscriber or a list request wants: parsed once, matched often, and with a key by which equal filters are one.
import { z } from 'zod';
import { districtOf, type Entry, isActive, isOpen } from './entry.ts';

/** `open`: stands and nobody has taken it up; `active`: stands and is not disposed; the rest are the flags of `state`, `withdrawn` is `raised` false. */
export const STATES = ['raised', 'withdrawn', 'acked', 'shelved', 'disposed', 'open', 'active'] as const;
export type StateName = (typeof STATES)[number];

const MAX_VALUES = 64;
const oneOrMany = <T extends z.ZodType>(item: T) =>
  z.union([item.transform((one) => [one]), z.array(item).min(1).max(MAX_VALUES)]).optional();
const text = z.string().min(1).max(128);

/**
 * Filter of `sub` and of GET /api/alerts. Each field takes one value or up to 64, any of which fits; fields are joined by *and*.
 * Unknown fields are refused: a filter that silently matches everything is worse than none.
 */
export const filterSchema = z.strictObject({
  detector: oneOrMany(text),
  fixmedins_code: oneOrMany(text),
  /** County or district: second step of `grid`. */
  district: oneOrMany(text),
  /** Any step of `grid`. */
  grid: oneOrMany(text),
  level: oneOrMany(z.int().min(1).max(4)),
  state: oneOrMany(z.enum(STATES)),
  subject: oneOrMany(z.string().min(1).max(256)),
});
export type FilterInput = z.input<typeof filterSchema>;

export interface Filter {
  /** The same for filters that mean the same. */
  readonly key: string;
  matches(entry: Entry): boolean;
}

const IN_STATE: Record<StateName, (entry: Entry) => boolean> = {
  raised: (e) => e.raised,
  withdrawn: (e) => !e.raised,
  acked: (e) => e.acked,
  shelved: (e) => e.shelved,
  disposed: (e) => e.disposed,
  open: isOpen,
  active: isActive,
};

/** @throws z.ZodError */
export function parseFilter(input: unknown): Filter {
  return compile(filterSchema.parse(input ?? {}));
}

export function compile(parsed: z.output<typeof filterSchema>): Filter {
  const tests: ((entry: Entry) => boolean)[] = [];
  const anyOf = <T>(values: T[] | undefined, of: (entry: Entry) => T | null) => {
    if (values === undefined) return;
    const wanted = new Set<T | null>(values);
    tests.push((entry) => wanted.has(of(entry)));
  };
  anyOf(parsed.detector, (e) => e.detector);
  anyOf(parsed.fixmedins_code, (e) => e.institution);
  anyOf<number>(parsed.level, (e) => e.level);
  anyOf(parsed.district, districtOf);
  anyOf(parsed.subject, (e) => e.subjectRef);
  if (parsed.grid !== undefined) {
    const wanted = new Set(parsed.grid);
    tests.push((entry) => entry.grid.some((step) => wanted.has(step)));
  }
  if (parsed.state !== undefined) {
    const inStates = [...new Set(parsed.state)].map((state) => IN_STATE[state]);
    tests.push((entry) => inStates.some((inState) => inState(entry)));
  }
  return { key: canonical(parsed), matches: (entry) => tests.every((test) => test(entry)) };
}

function canonical(parsed: z.output<typeof filterSchema>): string {
  const fields = Object.entries(parsed)
    .filter(([, values]) => values !== undefined)
    .map(([name, values]) => [name, [...new Set<unknown>(values)].sort()] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(fields);
}
