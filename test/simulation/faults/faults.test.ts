// A thousand small worlds under faults: whatever strikes, the alerts end as the oracles say.
import { expect, test } from 'vitest';
import { simulate } from './simulate.ts';

test('whatever strikes, what stands at the end is what the oracles say, and every record is accounted for', async () => {
  for (let seed = 0; seed < 60; seed++) {
    const { failures } = await simulate(seed);
    expect(failures, `seed ${seed}`).toEqual([]);
  }
});
