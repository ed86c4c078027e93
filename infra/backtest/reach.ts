// How far back and of what kinds a run must read, so that what its detectors know at its beginning is what they knew then.
import { DAY_MS, type DetectorId, type LaneKind, localMidnight, quarterDays, quarterOf } from '@yunjian/contracts';
import type { DetectorDefinition, Rules } from '@yunjian/detection';
import type { Concerned } from './parameters.ts';
import { milliseconds, unitOf } from './units.ts';

/** Evidence of cameras is kept 48 hours; late events come within as long (design: clocks and absence). */
const KEPT_MS = 2 * DAY_MS;
/** What a person's rules look at beyond their own windows: long stays, and supplies of several months. */
const PERSON_MS = 400 * DAY_MS;

export interface Reach {
  /** Arrival from which events are read, ms; reference is read from its beginning. */
  from: number;
  kinds: ReadonlySet<LaneKind>;
}

/** @param variants today's rules and the proposed ones: the farther window counts */
export function reachOf({ windowed, ledger }: Concerned, from: number, variants: readonly Rules[]): Reach {
  const all: DetectorDefinition[] = [...windowed, ...ledger];
  const kinds = new Set<LaneKind>(all.flatMap(({ inputs }) => inputs.flatMap(madeOf)));
  return { from: Math.min(...all.map((definition) => startOf(definition, from, variants))), kinds };
}

function startOf(definition: DetectorDefinition, from: number, variants: readonly Rules[]): number {
  const own = START[definition.id];
  if (own !== undefined) return own(from);
  // A box, and an institution's stock, is what ever became of it.
  if (definition.lane === 'code' || definition.id === 'stock-mismatch') return 0;
  if (definition.lane === 'person') return from - PERSON_MS;
  return from - KEPT_MS - Math.max(0, ...variants.map((rules) => longestWindow(definition, rules)));
}

const START: Partial<Record<DetectorId, (from: number) => number>> = {
  'quarterly-spend': (from) => localMidnight(quarterDays(quarterOf(from)).first),
  'same-period-index': (from) => {
    const { year, quarter } = quarterOf(from);
    return localMidnight(quarterDays({ year: year - 1, quarter }).first);
  },
  // A month of gaps makes a habit.
  'source-silent': (from) => from - 31 * DAY_MS,
};

function longestWindow(definition: DetectorDefinition, rules: Rules): number {
  const rule = rules.detectors[definition.id];
  const sets = [rule?.params ?? {}, ...(rule?.when ?? []).map(({ params }) => params)];
  const defaults = definition.params.parse({}) as Record<string, unknown>;
  return Math.max(
    0,
    ...Object.entries(definition.params.shape as Record<string, { description?: string }>).flatMap(
      ([name, { description }]) =>
        [defaults, ...sets].map((params) => milliseconds(params[name], unitOf(description)) ?? 0),
    ),
  );
}

/** The events from which the router makes such a lane record. */
function madeOf(kind: LaneKind): LaneKind[] {
  switch (kind) {
    case 'codeSale':
    case 'codeSettlement':
      return ['settlement'];
    case 'codeReversal':
    case 'codeReversed':
      return ['reversal', 'settlement'];
    case 'purchasesSeen':
      return ['trace'];
    default:
      return [kind];
  }
}
