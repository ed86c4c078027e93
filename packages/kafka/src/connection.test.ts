import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('of all warnings the one about negative timeouts alone is silenced', () => {
  const module = join(import.meta.dirname, 'connection.ts');
  const code = `import ${JSON.stringify(module)}; setTimeout(() => {}, -5); process.emitWarning('kept', 'OtherWarning'); process.emitWarning(new Error('kept too'));`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', code]);
  expect(stderr.toString()).toContain('OtherWarning: kept');
  expect(stderr.toString()).toContain('kept too');
  expect(stderr.toString()).not.toContain('TimeoutNegativeWarning');
});
