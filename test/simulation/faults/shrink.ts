// Makes a failing world smaller while it goes on failing: fewer faults, fewer kinds of them, fewer events.
import { cityOf, type Sending } from './city.ts';
import { WORLD_FAULTS, WRITE_FAULTS } from './injector.ts';
import { type Outcome, simulate } from './simulate.ts';
import type { Options } from './world.ts';

export interface Shrunk {
  outcome: Outcome;
  sendings: readonly Sending[];
  /** Faults that may strike; those beyond were not needed. */
  faults: number;
  without: readonly string[];
  runs: number;
}

/** @param most runs at most */
export async function shrink(seed: number, options: Options, most = 400): Promise<Shrunk | null> {
  let runs = 0;
  let best: Outcome | null = null;
  let sendings: readonly Sending[] = cityOf(seed).sendings;
  let faults = Number.POSITIVE_INFINITY;
  let without: readonly string[] = [];
  const fails = async (tried: { sendings?: readonly Sending[]; faults?: number; without?: readonly string[] }) => {
    if (runs >= most) return false;
    runs++;
    const limits = { faults: tried.faults ?? faults, without: new Set(tried.without ?? without) };
    const outcome = await simulate(seed, { ...options, limits, sendings: tried.sendings ?? sendings });
    if (outcome.failures.length === 0) return false;
    best = outcome;
    return true;
  };
  if (!(await fails({}))) return null;
  faults = (best as unknown as Outcome).faults;
  for (let step = faults; step >= 1; step = Math.floor(step / 2))
    while (faults - step >= 0 && (await fails({ faults: faults - step }))) faults -= step;
  for (const kind of [...WORLD_FAULTS, ...WRITE_FAULTS])
    if (await fails({ without: [...without, kind] })) without = [...without, kind];
  for (let size = Math.ceil(sendings.length / 2); size >= 1; size = Math.floor(size / 2))
    for (let at = 0; at < sendings.length; ) {
      const fewer = [...sendings.slice(0, at), ...sendings.slice(at + size)];
      if (await fails({ sendings: fewer })) sendings = fewer;
      else at += size;
    }
  return { outcome: best as unknown as Outcome, sendings, faults, without, runs };
}
