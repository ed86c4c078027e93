// Starting and ending one process of the local stack.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from './command.ts';

/** Node keeps there what it has compiled: a service starts for half the CPU the second time. What is of another version or source it passes over. */
const COMPILED = join(import.meta.dirname, '../../.data/cache/node');

const launched = new Set<ChildProcess>();

/** From now on whatever ends this process, Ctrl-C too, ends what it has launched: for runs that nobody stops in order. */
export function leaveNobodyBehind(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  process.once('exit', () => {
    for (const child of launched) child.kill('SIGKILL');
  });
}

/**
 * Spawns `command` with its output appended to the file `log`. It gets a process group of its own: a Ctrl-C in the
 * terminal reaches the supervisor alone, which ends the processes in order.
 */
export function launch(command: Command, log: string): ChildProcess {
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, 'a');
  try {
    const child = spawn(command.file, command.args, {
      env: { NODE_COMPILE_CACHE: COMPILED, ...process.env, ...command.env },
      stdio: ['ignore', output, output],
      detached: true,
    });
    launched.add(child);
    child.once('exit', () => launched.delete(child));
    return child;
  } finally {
    closeSync(output);
  }
}

/** SIGTERM, and SIGKILL after `graceMs`; resolves when the process is gone. */
export async function end(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const hurry = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await gone;
  clearTimeout(hurry);
}
