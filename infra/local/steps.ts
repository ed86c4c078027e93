// What is run once at each start, to its end: topics and tables, the wall's page.
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { end, launch } from './launch.ts';
import type { Plan } from './plan.ts';
import { Refusal } from './refusal.ts';
import { PAGE_BUILD } from './services.ts';

const SETUP = join(import.meta.dirname, 'setup.ts');

/** Creates topics and applies migrations. @throws Refusal with the end of its log when that fails */
export function runSetup(env: Record<string, string>, logs: string, signal: AbortSignal): Promise<void> {
  return runToEnd('setup', SETUP, env, logs, signal);
}

/** Builds the page when this start has a wall. */
export async function buildPage(plan: Plan, logs: string, signal: AbortSignal): Promise<void> {
  const wanted = plan.services.some((service) => service.name === 'wall') && existsSync(PAGE_BUILD);
  if (wanted) await runToEnd('page', PAGE_BUILD, {}, logs, signal);
}

async function runToEnd(
  name: string,
  script: string,
  env: Record<string, string>,
  logs: string,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const log = join(logs, `${name}.log`);
  const child = launch({ file: process.execPath, args: [script], env }, log);
  const stop = () => void end(child, 2_000);
  signal.addEventListener('abort', stop);
  const [code] = await once(child, 'exit');
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if (code !== 0) {
    const end = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-12).join('\n');
    throw new Refusal(`${relative(process.cwd(), script)} failed; the end of ${relative(process.cwd(), log)}:\n${end}`);
  }
}
