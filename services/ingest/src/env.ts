// Ingest's settings.
import { commonEnv, secret } from '@yunjian/service';
import { z } from 'zod';

const apiKeys = z.string().transform((text, ctx) => {
  try {
    return z
      .array(
        z.object({
          key: z.string().min(8),
          name: z.string(),
          institutions: z.union([z.literal('*'), z.array(z.string())]),
        }),
      )
      .parse(JSON.parse(text));
  } catch {
    ctx.addIssue({
      code: 'custom',
      message: 'expected a JSON array of {key, name, institutions: "*" or a list of codes}',
    });
    return z.NEVER;
  }
});

const DEVELOPMENT_KEYS = '[{"key":"development","name":"development","institutions":"*"}]';

export const ingestEnv = z.object({
  ...commonEnv.shape,
  YJ_PORT: z.coerce.number().int().default(8081).describe('Port of the HTTP door, health and metrics.'),
  YJ_API_KEYS: secret(
    DEVELOPMENT_KEYS,
    'API keys of the HTTP door: JSON array of {key, name, institutions: "*" or a list of codes}.',
  ),
  YJ_PSEUDONYM_KEY: secret(
    'development-pseudonym-key',
    'Key of the pseudonyms. Losing it breaks the link to everything already archived.',
  ),
  YJ_TICK_MS: z.coerce
    .number()
    .int()
    .min(50)
    .default(1000)
    .describe('Time between two ticks appended to each raw partition, ms.'),
  YJ_MARK_MS: z.coerce
    .number()
    .int()
    .min(50)
    .default(1000)
    .describe(
      'Time between two marks written to each lane partition, ms. Alerts that wait for a clock wait up to this longer.',
    ),
});

export type ApiKey = z.output<typeof apiKeys>[number];

/** @throws Error naming what YJ_API_KEYS must look like. */
export function readApiKeys(text: string): ApiKey[] {
  return apiKeys.parse(text);
}
