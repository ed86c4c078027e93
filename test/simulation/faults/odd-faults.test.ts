// The odd half of 1,400 small worlds under faults.
import { test } from 'vitest';
import { holdsForHalf } from './stretch.ts';

test('the odd seeds of 1,400: whatever strikes, what stands at the end is what the oracles say', async () => {
  await holdsForHalf(1);
}, 600_000);
