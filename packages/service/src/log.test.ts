import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** What a process logs when it runs `statement` with a logger at hand. */
function logged(statement: string): Record<string, unknown>[] {
  const module = join(import.meta.dirname, 'log.ts');
  const code = `import { createLogger } from ${JSON.stringify(module)}; const logger = createLogger('probe', 'info'); ${statement}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', code]);
  expect(stderr.toString()).toBe('');
  return stdout
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('one event is one line of JSON with service, level and time, below the level nothing', () => {
  const lines = logged(`logger.debug({}, 'no'); logger.warn({ lag: 3 }, 'two\\nlines');`);
  expect(lines).toEqual([
    { level: 'warn', time: expect.stringMatching(/^2.*Z$/), service: 'probe', lag: 3, msg: 'two\nlines' },
  ]);
});

test('personal data and secrets are struck out down to the third level', () => {
  const line = JSON.stringify(
    logged(
      `logger.info({ psn_no: 'P1', headers: { authorization: 'Bearer P1' }, event: { body: { certno: 'P1', psn_name: 'P1' } }, token: 'P1' }, 'x');`,
    ),
  );
  expect(line).not.toContain('P1');
  expect(line.match(/struck out/g)).toHaveLength(5);
});
