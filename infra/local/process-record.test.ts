// The record of processes: one supervisor for a directory, and only its own leftovers are ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ProcessRecord } from './process-record.ts';
import { Refusal } from './refusal.ts';

let directory: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'yunjian-record-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

async function sleeper(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  children.push(child);
  await once(child, 'spawn');
  return child;
}

/** As a supervisor that was killed leaves it: its lock names a process that is gone. */
function abandonLock(): void {
  const file = join(directory, 'supervisor.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), startedAt: 'long ago' }));
}

it('refuses a second supervisor and names the first', () => {
  const record = new ProcessRecord(directory);
  expect(() => new ProcessRecord(directory)).toThrow(Refusal);
  expect(() => new ProcessRecord(directory)).toThrow(`process ${process.pid}`);
  record.release();
  new ProcessRecord(directory).release();
});

it('ends what a killed supervisor left, and nothing that merely has the same id', async () => {
  const [left, other] = await Promise.all([sleeper(), sleeper()]);
  const first = new ProcessRecord(directory);
  first.started('ledger', left.pid!);
  first.started('archiver', other.pid!);
  const file = join(directory, 'processes.json');
  const known = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; startedAt: string }[];
  const reused = known.map((one) => (one.pid === other.pid ? { ...one, startedAt: 'before' } : one));
  writeFileSync(file, JSON.stringify(reused));
  abandonLock();

  const second = new ProcessRecord(directory);
  expect(await second.endOrphans()).toEqual(['ledger']);
  expect(left.signalCode ?? (await once(left, 'exit'))[1]).toBe('SIGTERM');
  expect(other.exitCode).toBeNull();
  expect(other.signalCode).toBeNull();
  expect(existsSync(file)).toBe(false);
  second.release();
});

it('starts over from a record that was cut short', async () => {
  const first = new ProcessRecord(directory);
  abandonLock();
  writeFileSync(join(directory, 'processes.json'), '[{"name":"led');
  const second = new ProcessRecord(directory);
  expect(await second.endOrphans()).toEqual([]);
  first.release();
});
