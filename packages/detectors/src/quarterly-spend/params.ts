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
});
export type QuarterlyParams = z.output<typeof quarterlyParams>;
