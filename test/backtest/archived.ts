// A history as the archiver lays it down, and what the chain in memory says of it as it comes.
import { type ClickHouse, createClickHouse } from '@yunjian/clickhouse';
import { encodeLane, type Finding, type Pseudonymiser, topicNames, type YunjianEvent } from '@yunjian/contracts';
import { detectors, ledgerRules } from '@yunjian/detectors';
import { Outcomes } from '@yunjian/infra/backtest/outcome.ts';
import { MemoryChain } from '@yunjian/infra/memory-chain/chain.ts';
import { Portion } from '../../services/archiver/src/portion.ts';
import { createSink } from '../../services/archiver/src/sink.ts';
import { clickhouseUrl, namespace } from '../support/stack.ts';

/** An archive of a database of its own that holds these events. The caller closes it. */
export async function archived(events: readonly YunjianEvent[], pseudonymiser: Pseudonymiser): Promise<ClickHouse> {
  const { name } = await namespace({ only: () => false });
  const clickhouse = createClickHouse({ url: clickhouseUrl(), database: name });
  const names = topicNames(name);
  const portion = new Portion(names, pseudonymiser);
  for (const event of events) portion.add({ topic: names.lane('institution'), value: encodeLane(event), offset: 0 });
  const refused = await createSink(clickhouse, (table, error) => {
    throw new Error(`${table}: ${error.message}`);
  }).write(portion);
  if (refused.length > 0) throw new Error(`the archive refused ${refused.length} of ${events.length} rows`);
  return clickhouse;
}

/** Every detector over events in order of arrival. @param start, end arrival at which the clocks begin and stop, ms */
export async function judged(
  events: AsyncIterable<YunjianEvent> | Iterable<YunjianEvent>,
  { start, end }: { start: number; end: number },
): Promise<Outcomes> {
  const outcomes = new Outcomes();
  const onFinding = (finding: Finding) => outcomes.tell(finding);
  const chain = new MemoryChain({ start, detectors, ledgerRules, rules: null, onFinding });
  for await (const event of events) {
    await chain.passTo(event.arrival);
    await chain.arrive(event);
  }
  await chain.passTo(end);
  await chain.finish();
  if (chain.defects > 0) throw new Error(`${chain.defects} records could not be judged`);
  return outcomes;
}
