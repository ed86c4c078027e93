// Alerting's settings. What it decides by is no setting: see packages/alerting.
import { commonEnv } from '@yunjian/service';
import { z } from 'zod';

export const alertingEnv = z.object({
  ...commonEnv.shape,
  YJ_PORT: z.coerce.number().int().default(9103).describe('Port of the health and metrics endpoints.'),
  YJ_CHECKPOINT_MS: z.coerce
    .number()
    .int()
    .min(50)
    .default(5000)
    .describe(
      'Time between two checkpoints, ms; a lane with nothing but ticks waits twelve times as long. After a take-over at most this much is decided again.',
    ),
});
