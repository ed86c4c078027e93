// Parameters of prescription-missing.
import { z } from 'zod';

export const prescriptionParams = z.object({
  exempt: z
    .array(z.string())
    .default(['21', '28'])
    .describe(
      'Kinds of treatment, as med_type codes, whose drugs are ordered on the ward without a prescription number. Source: domain.md §1, 21 inpatient and 28 day ward; why: docs/adr/0020.',
    ),
});
export type PrescriptionParams = z.output<typeof prescriptionParams>;
