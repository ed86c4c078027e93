// Who is told of what: the routing file, read strictly, with the secrets it names taken from the environment.
import { readFileSync } from 'node:fs';
import { DETECTOR_IDS } from '@yunjian/contracts';
import { parse } from 'yaml';
import { z } from 'zod';
import type { NotifierEnv } from './env.ts';

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** Robots ban for ten minutes who exceeds 20 messages a minute (DingTalk, WeCom); Feishu takes 100 (domain facts §6). */
const PER_MINUTE = { smtp: 60, generic: 60, dingtalk: 20, wecom: 20, feishu: 100 } as const;

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, { error: 'expected HH:MM, 00:00 to 24:00' });
const perMinute = z.int().min(1).optional();

const channel = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('smtp'), from: z.string().optional(), per_minute: perMinute }),
  z.strictObject({
    type: z.literal('webhook'),
    format: z.enum(['generic', 'dingtalk', 'wecom', 'feishu']).default('generic'),
    /** Name of the environment variable that holds the address: a robot's address is a secret. */
    url_env: z.string().regex(/^[A-Z][A-Z0-9_]*$/, { error: 'expected the name of an environment variable' }),
    per_minute: perMinute,
  }),
]);

const shift = z.strictObject({
  /** Days on which the shift begins; default every day. */
  days: z
    .array(z.enum(WEEKDAYS))
    .min(1)
    .default([...WEEKDAYS]),
  /** Asia/Shanghai; a shift whose end is not after its start ends on the next day. */
  from: timeOfDay,
  until: timeOfDay,
  to: z.array(z.string().min(1)).min(1),
});
export type Shift = z.output<typeof shift>;

const route = z.strictObject({
  channel: z.string(),
  levels: z
    .array(z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]))
    .min(1)
    .default([1, 2]),
  /** Default: every detector. */
  detectors: z.array(z.enum(DETECTOR_IDS)).min(1).optional(),
  /** Names anywhere in the alert's grid path, e.g. a district; default: everywhere. */
  districts: z.array(z.string()).min(1).optional(),
  /** Addresses told by an e-mail channel, always the same … */
  to: z.array(z.string().min(1)).min(1).optional(),
  /** … or those on duty. */
  roster: z.string().optional(),
});
export type Route = z.output<typeof route>;

const routingFile = z.strictObject({
  channels: z.record(z.string(), channel),
  rosters: z.record(z.string(), z.array(shift).min(1)).default({}),
  routes: z.array(route),
});

export type Channel =
  | { name: string; type: 'smtp'; from: string; url: string; perMinute: number }
  | {
      name: string;
      type: 'webhook';
      format: 'generic' | 'dingtalk' | 'wecom' | 'feishu';
      url: string;
      perMinute: number;
    };

export interface Plan {
  channels: Channel[];
  rosters: Record<string, Shift[]>;
  routes: Route[];
}

/**
 * The plan that the environment describes; without routing file and on-call address it has no channel.
 * @throws Error naming the file, the field, what came and what is expected.
 */
export function readPlan(env: NotifierEnv, source: NodeJS.ProcessEnv): Plan {
  if (env.YJ_NOTIFIER_ROUTES === undefined) return planWithoutFile(env, source);
  let given: unknown;
  try {
    given = parse(readFileSync(env.YJ_NOTIFIER_ROUTES, 'utf8'));
  } catch (error) {
    throw new Error(
      `routing file ${env.YJ_NOTIFIER_ROUTES} cannot be read as YAML or JSON: ${(error as Error).message}`,
    );
  }
  return planOf(given, env, source, `routing file ${env.YJ_NOTIFIER_ROUTES}`);
}

function planWithoutFile(env: NotifierEnv, source: NodeJS.ProcessEnv): Plan {
  if (env.YJ_ONCALL_EMAIL === undefined) return { channels: [], rosters: {}, routes: [] };
  const given = {
    channels: { mail: { type: 'smtp' } },
    routes: [{ channel: 'mail', levels: [1, 2], to: [env.YJ_ONCALL_EMAIL] }],
  };
  return planOf(given, env, source, 'YJ_ONCALL_EMAIL');
}

export function planOf(given: unknown, env: NotifierEnv, source: NodeJS.ProcessEnv, where: string): Plan {
  const parsed = routingFile.safeParse(given);
  if (!parsed.success)
    throw new Error(
      `${where}: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`,
    );
  const { channels, rosters, routes } = parsed.data;
  for (const [i, { channel: name, roster, to }] of routes.entries()) {
    const used = channels[name];
    const at = `${where}: routes.${i}`;
    if (used === undefined)
      throw new Error(`${at}.channel: expected one of ${Object.keys(channels).join(', ')}, got ${name}`);
    if (roster !== undefined && rosters[roster] === undefined)
      throw new Error(`${at}.roster: expected one of ${Object.keys(rosters).join(', ')}, got ${roster}`);
    if (used.type === 'smtp' && (to === undefined) === (roster === undefined))
      throw new Error(`${at}: an e-mail route names its addresses in "to" or a "roster", one of the two`);
    if (used.type === 'webhook' && (to !== undefined || roster !== undefined))
      throw new Error(`${at}: a robot has one address of its own: "to" and "roster" belong to e-mail routes`);
  }
  return {
    channels: Object.entries(channels).map(([name, made]) => resolved(name, made, env, source, where)),
    rosters,
    routes,
  };
}

function resolved(
  name: string,
  made: z.output<typeof channel>,
  env: NotifierEnv,
  source: NodeJS.ProcessEnv,
  where: string,
): Channel {
  if (made.type === 'smtp') {
    if (env.YJ_SMTP_URL === undefined)
      throw new Error(`${where}: channel ${name} sends e-mail, but YJ_SMTP_URL is not set: name the mail server there`);
    const perMinute = made.per_minute ?? PER_MINUTE.smtp;
    return { name, type: 'smtp', from: made.from ?? env.YJ_NOTIFIER_SENDER, url: env.YJ_SMTP_URL, perMinute };
  }
  const url = source[made.url_env];
  if (url === undefined || !URL.canParse(url))
    throw new Error(
      `${where}: channels.${name}.url_env: expected ${made.url_env} to hold the robot's address, it does not`,
    );
  return { name, type: 'webhook', format: made.format, url, perMinute: made.per_minute ?? PER_MINUTE[made.format] };
}
