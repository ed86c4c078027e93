// Parameters of swipe-return-cycle.
import { z } from 'zod';

export const cycleParams = z.object({
  within: z
    .int()
    .min(1)
    .max(1440)
    .default(30)
    .describe('Reversed at most so long after it was settled, min. Source: detectors.md, 30 min.'),
  cycles: z.int().min(2).max(100).default(3).describe('So many cycles speak. Source: detectors.md, 3.'),
  window: z
    .int()
    .min(1)
    .max(180)
    .default(60)
    .describe('Within so long, from the first settlement to the last settled again, d. Source: detectors.md, 60 d.'),
  correction: z
    .int()
    .min(0)
    .max(1440)
    .default(10)
    .describe(
      'The same items settled again at most so long after the reversal are a correction of the amount, once for a person within the window, min. Source: detectors.md, 10 min.',
    ),
});
export type CycleParams = z.output<typeof cycleParams>;
