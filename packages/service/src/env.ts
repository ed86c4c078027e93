// Settings: one documented zod schema per service is default, documentation and validation of its environment variables.
import { z } from 'zod';

const secretDefaults = new WeakMap<z.ZodType, string>();

/** A secret with a default for development; with it the product refuses to start in production. */
export function secret(developmentDefault: string, description: string) {
  const schema = z.string().min(1).default(developmentDefault).describe(description);
  secretDefaults.set(schema, developmentDefault);
  return schema;
}

const brokers = z
  .string()
  .default('127.0.0.1:9092')
  .transform((list) =>
    list
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  )
  .describe('Kafka bootstrap brokers, host:port separated by commas.');

/** What every service reads. */
export const commonEnv = z.object({
  YJ_ENV: z
    .enum(['development', 'production'])
    .default('development')
    .describe('production refuses to start with the secrets of development.'),
  YJ_NAMESPACE: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,40}$/, {
      error: 'expected a lower-case name: it is a topic prefix and a ClickHouse database',
    })
    .default('yj')
    .describe('Topic prefix and ClickHouse database; a replay has one of its own.'),
  KAFKA_BROKERS: brokers,
  CLICKHOUSE_URL: z.string().default('http://127.0.0.1:8123').describe('URL of the ClickHouse HTTP interface.'),
  CLICKHOUSE_USER: z.string().default('default').describe('ClickHouse user.'),
  CLICKHOUSE_PASSWORD: z.string().default('').describe('Password of the ClickHouse user.'),
  YJ_HOST: z.string().default('127.0.0.1').describe('Address the HTTP endpoints listen on.'),
  YJ_LANE_PARTITIONS: z.coerce
    .number()
    .int()
    .min(1)
    .default(4)
    .describe('Partitions of each lane; fixed for good when topics are created.'),
  YJ_RAW_PARTITIONS: z.coerce
    .number()
    .int()
    .min(1)
    .default(4)
    .describe('Partitions of each raw topic; fixed for good when topics are created.'),
  YJ_REPLAY: z
    .enum(['0', '1'])
    .default('0')
    .transform((v) => v === '1')
    .describe(
      '1 in a replay namespace: raw topics carry the archived arrival, the replayer writes the ticks, old events are taken.',
    ),
  YJ_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least severe level that is logged.'),
});

export type CommonEnv = z.output<typeof commonEnv>;

/**
 * Reads the environment by a schema. An empty variable counts as not set.
 * @throws EnvironmentError naming each variable, what came (never of a secret) and what is expected.
 */
export function readEnv<S extends z.ZodObject>(schema: S, source: NodeJS.ProcessEnv = process.env): z.output<S> {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(given);
  if (!result.success) {
    const issues = result.error.issues.map(
      ({ path, message }) => `${path.join('.')}: ${message}${shown(schema, String(path[0]), given)}`,
    );
    throw new EnvironmentError(`the environment does not fit: ${issues.join('; ')}`);
  }
  if ((result.data as { YJ_ENV?: string }).YJ_ENV === 'production')
    refuseDefaultSecrets(schema, result.data as Record<string, unknown>);
  return result.data;
}

/** Its message says everything: uncaught, it is printed without a stack. */
export class EnvironmentError extends Error {
  override name = 'EnvironmentError';
  constructor(message: string) {
    super(message);
    this.stack = `EnvironmentError: ${message}`;
  }
}

function refuseDefaultSecrets(schema: z.ZodObject, values: Record<string, unknown>): void {
  const left = Object.entries(schema.shape).filter(([name, field]) => {
    const developmentDefault = secretDefaults.get(field as z.ZodType);
    if (developmentDefault === undefined) return false;
    const known = secretsIn(developmentDefault);
    return secretsIn(values[name] as string).some((given) => known.includes(given));
  });
  if (left.length > 0)
    throw new EnvironmentError(
      `YJ_ENV=production, but ${left.map(([name]) => name).join(', ')} still has its development default: set it to a secret of your own`,
    );
}

/** The keys or tokens of a JSON list of those who have one, else the text itself. */
function secretsIn(text: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [text.trim()];
  }
  if (!Array.isArray(value)) return [text.trim()];
  return value.flatMap((holder: { key?: unknown; token?: unknown } | null) =>
    [holder?.key, holder?.token].filter((each): each is string => typeof each === 'string'),
  );
}

function shown(schema: z.ZodObject, name: string, given: Record<string, unknown>): string {
  const field = schema.shape[name];
  if (given[name] === undefined || (field !== undefined && secretDefaults.has(field as z.ZodType))) return '';
  return `, got ${JSON.stringify(given[name])}`;
}

export interface EnvRow {
  name: string;
  default: string | null;
  description: string;
  secret: boolean;
}

/** Rows of the generated configuration page. */
export function describeEnv(schema: z.ZodObject): EnvRow[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const type = field as z.ZodType;
    const isSecret = secretDefaults.has(type);
    const absent = z.object({ value: type }).safeParse({});
    const value = absent.success ? absent.data.value : undefined;
    const text = Array.isArray(value)
      ? value.join(',')
      : typeof value === 'boolean'
        ? value
          ? '1'
          : '0'
        : value === undefined
          ? null
          : String(value);
    return { name, default: isSecret ? null : text, description: type.description ?? '', secret: isSecret };
  });
}
