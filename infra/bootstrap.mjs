// First step of every npm script, on any Node >= 18 with nothing installed: brings the pinned packages and the pinned
// Node, then runs the TypeScript file it is given with them: node infra/bootstrap.mjs <script.ts> [arguments].
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const PNPM = 'pnpm@12.21.0';
const repository = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const node = join(repository, 'node_modules', '.bin', 'node');

const [script, ...args] = process.argv.slice(2);
if (script === undefined) {
  process.stderr.write('usage: node infra/bootstrap.mjs <script.ts> [arguments]\n');
  process.exit(2);
}

if (!installed()) {
  process.stdout.write('Installing packages (the first time about a minute)\n');
  const command = ['--yes', PNPM, 'install', '--frozen-lockfile', '--reporter=append-only'];
  const code = await run('npx', command, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, CI: 'true' },
  });
  if (code !== 0) {
    process.stderr.write(
      'The packages could not be installed: check the network and what npm says above, then start again.\n',
    );
    process.exit(1);
  }
}
// The link is resolved, so that the process is node itself.
process.exit(
  await run(realpathSync(node), [join(repository, script), ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  }),
);

/** pnpm leaves a copy of the lockfile that it has installed. */
function installed() {
  const done = join(repository, 'node_modules', '.pnpm', 'lock.yaml');
  if (!existsSync(node) || !existsSync(done)) return false;
  return readFileSync(done).equals(readFileSync(join(repository, 'pnpm-lock.yaml')));
}

/** Runs a command to its end with this process's signals handed on to it. */
function run(command, commandArgs, options) {
  return new Promise((resolvePromise) => {
    const child = spawn(command, commandArgs, { cwd: repository, ...options });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    endWithNpm(child);
    child.once('error', (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      resolvePromise(127);
    });
    child.once('exit', (code, signal) => resolvePromise(signal === null ? code : 1));
  });
}

/** A killed npm cannot hand on its signal: this process then finds itself with another parent. */
function endWithNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const npm = process.ppid;
  const watch = setInterval(() => process.ppid !== npm && child.kill('SIGTERM'), 500);
  child.once('exit', () => clearInterval(watch));
}
