// A failing seed in words: what does not hold, and the smallest world found in which it does not.
import { type Shrunk, shrink } from './shrink.ts';
import type { Options } from './world.ts';

const LONGEST = 600;
const MOST_EVENTS = 40;

/** @returns several lines; shrinking takes a few hundred runs. */
export async function report(seed: number, failures: readonly string[], options: Options = {}): Promise<string> {
  const shrunk = await shrink(seed, options);
  return [
    `seed ${seed}: ${failures.length} ${failures.length === 1 ? 'thing does' : 'things do'} not hold`,
    ...failures.map((failure) => `  ${failure.slice(0, LONGEST)}`),
    ...(shrunk === null ? ['  it holds when run again: the simulation is not the same twice'] : smaller(shrunk)),
  ].join('\n');
}

function smaller({ outcome, sendings, runs }: Shrunk): string[] {
  const { failures, world } = outcome;
  const faults = [...outcome.struck].filter(([what]) => what.includes(': ')).map(([what, n]) => `${what} (${n})`);
  return [
    `shrunk in ${runs} runs to ${sendings.length} events and ${outcome.faults} faults:`,
    ...failures.map((failure) => `  ${failure.slice(0, LONGEST)}`),
    `  settings ${JSON.stringify(world.settings)}`,
    `  faults ${faults.join(', ') || 'none'}`,
    ...sendings
      .slice(0, MOST_EVENTS)
      .map(({ at, event }) => `  ${new Date(at).toISOString()} ${JSON.stringify(event)}`),
    ...(sendings.length > MOST_EVENTS ? [`  and ${sendings.length - MOST_EVENTS} more`] : []),
  ];
}
