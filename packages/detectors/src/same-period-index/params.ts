// Parameters of same-period-index.
import { z } from 'zod';

export const samePeriodParams = z.object({
  growth: z
    .number()
    .min(-0.9)
    .max(10)
    .default(0)
    .describe(
      'Growth over the same days of last year that is accepted, as a fraction; exactly this is silent. Source: detectors.md, 0.',
    ),
  index: z
    .number()
    .min(0.01)
    .max(10)
    .default(1)
    .describe(
      'Share of the index up to the day that may be spent, as a fraction; exactly this is silent. Source: detectors.md and domain.md §4, 100 %.',
    ),
  minimumElapsed: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe(
      'Share of the period’s days that must have elapsed, as a fraction; exactly this speaks. Source: detectors.md, 10 %.',
    ),
});
export type SamePeriodParams = z.output<typeof samePeriodParams>;
