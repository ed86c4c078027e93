import { expect, test } from 'vitest';
import { z } from 'zod';
import { commonEnv, describeEnv, EnvironmentError, readEnv, secret } from './env.ts';

const schema = commonEnv.extend({
  YJ_PORT: z.coerce.number().int().min(1).max(65_535).default(8081).describe('Port of the HTTP endpoints.'),
  YJ_PSEUDONYM_KEY: secret('development-only', 'Key of the pseudonyms.'),
});

const refusal = (environment: Record<string, string>): string => {
  try {
    readEnv(schema, environment);
  } catch (error) {
    expect(error).toBeInstanceOf(EnvironmentError);
    return (error as Error).message;
  }
  throw new Error('was accepted');
};

test('defaults stand where nothing, or nothing but an empty text, is given', () => {
  const env = readEnv(schema, { YJ_NAMESPACE: '', KAFKA_BROKERS: ' a:1, b:2,' });
  expect(env).toMatchObject({ YJ_NAMESPACE: 'yj', YJ_PORT: 8081, YJ_REPLAY: false, KAFKA_BROKERS: ['a:1', 'b:2'] });
});

test('a refusal names the variable, what came and what is expected, all of them at once', () => {
  const message = refusal({ YJ_PORT: '99999', YJ_NAMESPACE: 'Yj-1', YJ_ENV: 'prod' });
  expect(message).toContain('YJ_PORT: Too big: expected number to be <=65535, got "99999"');
  expect(message).toContain('YJ_NAMESPACE: expected a lower-case name');
  expect(message).toContain('YJ_ENV: Invalid option: expected one of "development"|"production", got "prod"');
});

test('production refuses a development secret, whether by default or given, and never shows a secret', () => {
  for (const given of [{}, { YJ_PSEUDONYM_KEY: 'development-only' }])
    expect(refusal({ YJ_ENV: 'production', ...given })).toContain('YJ_PSEUDONYM_KEY still has its development default');
  expect(readEnv(schema, { YJ_ENV: 'production', YJ_PSEUDONYM_KEY: 'k9' }).YJ_PSEUDONYM_KEY).toBe('k9');
});

test.each([
  ['API keys', '[{"key":"development","name":"development"}]', 'key'],
  ['tokens', '[{"token":"development","name":"development"}]', 'token'],
])('production refuses a development secret among %s, however the list is written', (_, developmentDefault, field) => {
  const listed = z.object({ ...commonEnv.shape, YJ_LIST: secret(developmentDefault, 'A list.') });
  const read = (list: unknown) =>
    readEnv(listed, { YJ_ENV: 'production', YJ_LIST: typeof list === 'string' ? list : JSON.stringify(list, null, 1) });
  for (const list of [
    [{ [field]: 'development', name: 'x' }],
    [
      { name: 'a', [field]: 'a key of our own' },
      { name: 'b', [field]: 'development' },
    ],
  ])
    expect(() => read(list)).toThrow('YJ_LIST still has its development default');
  expect(() => read([{ [field]: 'a key of our own', name: 'development' }])).not.toThrow();
  expect(() => read('no list at all')).not.toThrow();
});

test('rows for the configuration page have a description each, and no secret’s default', () => {
  const rows = describeEnv(schema);
  expect(rows.map(({ name }) => name)).toContain('KAFKA_BROKERS');
  for (const row of rows) expect(row.description, row.name).toMatch(/\.$/);
  expect(rows.find(({ name }) => name === 'YJ_PSEUDONYM_KEY')).toMatchObject({ secret: true, default: null });
  expect(rows.find(({ name }) => name === 'YJ_REPLAY')?.default).toBe('0');
  expect(rows.find(({ name }) => name === 'KAFKA_BROKERS')?.default).toBe('127.0.0.1:9092');
});
