// What somebody is told who types a word that a command does not know.
import { expect, test } from 'vitest';
import { codeOf, positive, readArguments, saidOf, whole } from './arguments.ts';
import { Refusal } from './refusal.ts';

test('an unknown option is refused in words that say where the known ones are', () => {
  const read = () => readArguments('npm run x --', { args: ['--nonsense'], options: { seed: { type: 'string' } } });
  expect(read).toThrow(Refusal);
  expect(read).toThrow("Unknown option '--nonsense'. npm run x -- --help lists the options.");
  const without = () => readArguments('npm run x --', { args: ['--seed'], options: { seed: { type: 'string' } } });
  expect(without).toThrow(/^Option '--seed <value>' argument missing\. npm run x -- --help lists the options\.$/);
});

test.each(['0', '-1', 'many', '', 'Infinity'])('%j is no number above 0', (text) => {
  expect(() => positive('--minutes', text)).toThrow(`--minutes is ${text}: expected a number above 0.`);
});

test.each(['0', '2.5', '-3', 'some', '', '1e3', '9007199254740993'])('%j is no whole number from 1', (text) => {
  expect(() => whole('--seeds', text, 1)).toThrow(`--seeds is ${text}: expected a whole number from 1.`);
});

test('numbers as they are', () => {
  expect([positive('--minutes', '0.5'), whole('--seeds', '12', 1), whole('--first', '0')]).toEqual([0.5, 12, 0]);
});

test('a refusal is said as it is, a defect with where it came from', async () => {
  expect(saidOf(new Refusal('No such file.'))).toBe('No such file.\n');
  expect(saidOf(new TypeError('x is undefined'))).toContain('arguments.test.ts');
  expect(await codeOf(() => 3)).toBe(3);
});
