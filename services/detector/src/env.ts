// The detector's settings.
import { detectors } from '@yunjian/detectors';
import { commonEnv } from '@yunjian/service';
import { z } from 'zod';

const known: readonly string[] = detectors.map(({ id }) => id);

export const detectorEnv = z.object({
  ...commonEnv.shape,
  YJ_PORT: z.coerce.number().int().default(9101).describe('Port of the health and metrics endpoints.'),
  YJ_CHECKPOINT_MS: z.coerce
    .number()
    .int()
    .min(50)
    .default(1000)
    .describe('Time between two checkpoints of a partition, ms. After a crash at most this much is read again.'),
  YJ_DETECTORS: z
    .string()
    .default(known.join(','))
    .transform((text) => text.split(',').map((id) => id.trim()))
    .refine((ids) => ids.every((id) => known.includes(id)), {
      error: `expected ids of detectors, separated by commas: ${known.join(', ')}`,
    })
    .describe('Detectors that run, by id; all unless it is set. Alerts of others stay as they are.'),
});
