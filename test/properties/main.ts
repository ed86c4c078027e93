// Process: `npm run properties`. All properties again and again, each round with cases of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, readArguments, whole } from '@yunjian/infra/local/arguments.ts';

const HELP = `npm run properties -- [options]

  --rounds N   how many (default 10); a minute or two each
  --first N    seed of the first (default: drawn); the next have those that follow
  --help

A round that fails is printed with its seed, which repeats it: PROPERTY_SEED=N npm test -- FILE. Ends with code 1 when one failed.
`;
const ROOT = join(import.meta.dirname, '../..');
const WHERE = ['packages/*/src/**/*.test.ts', 'services/*/src/**/*.test.ts', 'test/oracle/*.test.ts'];

const files = globSync(WHERE, { cwd: ROOT }).filter((file) =>
  readFileSync(join(ROOT, file), 'utf8').includes('fast-check'),
);

process.exitCode = await codeOf(async () => {
  const { values } = readArguments('npm run properties --', {
    options: {
      rounds: { type: 'string', default: '10' },
      first: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000_000)) },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [rounds, first] = [whole('--rounds', values.rounds, 1), whole('--first', values.first)];
  let failed = 0;
  for (let seed = first; seed < first + rounds; seed++) {
    const output = await round(seed);
    process.stdout.write(output === null ? `seed ${seed}: all hold\n` : `${output}\nseed ${seed}: failed\n`);
    if (output !== null) failed++;
  }
  return failed === 0 ? 0 : 1;
});

/** @returns what was printed, when it failed */
async function round(seed: number): Promise<string | null> {
  const child = spawn(join(ROOT, 'node_modules/.bin/vitest'), ['run', '--project', 'unit', ...files], {
    cwd: ROOT,
    env: { ...process.env, PROPERTY_SEED: String(seed) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = await once(child, 'close');
  return code === 0 ? null : output;
}
