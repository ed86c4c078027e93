// Parameters of quarterly-spend.
import { z } from 'zod';

export const quarterlyParams = z.object({
  minimumElapsed: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe(
      'Share of the quarter’s days that must have elapsed, as a fraction; exactly this speaks. Source: detectors.md, 10 %.',
    ),
  measure: z
    .enum(['ratio', 'points'])
    .default('ratio')
    .describe(
      'ratio: spend ÷ scheduled − 1; points: spend ÷ budget − schedule. Source: domain.md §5, the brief’s reading is ratio.',
    ),
  pace: z
    .int()
    .min(1)
    .max(92)
    .default(14)
    .describe(
      'Complete days whose average is the pace of the forecast, d. Source: our choice, two weeks, so that each day of the week counts twice.',
    ),
});
export type QuarterlyParams = z.output<typeof quarterlyParams>;
