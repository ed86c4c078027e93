// What the command takes and what it refuses, before anything is read.
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { Refusal } from '../local/refusal.ts';
import { readBacktestOptions } from './options.ts';

const RANGE = ['--from', '2026-11-01', '--to', '2026-11-08'];
const SET = ['--set', 'identity-check-missing.before=5m'];

test('days are those of Shanghai; what is not said has its default', () => {
  expect(readBacktestOptions([...RANGE, ...SET], {})).toEqual({
    from: Date.parse('2026-11-01T00:00:00+08:00'),
    to: Date.parse('2026-11-08T00:00:00+08:00'),
    changes: [{ detector: 'identity-check-missing', name: 'before', value: 300 }],
    rules: null,
    json: null,
    examples: 5,
    lead: null,
    clickhouse: null,
    namespace: null,
    data: resolve('.data'),
  });
});

test('instants, several changes, files beside the caller, and a lead that counts back from the beginning', () => {
  const args = ['--from', '2026-11-01T08:00:00+08:00', '--to', '2026-11-02', ...SET, '--set', 'card-cluster.persons=4'];
  const more = ['--rules', 'rules.yaml', '--json', '/tmp/out.json', '--lead', '2', '--examples', '0'];
  const request = readBacktestOptions([...args, ...more], { INIT_CWD: '/home/a', CLICKHOUSE_URL: 'http://db:8123' });
  const from = Date.parse('2026-11-01T08:00:00+08:00');
  expect(request).toMatchObject({ from, lead: from - 2 * 86_400_000, examples: 0, clickhouse: 'http://db:8123' });
  expect(request).toMatchObject({ rules: '/home/a/rules.yaml', json: '/tmp/out.json' });
  expect(request?.changes.map(({ detector }) => detector)).toEqual(['identity-check-missing', 'card-cluster']);
});

test('help asks for nothing else', () => {
  expect(readBacktestOptions(['--help'], {})).toBeUndefined();
});

test.each([
  ['no range', SET, '--from is missing'],
  ['no day', ['--from', 'yesterday', '--to', '2026-11-08', ...SET], '--from is yesterday'],
  ['a range backwards', ['--from', '2026-11-08', '--to', '2026-11-01', ...SET], '--from to lie before --to'],
  ['an empty range', ['--from', '2026-11-08', '--to', '2026-11-08', ...SET], '--from to lie before --to'],
  ['no change', RANGE, 'No --set'],
  ['a lead that is none', [...RANGE, ...SET, '--lead', 'long'], '--lead is long: expected a number from 0'],
  ['a lead ahead', [...RANGE, ...SET, '--lead=-1'], '--lead is -1'],
  ['an unknown option', [...RANGE, ...SET, '--loud'], '--help lists the options'],
])('%s is refused', (_name, args, reason) => {
  const read = () => readBacktestOptions(args, {});
  expect(read).toThrow(Refusal);
  expect(read).toThrow(reason);
});
