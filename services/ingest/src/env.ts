// Ingest's settings.
import { isRawEventType } from '@yunjian/contracts';
import { commonEnv, secret } from '@yunjian/service';
import { z } from 'zod';

const apiKeys = z.array(
  z.object({
    key: z.string().min(8),
    name: z.string(),
    institutions: z.union([z.literal('*'), z.array(z.string())]),
    event_types: z.array(z.string().refine(isRawEventType)).optional(),
  }),
);

const DEVELOPMENT_KEYS = '[{"key":"development","name":"development","institutions":"*"}]';

export const ingestEnv = z.object({
  ...commonEnv.shape,
  YJ_PORT: z.coerce.number().int().default(8081).describe('Port of the HTTP door, health and metrics.'),
  YJ_API_KEYS: secret(
    DEVELOPMENT_KEYS,
    'API keys of the HTTP door: JSON array of {key, name, institutions: "*" or a list of codes, event_types: a list, all unless it is given}. A key of one institution should not be able to send `institution`, `budget` or `justification`: who may tell which camera watches a counter decides what can be claimed of it.',
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
  YJ_RULES: z
    .string()
    .default('')
    .describe(
      'Path of rules.yaml, which switches detectors on and off and sets their parameters; looked at every second. Empty: the documented defaults.',
    ),
  YJ_REVIEW_URL: z
    .string()
    .default('http://127.0.0.1:9102')
    .describe('URL of the ledger service that answers pre-settlement reviews.'),
  YJ_REVIEW_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(10)
    .max(10_000)
    .default(800)
    .describe('How long a pre-settlement review may wait for the ledger, ms; then it is answered as degraded.'),
});

export type ApiKey = z.output<typeof apiKeys>[number];

/** @throws Error that says what YJ_API_KEYS must look like, and nothing of what came. */
export function readApiKeys(text: string): ApiKey[] {
  try {
    return apiKeys.parse(JSON.parse(text));
  } catch {
    throw new Error(
      'YJ_API_KEYS: expected a JSON array of {key (8 characters or more), name, institutions: "*" or a list of codes, event_types: a list of event types or left out}',
    );
  }
}
