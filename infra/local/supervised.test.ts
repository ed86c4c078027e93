// A supervised process: started again with growing pauses, under a new pid, and ended for good when told.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Supervised } from './supervised.ts';
import { until } from './until.ts';

const directory = mkdtempSync(join(tmpdir(), 'yunjian-supervised-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function supervise(program: string) {
  const said: string[] = [];
  const pids: (number | undefined)[] = [];
  const supervised = new Supervised({
    name: 'ledger',
    command: { file: process.execPath, args: ['-e', program], env: {} },
    log: join(directory, 'ledger.log'),
    say: (line) => said.push(line),
    onChange: (pid) => pids.push(pid),
  });
  supervised.start();
  return { supervised, said, pids };
}

const limit = 15_000;

it('starts a process that ends again after 1 s, then after 2 s, and says why', { timeout: limit }, async () => {
  const { supervised, said, pids } = supervise('process.exit(3)');
  await until(
    () => said.length === 2,
    limit,
    () => said.join('\n'),
  );
  expect(said[0]).toMatch(/^ledger ended \(exit code 3\), starts again in 1 s; see .*ledger\.log$/);
  expect(said[1]).toMatch(/ended \(exit code 3\), starts again in 2 s/);
  await supervised.stop(1_000);
  expect(pids[1]).toBeUndefined();
  expect(pids[2]).not.toBe(pids[0]);
});

it('names the signal that killed it', { timeout: limit }, async () => {
  const { supervised, said, pids } = supervise('setInterval(() => {}, 1000)');
  process.kill(pids[0]!, 'SIGKILL');
  await until(
    () => said.length > 0,
    limit,
    () => 'nothing said',
  );
  expect(said[0]).toContain('ended (signal SIGKILL), starts again in 1 s');
  await supervised.stop(1_000);
});

it('ends one that ignores SIGTERM and starts none again', { timeout: limit }, async () => {
  const { supervised, said, pids } = supervise("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)");
  await supervised.stop(200);
  expect(() => process.kill(pids[0]!, 0)).toThrow();
  expect(said).toEqual([]);
});
