// `bench -- backtest`: an archive of a city's busy hour, and proposed parameters held against today's over all of it.
import { createClickHouse } from '@yunjian/clickhouse';
import { createPseudonymiser, encodeLane, FEED_OF, parseRawEvent, toModel, topicNames } from '@yunjian/contracts';
import { backtest } from '@yunjian/infra/backtest/run.ts';
import { migrate } from '@yunjian/infra/clickhouse/migrate.ts';
import { Portion } from '../../services/archiver/src/portion.ts';
import { createSink } from '../../services/archiver/src/sink.ts';
import { startClickhouse } from '../support/clickhouse.ts';
import { EVENTS_PER_VISIT, type RawEvent, referenceEvents, visitEvents } from './city.ts';
import { rounded } from './figures.ts';
import type { Bench, Results } from './main.ts';

const NAMESPACE = 'backtest';
const FROM = Date.parse('2026-11-20T09:00:00+08:00');
const HOUR_MS = 3_600_000;
const PORTION = 50_000;

export async function benchBacktest({ directory, say, options }: Bench): Promise<Results> {
  const server = await startClickhouse(directory);
  const clickhouse = createClickHouse({ url: server.address, database: NAMESPACE });
  try {
    await migrate({ url: server.address, database: NAMESPACE });
    const sink = createSink(clickhouse, (table, error) => say(`  ${table} waits: ${error.message}`));
    const names = topicNames(NAMESPACE);
    const pseudonymiser = createPseudonymiser(NAMESPACE);
    const portion = new Portion(names, pseudonymiser);
    let offset = 0;
    const archive = async (event: RawEvent, arrival: number) => {
      const feed = FEED_OF[event.event_type as keyof typeof FEED_OF];
      const parsed = parseRawEvent(Buffer.from(JSON.stringify(event)), { arrival, replay: false, feed });
      if (!parsed.ok) throw new Error(`the work holds an invalid event: ${JSON.stringify(parsed)}`);
      const origin = { feed, partition: 0, offset: offset++, index: 0 };
      const value = encodeLane(toModel(parsed.event, { arrival, origin }, pseudonymiser));
      portion.add({ topic: names.lane('institution'), value, offset: 0 });
      if (portion.rows >= PORTION) await write();
    };
    const write = async () => {
      const refused = await sink.write(portion);
      if (refused.length > 0) throw new Error(`the archive refused ${refused.length} rows`);
      portion.clear();
    };
    for (const event of referenceEvents(FROM)) await archive(event, FROM - 60_000);
    const visits = Math.ceil(options.events / EVENTS_PER_VISIT);
    for (let visit = 0; visit < visits; visit++) {
      const at = FROM + Math.floor((visit / visits) * HOUR_MS);
      const { settlement, seen } = visitEvents(visit, at);
      for (const event of [...seen, settlement]) await archive(event, at + 1_000);
    }
    await write();
    say(`  ${(visits * EVENTS_PER_VISIT).toLocaleString('en')} events archived`);
    const begun = performance.now();
    const { events, detectors, defects } = await backtest(clickhouse, {
      from: FROM,
      to: FROM + HOUR_MS,
      changes: [{ detector: 'identity-check-missing', name: 'before', value: 300 }],
      rules: { detectors: {} },
      examples: 1,
      lead: null,
      onProgress: () => undefined,
    });
    const seconds = (performance.now() - begun) / 1000;
    if (defects > 0) throw new Error(`${defects} records could not be judged`);
    const { today } = detectors['identity-check-missing'] ?? {};
    say(`  ${events.toLocaleString('en')} events under both sets in ${seconds.toFixed(1)} s, ${today?.stands} alerts`);
    return { backtest_events_per_second: Math.round(events / seconds), backtest_s: rounded(seconds, 1) };
  } finally {
    await clickhouse.close();
    await server.stop();
  }
}
