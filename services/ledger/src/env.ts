// The ledger's settings.
import { commonEnv } from '@yunjian/service';
import { z } from 'zod';

export const ledgerEnv = z.object({
  ...commonEnv.shape,
  YJ_PORT: z.coerce.number().int().default(9102).describe('Port of the health and metrics endpoints.'),
});
