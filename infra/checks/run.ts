// Process behind `npm test` and `npm run check`: every static check, then (unless --static) the tests; with --all also those that take
// parts away or start the whole product, which wait for most of their time. Its last line is `N passed, N failed`, a check counting as
// one test; it ends with code 1 when anything failed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

interface Tally {
  passed: number;
  failed: number;
}

const ROOT = join(import.meta.dirname, '../..');
const BIN = join(ROOT, 'node_modules/.bin');

const CHECKS: [name: string, command: string, args: string[]][] = [
  ['format and lint', 'biome', ['check', '--error-on-warnings']],
  ['types', 'tsc', ['-p', 'tsconfig.json']],
  ['types of the page', 'tsc', ['-p', 'services/wall/page/tsconfig.json']],
  ['import direction', 'depcruise', ['--config', '.dependency-cruiser.mjs', 'packages', 'services', 'infra', 'test']],
  ['source rules', 'node', ['infra/checks/source-rules.ts']],
  ['unused code', 'knip', ['--no-progress', '--no-config-hints']],
];

/** Groups of tests (vitest.config.ts) that --all adds; who names files or projects gets just those. */
const LONG = ['faults', 'product'];

const env = { ...process.env, PATH: `${BIN}${delimiter}${process.env.PATH}` };

async function run(command: string, args: string[]): Promise<boolean> {
  const child = spawn(join(BIN, command), args, { cwd: ROOT, env, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return code === 0;
}

function chosen(args: string[]): string[] {
  const named = args.filter((arg) => arg !== '--all');
  return args.length > 0 ? named : LONG.map((name) => `--project=!${name}`);
}

async function checks(): Promise<Tally> {
  const tally = { passed: 0, failed: 0 };
  for (const [name, command, args] of CHECKS) {
    process.stdout.write(`\n── ${name}\n`);
    const passed = await run(command, args);
    tally[passed ? 'passed' : 'failed']++;
    if (!passed) process.stdout.write(`── ${name}: failed\n`);
  }
  return tally;
}

/** A file that could not be loaded or prepared, and a run that ended badly with no failed test, count as one failure. */
async function tests(args: string[]): Promise<Tally> {
  const directory = mkdtempSync(join(tmpdir(), 'yunjian-results-'));
  const file = join(directory, 'results.json');
  process.stdout.write('\n── tests\n');
  try {
    const passed = await run('vitest', [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile=${file}`,
      ...args,
    ]);
    if (!existsSync(file)) return { passed: 0, failed: 1 };
    const result = JSON.parse(readFileSync(file, 'utf8')) as {
      numPassedTests: number;
      numFailedTests: number;
      testResults: { status: string; assertionResults: { status: string }[] }[];
    };
    const unprepared = result.testResults.filter(
      (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
    ).length;
    const failed = result.numFailedTests + unprepared;
    return { passed: result.numPassedTests, failed: failed === 0 && !passed ? 1 : failed };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const args = process.argv.slice(2);
const parts = [await checks()];
if (!args.includes('--static')) parts.push(await tests(chosen(args)));
const passed = parts.reduce((sum, part) => sum + part.passed, 0);
const failed = parts.reduce((sum, part) => sum + part.failed, 0);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
