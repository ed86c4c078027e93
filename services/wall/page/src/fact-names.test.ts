// Whatever a detector writes into an alert is said in Chinese: the sources are read for the names and reasons that they hold.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FACTS } from './fact-names.ts';
import { factValue } from './names.ts';
import { reasonOf } from './reasons.ts';

const PACKAGES = join(import.meta.dirname, '../../../../packages');
const SOURCES = ['detectors/src', 'detection/src/poison.ts', 'alerting/src/alerting.ts'].flatMap((path) =>
  path.endsWith('.ts') ? [join(PACKAGES, path)] : sourcesIn(join(PACKAGES, path)),
);
const OF_AN_ALERT = /^(alert_id|rule_version|event_time|updated_at|detected_at|shelved_until|fixmedins_code)$/;

function sourcesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/test|params/.test(name))
    .map((name) => join(directory, name));
}

/** Without comments. */
const textOf = (path: string) => readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');

describe('what detectors write', () => {
  it('has a label for each fact', () => {
    const keys = SOURCES.flatMap((path) => [...textOf(path).matchAll(/(?<=[{,]\s*)([a-z]+(?:_[a-z]+)+)(?=[:,])/g)]).map(
      ([, key]) => key as string,
    );
    expect(keys.length).toBeGreaterThan(60);
    expect([...new Set(keys)].filter((key) => FACTS[key] === undefined && !OF_AN_ALERT.test(key))).toEqual([]);
  });

  it('has a Chinese reason for each step', () => {
    const reasons = SOURCES.flatMap((path) =>
      [...textOf(path).matchAll(/(?<!en: |Error\(|describe\()'([a-z]+(?:,? [a-z]+){2,}[^']*)'/g)].map(
        ([, text]) => text as string,
      ),
    );
    expect(reasons.length).toBeGreaterThan(50);
    const untold = reasons.filter(
      (reason) => reasonOf({ by: 'system', reason }, 'zh') === reason && factValue(reason, 'zh') === reason,
    );
    expect(untold).toEqual([]);
  });

  it('fills figures in, and leaves alone what people wrote', () => {
    expect(reasonOf({ by: 'system', reason: 'sold 3 times net' }, 'zh')).toBe('净售出 3 次');
    expect(reasonOf({ by: 'system', reason: 'sold 3 times net' }, 'en')).toBe('sold 3 times net');
    expect(reasonOf({ by: 'system', reason: '15 分钟内未确认 / not acknowledged' }, 'en')).toBe('not acknowledged');
    expect(reasonOf({ by: '李明', reason: 'sold 3 times net / 核查' }, 'zh')).toBe('sold 3 times net / 核查');
  });
});
