// Which alerts a subscriber or a list request wants: parsed once, matched often, and with a key by which equal filters are one.
import { ALERT_STATES, alertFilter } from '@yunjian/contracts';
import type { z } from 'zod';
import { districtOf, type Entry, isActive, isOpen } from './entry.ts';

/** Names of states; of the contract. */
export const STATES = ALERT_STATES;
export type StateName = (typeof STATES)[number];

/** Filter of `sub` and of GET /api/alerts; of the contract. */
export const filterSchema = alertFilter;
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
