// Process: `npm run evaluate`. Simulated days through the chain in memory, alerts against the truth.
import { writeFileSync } from 'node:fs';
import { localDate, localDay, localMidnight } from '@yunjian/contracts';
import { createCity, PATTERNS, simulate, type Truth } from '@yunjian/service-simulator';
import { MemoryChain } from './memory-chain.ts';
import { HELP, readEvaluateOptions } from './options.ts';
import { score } from './score.ts';
import { evaluationTable } from './table.ts';

/** Past a tenth of its quarter, so that quarterly-spend can speak. */
const FIRST_DAY = localDay(Date.parse('2026-05-12T12:00:00+08:00'));
/** Silence before the first visits is nobody's fault: cameras live this long before, ms. */
const SETTLE_MS = 3 * 3_600_000;
/** Late events and due judgements after the last visit, ms. */
const AFTER_MS = 6 * 3_600_000;
/** The last visits' judgements become due within this, ms. */
const LAST_DEADLINE_MS = 240_000;
/** Detectors whose truth the simulation knows. */
const JUDGED = [
  'identity-check-missing',
  'verification-unavailable',
  'identity-mismatch',
  'quarterly-spend',
  'trace-repeated',
  'source-silent',
  'trace-product-mismatch',
  'trace-missing',
  'trace-not-purchased',
  'stock-mismatch',
];

const options = readEvaluateOptions(process.argv.slice(2), process.env);
if (options === undefined) process.stdout.write(HELP);
else await evaluate(options);

async function evaluate({ seed, days, scale, json }: NonNullable<typeof options>): Promise<void> {
  const city = createCity(seed, {
    hospitals: Math.max(2, Math.round(20 * scale)),
    clinics: Math.max(2, Math.round(40 * scale)),
    pharmacies: Math.max(6, Math.round(507 * scale)),
    nightFloor: 0.5 * scale,
  });
  const from = localMidnight(FIRST_DAY);
  const to = from + days * 86_400_000;
  const chain = new MemoryChain(from - SETTLE_MS);
  const truths: Truth[] = [];
  const started = performance.now();
  let events = 0;
  let shown = from;
  for (const item of simulate(city, { from, to })) {
    if (item.type === 'truth') {
      truths.push(item.truth);
      continue;
    }
    events++;
    await chain.arrive(
      item.topic,
      item.arrivalMs,
      item.bytes === null ? Buffer.from(JSON.stringify(item.event)) : Buffer.from(item.bytes),
    );
    if (item.arrivalMs - shown > 3_600_000) {
      shown = item.arrivalMs;
      process.stderr.write(
        `  ${new Date(shown + 8 * 3_600_000).toISOString().slice(0, 13)} h, ${events} events, ${Math.round(events / ((performance.now() - started) / 1000))}/s\n`,
      );
    }
  }
  await chain.passTo(to + AFTER_MS);
  await chain.finish();
  const evaluation = score(truths, chain.alerts, chain.firstRaised, JUDGED, { from, to, due: to + LAST_DEADLINE_MS });
  process.stdout.write(
    `seed ${seed}, ${days} day(s) from ${localDate(FIRST_DAY)}, ${events} events, ${chain.counts.refused} refused, ${PATTERNS.length} patterns injected\n\n${evaluationTable(evaluation)}\n`,
  );
  if (json !== null)
    writeFileSync(json, `${JSON.stringify({ seed, days, detectors: evaluation.detectors }, null, 2)}\n`);
}
