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
    .default(20)
    .describe(
      'Batches of a partition begin at least this far apart, ms: few reads of many subjects instead of many small ones.',
    ),
  YJ_OUTLINES_DIR: z
    .string()
    .default('')
    .describe(
      'Directory of this process alone for the outlines of persons, a copy that is made again when it is lost: with it a person is judged without reading ClickHouse. Empty: ClickHouse is asked.',
    ),
  YJ_REVIEW_READ_MS: z.coerce
    .number()
    .int()
    .min(10)
    .max(10_000)
    .default(600)
    .describe('How long a pre-settlement review may wait for ClickHouse, ms; then it is answered as degraded.'),
});
