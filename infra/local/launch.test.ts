// A run that nobody stops in order leaves no process behind.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { until } from './until.ts';

const FOR_EVER = 'setInterval(() => {}, 1000)';

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends what was launched too', async (signal) => {
  const directory = mkdtempSync(join(tmpdir(), 'yunjian-launch-'));
  const command = { file: process.execPath, args: ['-e', FOR_EVER], env: {} };
  const script = `
    import { launch, leaveNobodyBehind } from ${JSON.stringify(new URL('launch.ts', import.meta.url))};
    leaveNobodyBehind();
    console.log(launch(${JSON.stringify(command)}, ${JSON.stringify(join(directory, 'log'))}).pid);
    ${FOR_EVER};
  `;
  const run = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(createInterface(run.stdout), 'line')) as [string];
    const pid = Number(line);
    expect(lives(pid)).toBe(true);
    run.kill(signal);
    await until(
      () => !lives(pid),
      20_000,
      () => `${pid} still lives`,
    );
  } finally {
    run.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
});
