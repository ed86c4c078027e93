// Process: `npm run backtest`. Proposed parameters against today's over the archive.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { latestRules } from '@yunjian/bulletin';
import { isoShanghai } from '@yunjian/contracts';
import type { Rules } from '@yunjian/detection';
import { parse } from 'yaml';
import { openArchive } from '../local/archive.ts';
import { codeOf } from '../local/arguments.ts';
import { Refusal } from '../local/refusal.ts';
import { type BacktestRequest, HELP, readBacktestOptions } from './options.ts';
import { checkedRules } from './parameters.ts';
import { backtest } from './run.ts';
import { backtestTable } from './table.ts';

const PROGRESS_MS = 5_000;

process.exitCode = await codeOf(async () => {
  const request = readBacktestOptions(process.argv.slice(2), process.env);
  process.stdout.write(request === undefined ? HELP : await run(request));
  return 0;
});

async function run(request: BacktestRequest): Promise<string> {
  const clickhouse = await openArchive(request);
  try {
    const { rules, from: said } = await todaysRules(request, () => latestRules(clickhouse));
    const started = performance.now();
    let shown = started;
    const result = await backtest(clickhouse, {
      ...request,
      rules,
      onProgress: (events, at) => {
        if (performance.now() - shown < PROGRESS_MS) return;
        shown = performance.now();
        process.stderr.write(`  ${events} events, ${isoShanghai(at)}\n`);
      },
    });
    const seconds = (performance.now() - started) / 1000;
    const { changes, from, to, json } = request;
    const set = changes.map(({ detector, name, value }) => `${detector}.${name} = ${JSON.stringify(value)}`);
    const range = { from: isoShanghai(from), to: isoShanghai(to), read_since: isoShanghai(result.since) };
    const { events, defects, detectors } = result;
    if (json !== null)
      writeFileSync(
        json,
        `${JSON.stringify({ ...range, set: changes, rules, events, seconds, defects, detectors }, null, 2)}\n`,
      );
    return [
      `${range.from} to ${range.to}, events since ${range.read_since}`,
      `today: ${said}; proposed: ${set.join(', ')}`,
      `${events} events in ${seconds.toFixed(1)} s`,
      ...(defects === 0 ? [] : [`${defects} records could not be judged: a defect, please report it`]),
      '',
      backtestTable(detectors),
    ].join('\n');
  } finally {
    await clickhouse.close();
  }
}

async function todaysRules(
  { rules }: BacktestRequest,
  latest: () => ReturnType<typeof latestRules>,
): Promise<{ rules: Rules; from: string }> {
  if (rules !== null) {
    if (!existsSync(rules)) throw new Refusal(`--rules is ${rules}, which is not there.`);
    return { rules: checkedRules(parse(readFileSync(rules, 'utf8')), rules), from: rules };
  }
  const change = await latest();
  if (change === null) return { rules: { detectors: {} }, from: 'the documented defaults' };
  return {
    rules: checkedRules(change.rules, 'the archive'),
    from: `the rules in force, version ${change.ruleVersion}`,
  };
}
