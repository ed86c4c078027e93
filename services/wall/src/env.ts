// The wall's settings.
import { commonEnv, EnvironmentError, secret } from '@yunjian/service';
import { z } from 'zod';

const DEVELOPMENT_TOKENS = JSON.stringify([{ token: 'development', name: 'development' }]);

export const wallEnv = z.object({
  ...commonEnv.shape,
  YJ_PORT: z.coerce.number().int().default(8080).describe('Port of the page, the API, the socket, health and metrics.'),
  YJ_WALL_TOKENS: secret(
    DEVELOPMENT_TOKENS,
    'Operators as JSON, [{"token": "…", "name": "…"}]: the name stands in the history of what they do.',
  ),
  YJ_WALL_PING_MS: z.coerce
    .number()
    .int()
    .min(100)
    .default(2000)
    .describe('Time between two pings to a client, ms; three that stay unanswered end the connection.'),
  YJ_BULLETIN_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(60)
    .default(5)
    .describe('Day after a quarter’s end on which its bulletin is issued by itself, so that late uploads are in it.'),
  YJ_BULLETIN_HOUR: z.coerce
    .number()
    .int()
    .min(0)
    .max(23)
    .default(9)
    .describe('Hour of that day, Asia/Shanghai, from which the bulletin is issued.'),
  YJ_WALL_MAX_BUFFER: z.coerce
    .number()
    .int()
    .min(64 * 1024)
    .default(4 * 1024 * 1024)
    .describe('Unsent bytes at which a slow client is cut.'),
});

const tokensSchema = z.array(z.object({ token: z.string().min(8), name: z.string().min(1).max(128) })).min(1);

/** @throws EnvironmentError, without the secret in it */
export function tokensOf(json: string): { token: string; name: string }[] {
  try {
    return tokensSchema.parse(JSON.parse(json));
  } catch {
    throw new EnvironmentError(
      'YJ_WALL_TOKENS: expected JSON [{"token": "at least 8 characters", "name": "…"}] with at least one operator',
    );
  }
}
