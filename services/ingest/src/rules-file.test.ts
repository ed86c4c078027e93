// rules.yaml read again when it changes: a wrong file is told once and leaves the last right one.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { changeOf, createRulesFile } from './rules-file.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'yunjian-rules-'));
  path = join(directory, 'rules.yaml');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const off = (id: string) => `detectors:\n  ${id}:\n    enabled: false\n`;

describe('the rules file', () => {
  test('changes are seen; what is only written otherwise is the same version', async () => {
    const file = createRulesFile(path, (reason) => expect.fail(reason));
    writeFileSync(path, off('large-amount'));
    const first = await file.poll();
    expect(first?.rules).toEqual({ detectors: { 'large-amount': { enabled: false } } });
    writeFileSync(path, `# said otherwise\n${off('large-amount')}`);
    expect((await file.poll())?.ruleVersion).toBe(first?.ruleVersion);
    writeFileSync(path, off('trace-repeated'));
    expect((await file.poll())?.ruleVersion).not.toBe(first?.ruleVersion);
    writeFileSync(path, '');
    expect((await file.poll())?.rules).toEqual({ detectors: {} });
  });

  test('a wrong file is told once and leaves the last right one', async () => {
    const told: string[] = [];
    const file = createRulesFile(path, (reason) => told.push(reason));
    expect(await file.poll()).toBeNull();
    await file.poll();
    expect(told).toHaveLength(1);
    writeFileSync(path, off('large-amount'));
    const right = await file.poll();
    expect(file.state()).toEqual({ file: path, valid: true, version: right?.ruleVersion });
    writeFileSync(path, off('no-such'));
    expect(await file.poll()).toEqual(right);
    await file.poll();
    expect(told).toHaveLength(2);
    expect(told[1]).toMatch(/no-such.*large-amount/);
    expect(file.state()).toMatchObject({ valid: false, version: right?.ruleVersion, reason: told[1] });
  });

  test('without a file nothing is ever said', async () => {
    const file = createRulesFile('', (reason) => expect.fail(reason));
    expect(await file.poll()).toBeNull();
    expect(file.state()).toEqual({ file: null, valid: true, version: null });
  });

  test('the example that is shipped is right', () => {
    const example = readFileSync(join(import.meta.dirname, '../../../infra/rules.example.yaml'), 'utf8');
    expect(Object.keys((changeOf(example).rules as { detectors: object }).detectors)).toContain('large-amount');
  });

  test('shadow parameters of a rule of the ledger are refused by name, and where they can be tried', () => {
    expect(() => changeOf('detectors: { readmission: { shadow: { params: { days: 3 } } } }')).toThrow(
      /shadow of readmission.*in the ledger.*large-amount.*backtest/,
    );
  });

  test('a wrong parameter is named with what came and what is expected', () => {
    const wrong = (name: string, value: string) =>
      changeOf(`detectors: { quarterly-spend: { params: { ${name}: ${value} } } }`);
    expect(() => wrong('nothing', '1')).toThrow(/quarterly-spend.*nothing.*known are/);
    expect(() => changeOf('detectors: [')).toThrow();
  });
});
