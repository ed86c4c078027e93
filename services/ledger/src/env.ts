// The ledger's settings.
import { commonEnv } from '@yunjian/service';
import { z } from 'zod';

export const ledgerEnv = z.object({
  ...commonEnv.shape,
  YJ_PORT: z.coerce.number().int().default(9102).describe('Port of the health and metrics endpoints.'),
  YJ_PACE_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(5_000)
    .default(50)
    .describe(
      'Batches of a partition begin at least this far apart, ms: few large inserts instead of many small ones.',
    ),
});
