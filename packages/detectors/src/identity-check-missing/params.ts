// Parameters of the identity judgement; one window for all three of its claims.
import { z } from 'zod';

export const identityParams = z.object({
  before: z
    .int()
    .min(0)
    .max(3600)
    .default(600)
    .describe('A check counts from this long before the settlement, s. Source: detectors.md, 10 min.'),
  after: z
    .int()
    .min(0)
    .max(3600)
    .default(120)
    .describe('A check counts until this long after the settlement, s. Source: detectors.md, 2 min.'),
  grave: z
    .int()
    .min(0)
    .default(100_000)
    .describe('Fund money from which a settlement without a check is level 1, fen. Source: detectors.md, ¥1,000.'),
});
export type IdentityParams = z.output<typeof identityParams>;
