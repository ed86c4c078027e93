// Parameters of pharmacist-absent.
import { z } from 'zod';

export const pharmacistParams = z.object({
  reporting: z
    .int()
    .min(0)
    .max(365)
    .default(30)
    .describe(
      'An institution reports presence when it has sent any staff presence for the day of the sale or for one of so many days before, d. Source: our reading of detectors.md, "though the institution reports presence"; why: docs/adr/0020.',
    ),
});
export type PharmacistParams = z.output<typeof pharmacistParams>;
