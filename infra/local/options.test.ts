// The options of npm start: what they mean, and one clear sentence when they mean nothing.
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { readOptions } from './options.ts';

it('has a default for everything', () => {
  expect(readOptions([], {})).toEqual({
    data: resolve(import.meta.dirname, '../../.data'),
    simulator: true,
    speed: 1,
    autoPorts: false,
    only: undefined,
    kafkaBrokers: undefined,
    clickhouseUrl: undefined,
  });
});

it('reads the command line and the environment', () => {
  const args = ['--no-simulator', '--speed', '60', '--data', 'here', '--ports', 'auto', '--only', 'ingest, wall'];
  const env = { INIT_CWD: '/somewhere', KAFKA_BROKERS: 'a:1,b:2', CLICKHOUSE_URL: 'http://c:8123/' };
  expect(readOptions(args, env)).toEqual({
    data: '/somewhere/here',
    simulator: false,
    speed: 60,
    autoPorts: true,
    only: ['ingest', 'wall'],
    kafkaBrokers: 'a:1,b:2',
    clickhouseUrl: 'http://c:8123',
  });
  expect(readOptions(['--help'], {})).toBeUndefined();
});

it.each([
  [['--speed', 'fast'], '--speed is fast: expected a number above 0'],
  [['--speed', '0'], '--speed is 0'],
  [['--ports', '9000'], '--ports is 9000: expected --ports auto'],
  [['--spede', '60'], "Unknown option '--spede'"],
])('refuses %j', (args, message) => {
  expect(() => readOptions(args, {})).toThrow(message);
});
