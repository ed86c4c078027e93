// Parameters of prescription-missing.
import { z } from 'zod';
import { WARD_TYPES } from '../treatment.ts';

export const prescriptionParams = z.object({
  exempt: z
    .array(z.string())
    .default([...WARD_TYPES])
    .describe(
      'Kinds of treatment, as med_type codes, whose drugs are ordered on the ward without a prescription number. Source: domain.md §1: 21 inpatient, 26 single disease, 28 day ward, 52 delivery; why: docs/adr/0020.',
    ),
});
export type PrescriptionParams = z.output<typeof prescriptionParams>;
