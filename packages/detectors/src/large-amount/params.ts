// Parameters of large-amount.
import { z } from 'zod';
import { WARD_TYPES } from '../treatment.ts';

const limit = (fen: number, whose: string) =>
  z
    .int()
    .min(1)
    .default(fen)
    .describe(
      `Fund money above which one settlement, or one person's day, speaks ${whose}, fen. Source: detectors.md.`,
    );

export const largeAmountParams = z.object({
  pharmacy: limit(50_000, 'at a pharmacy'),
  clinic: limit(100_000, 'at a clinic'),
  hospital: limit(500_000, 'of a hospital outpatient'),
  chronic: z
    .int()
    .min(1)
    .max(100)
    .default(3)
    .describe('Registered chronic patients (med_type 14) may go up to so many times the limit. Source: detectors.md.'),
  exempt: z
    .array(z.string())
    .default([...WARD_TYPES])
    .describe(
      'Kinds of treatment, as med_type codes, that are no outpatient treatment. Source: detectors.md, inpatient; domain.md §1: 21 inpatient, 26 single disease, 28 day ward, 52 delivery.',
    ),
});
export type LargeAmountParams = z.output<typeof largeAmountParams>;
