// The notifier's settings. Who is told of what stands in the routing file, see plan.ts.
import { commonEnv } from '@yunjian/service';
import { z } from 'zod';

export const notifierEnv = z.object({
  ...commonEnv.shape,
  YJ_PORT: z.coerce.number().int().default(9105).describe('Port of the health and metrics endpoints.'),
  YJ_WALL_URL: z
    .url()
    .default('http://127.0.0.1:8080')
    .describe('Address of the wall as the person on call reaches it; messages link to an alert there.'),
  YJ_NOTIFIER_ROUTES: z
    .string()
    .optional()
    .describe(
      'Path of the routing file (YAML or JSON): channels, rosters and routes. Without it YJ_ONCALL_EMAIL counts.',
    ),
  YJ_SMTP_URL: z
    .string()
    .optional()
    .describe('Mail server, smtp://user:password@host:port or smtps://…; needed by every e-mail channel.'),
  YJ_ONCALL_EMAIL: z
    .string()
    .optional()
    .describe('Without a routing file: the address that is told of alerts of level 1 and 2.'),
  YJ_NOTIFIER_SENDER: z
    .string()
    .default('yunjian@localhost')
    .describe('Sender of e-mails, where a channel names none.'),
  YJ_NOTIFIER_BACKLOG_HOURS: z.coerce
    .number()
    .positive()
    .default(24)
    .describe('At start, alerts raised longer ago than this many hours are told in one summary.'),
});
export type NotifierEnv = z.output<typeof notifierEnv>;
