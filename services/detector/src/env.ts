// The detector's settings.
import { commonEnv } from '@yunjian/service';
import { z } from 'zod';

export const detectorEnv = z.object({
  ...commonEnv.shape,
  YJ_PORT: z.coerce.number().int().default(9101).describe('Port of the health and metrics endpoints.'),
  YJ_CHECKPOINT_MS: z.coerce
    .number()
    .int()
    .min(50)
    .default(1000)
    .describe('Time between two checkpoints of a partition, ms. After a crash at most this much is read again.'),
});
