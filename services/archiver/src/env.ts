// The archiver's settings.
import { commonEnv, secret } from '@yunjian/service';
import { z } from 'zod';

export const archiverEnv = z.object({
  ...commonEnv.shape,
  YJ_PORT: z.coerce.number().int().default(9104).describe('Port of the health and metrics endpoints.'),
  YJ_PSEUDONYM_KEY: secret(
    'development-pseudonym-key',
    'Key of the pseudonyms, the same as ingest has: refused events are hashed and masked with it.',
  ),
  YJ_GATHER_MS: z.coerce
    .number()
    .int()
    .min(10)
    .default(2_000)
    .describe(
      'How long rows are gathered before they are inserted, ms. An insert of half as many rows costs ClickHouse twice as much for each.',
    ),
});
