// A raw topic hours ahead of another: nothing is claimed until the one behind has been read, and then what is true.
import type { AlertRecord } from '@yunjian/contracts';
import { describe, expect, test } from 'vitest';
import { cityOf } from './city.ts';
import { NAMES } from './names.ts';
import { simulate } from './simulate.ts';

const HOURS = 3 * 3_600_000;
const HELD = HOURS - 600_000;
const ABSENCE = new Set(['identity-check-missing', 'verification-unavailable']);
/** Cities in which nobody is late, so that whatever is claimed and taken back is our own doing. */
const SEEDS = Array.from({ length: 200 }, (_, seed) => seed).filter((seed) => cityOf(seed).prompt);

async function behind(seed: number, feed: 'surveillance' | 'settlement') {
  const { start, sendings } = cityOf(seed);
  // Somebody still speaks hours later, so that the world goes on until then.
  const event = { ...sendings.find((each) => each.event.event_type === 'heartbeat')?.event };
  const last = {
    at: start + HOURS,
    event: { ...event, event_id: 'hours later', event_time: new Date(start + HOURS).toISOString() },
  };
  return simulate(seed, {
    settings: { faultRate: 0, tickMs: 30_000, markMs: 30_000, checkpointMs: 100_000, batch: 20, lanePartitions: 2 },
    limits: { faults: 0 },
    sendings: [...sendings, last],
    holds: { [feed]: HELD },
  });
}

describe.each(['surveillance', 'settlement'] as const)('the %s feed is hours behind', (feed) => {
  test('nothing is claimed of it meanwhile, and what stands in the end is true', async () => {
    let [claims, waits] = [0, 0];
    for (const seed of SEEDS.slice(0, 6)) {
      const { world, failures, struck } = await behind(seed, feed);
      expect(failures, `seed ${seed}`).toEqual([]);
      waits += struck.get('a raw partition waits in step') ?? 0;
      for (const { value, timestamp } of world.broker.read(NAMES.alertLog, 0, 0, Number.MAX_SAFE_INTEGER)) {
        const { detector, alert_id } = JSON.parse((value as Buffer).toString('utf8')) as AlertRecord;
        if (!ABSENCE.has(detector)) continue;
        claims++;
        expect(timestamp, `seed ${seed}: ${alert_id}`).toBeGreaterThan(world.city.start + HELD);
      }
    }
    expect(claims).toBeGreaterThan(5);
    expect(waits).toBeGreaterThan(0);
  });
});
