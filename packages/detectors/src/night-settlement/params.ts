// Parameters of night-settlement.
import { z } from 'zod';

export const nightParams = z.object({
  grace: z
    .int()
    .min(0)
    .max(240)
    .default(15)
    .describe('A settlement may lie so long before opening or after closing time, min. Source: detectors.md, 15 min.'),
  repeated: z
    .int()
    .min(2)
    .default(3)
    .describe('From so many settlements in a night on, level 3. Source: detectors.md, from the third in a night.'),
  exempt: z
    .array(z.string())
    .default(['13'])
    .describe('Kinds of treatment that come at night, as med_type codes. Source: detectors.md, emergency (13).'),
});
export type NightParams = z.output<typeof nightParams>;
