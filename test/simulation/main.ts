// Process: `npm run simulate`. Many small worlds under faults, one seed each; a seed that fails is printed, made smaller and printed again.
import { codeOf, readArguments, whole } from '@yunjian/infra/local/arguments.ts';
import { Coverage } from './faults/coverage.ts';
import { report } from './faults/report.ts';
import { simulate } from './faults/simulate.ts';

const HELP = `npm run simulate -- [options]

  --seeds N   how many (default 1000); about 25 a second on one core
  --first N   the first of them (default 0): a failing seed alone is --first SEED --seeds 1
  --help

Ends with code 1 when a seed failed.
`;
const PROGRESS_MS = 5_000;
/** Failing seeds after which there is no point in going on. */
const ENOUGH = 5;

process.exitCode = await codeOf(async () => {
  const { values } = readArguments('npm run simulate --', {
    options: {
      seeds: { type: 'string', default: '1000' },
      first: { type: 'string', default: '0' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  return (await run(whole('--first', values.first), whole('--seeds', values.seeds, 1))) ? 0 : 1;
});

async function run(from: number, count: number): Promise<boolean> {
  const coverage = new Coverage();
  const failed: number[] = [];
  const started = performance.now();
  let told = started;
  for (let seed = from; seed < from + count && failed.length < ENOUGH; seed++) {
    const outcome = await simulate(seed);
    coverage.add(outcome);
    if (outcome.failures.length > 0) {
      failed.push(seed);
      process.stdout.write(`seed ${seed} failed, making it smaller\n`);
      process.stdout.write(`${await report(seed, outcome.failures)}\n`);
    }
    if (performance.now() - told > PROGRESS_MS) {
      told = performance.now();
      const rate = coverage.seeds / ((told - started) / 1000);
      const left = Math.ceil((count - coverage.seeds) / rate);
      process.stdout.write(
        `${coverage.seeds} of ${count} seeds, ${rate.toFixed(1)} a second, ${coverage.faults} faults, ${failed.length} failed, ${left} s left\n`,
      );
    }
  }
  process.stdout.write(`${coverage.summary()}\n`);
  process.stdout.write(
    failed.length === 0
      ? `${coverage.seeds} seeds from ${from}: all hold\n`
      : `${coverage.seeds} seeds from ${from}: failed ${failed.join(', ')}\n`,
  );
  return failed.length === 0;
}
