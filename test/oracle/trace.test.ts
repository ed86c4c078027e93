// trace-repeated through router and ledger against the oracle: any order of arrival, any batch borders, both channels, both ends of a reversal.
import { MemoryHistory } from '@yunjian/service-ledger';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arriving, codeLane, expected, item, judgeLane, standing } from './trace-world.ts';

const items = fc.array(item, { minLength: 2, maxLength: 20 });
const borders = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });
const repeated = fc.integer({ min: 0, max: 4 });

describe('trace-repeated', () => {
  test('what stands at the end is what the oracle makes of each code’s whole life, whatever the batch borders', async () => {
    let stood = 0;
    await fc.assert(
      fc.asyncProperty(items, borders, repeated, async (happened, sizes, again) => {
        const records = arriving(happened, again);
        const wanted = expected(records);
        stood += wanted.length;
        const { findings } = await judgeLane(codeLane(records), sizes, new MemoryHistory(), true);
        expect(standing(findings)).toEqual(wanted);
      }),
      { numRuns: 500 },
    );
    expect(stood).toBeGreaterThan(100);
  });

  test('the order in which the lane was read changes nothing, nor a record that the router laid twice', async () => {
    await fc.assert(
      fc.asyncProperty(items, borders, repeated, fc.array(fc.nat()), async (happened, sizes, again, picks) => {
        const records = arriving(happened, again);
        const lane = codeLane(records);
        const shuffled = [...lane, ...lane.slice(0, 3)];
        picks.forEach((pick, i) => {
          const [a, b] = [i % shuffled.length, pick % shuffled.length];
          [shuffled[a], shuffled[b]] = [shuffled[b] as Buffer, shuffled[a] as Buffer];
        });
        const { findings } = await judgeLane(shuffled, sizes, new MemoryHistory(), true);
        expect(standing(findings)).toEqual(expected(records));
      }),
      { numRuns: 500 },
    );
  });

  test('judged again, after a restart or in other batches, every position says the same', async () => {
    await fc.assert(
      fc.asyncProperty(items, borders, borders, async (happened, sizes, others) => {
        const lane = codeLane(arriving(happened, 2));
        const history = new MemoryHistory();
        await judgeLane(lane, sizes, history, true);
        const once = await judgeLane([...lane], sizes, new MemoryHistory(), false);
        expect(await judgeLane([...lane], others, new MemoryHistory(), false)).toEqual(once);
        expect(await judgeLane([...lane], others, history, false)).toEqual(once);
      }),
      { numRuns: 200 },
    );
  });
});
