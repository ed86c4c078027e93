// What the lanes must hold, computed from the raw topics alone.
import { createPseudonymiser, FEEDS, type LaneEvent } from '@yunjian/contracts';
import { route } from '@yunjian/service-ingest';
import { expect } from 'vitest';
import { type IngestWorld, PARTITIONS } from './world.ts';

const originOf = ({ origin }: LaneEvent) => `${origin.feed}/${origin.partition}/${origin.offset}/${origin.index}`;

/** Origins that the lanes must hold, from the raw topics alone. */
async function expected(world: IngestWorld, lane: string): Promise<string[]> {
  const origins: string[] = [];
  const options = {
    pseudonymiser: createPseudonymiser('test-pseudonym-key'),
    lanePartitions: PARTITIONS,
    replay: false,
  };
  for (const feed of FEEDS)
    for (const { partition, offset, timestamp, value, headers } of await world.read(world.names.raw(feed))) {
      if (headers['yj-kind'] !== undefined) continue;
      const routed = route({ feed, partition, offset, arrival: timestamp, value }, options);
      if (routed.ok)
        routed.outputs.forEach((output, index) => {
          if (output.lane === lane) origins.push(`${feed}/${partition}/${offset}/${index}`);
        });
    }
  return origins.sort();
}

/** Holds every lane against the raw topics: each origin once, after repeats are dropped. Resolves to the number of repeats. */
export async function lanesAreComplete(world: IngestWorld): Promise<number> {
  let repeated = 0;
  for (const lane of ['institution', 'person', 'code'] as const) {
    const { taken, repeats } = await world.lane(lane);
    repeated += repeats;
    expect(taken.map(({ event }) => originOf(event)).sort()).toEqual(await expected(world, lane));
  }
  return repeated;
}
