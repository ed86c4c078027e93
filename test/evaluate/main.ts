// Process: `npm run evaluate`. Simulated days through the chain in memory, alerts against the truth, and naive rules beside them.
import { writeFileSync } from 'node:fs';
import { localDate } from '@yunjian/contracts';
import { codeOf } from '@yunjian/infra/local/arguments.ts';
import { PATTERNS } from '@yunjian/service-simulator';
import { evaluationChart } from './chart.ts';
import { FIRST_DAY } from './life.ts';
import { judgedLives } from './lives.ts';
import { type EvaluateOptions, HELP, readEvaluateOptions } from './options.ts';
import { evaluationTable } from './table.ts';
import { Tally } from './tally.ts';

process.exitCode = await codeOf(async () => {
  const options = readEvaluateOptions(process.argv.slice(2), process.env);
  if (options === undefined) process.stdout.write(HELP);
  else await evaluate(options);
  return 0;
});

async function evaluate({ seed, seeds, days, scale, rate, json, svg }: EvaluateOptions): Promise<void> {
  const tally = new Tally(days * seeds);
  let [events, refused] = [0, 0];
  const lives = Array.from({ length: seeds }, (_, n) => ({ seed: seed + n, days, scale, rate }));
  for await (const life of judgedLives(lives)) {
    tally.add(life.judged, life.naive);
    events += life.events;
    refused += life.refused;
  }
  const evaluation = tally.result();
  const seedsText = seeds === 1 ? `seed ${seed}` : `seeds ${seed} to ${seed + seeds - 1}`;
  process.stdout.write(
    `${seedsText}, ${days} day(s) from ${localDate(FIRST_DAY)}, ${events} events, ${refused} refused, ${PATTERNS.length} patterns injected\n\n${evaluationTable(evaluation)}\n`,
  );
  const { detectors, naive } = evaluation;
  if (json !== null) writeFileSync(json, `${JSON.stringify({ seed, seeds, days, detectors, naive }, null, 2)}\n`);
  if (svg !== null) writeFileSync(svg, evaluationChart(evaluation, `${seedsText}, ${days} day(s)`));
}
