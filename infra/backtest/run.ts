// The backtest: one pass over the archive through the same detector code twice, under today's rules and under the proposed ones.
import type { ClickHouse } from '@yunjian/clickhouse';
import { DAY_MS, type Finding } from '@yunjian/contracts';
import { type Rules, withoutShadows } from '@yunjian/detection';
import { Refusal } from '../local/refusal.ts';
import { MemoryChain } from '../memory-chain/chain.ts';
import { archivedEvents } from './archive.ts';
import { type Compared, compare, Outcomes } from './outcome.ts';
import { type Change, changed, concerned } from './parameters.ts';
import { reachOf } from './reach.ts';

/** Marks before the range only let time pass: what they judge late is judged the same. ms */
const LEAD_MARK_MS = 60_000;
/** In the range a mark a second, as live, up to so long a range; beyond it every ten. */
const FINE_RANGE_MS = 2 * DAY_MS;

export interface BacktestOptions {
  /** Of event time, ms; `to` exclusive. What arrived until `to` is read, and judged as of `to`. */
  from: number;
  to: number;
  changes: readonly Change[];
  /** In force today. */
  rules: Rules;
  examples: number;
  /** Arrival from which events are read, ms; null: as far back as the detectors look. */
  lead: number | null;
  onProgress(events: number, at: number): void;
}

export interface Backtest {
  /** Events read, those before the range included. */
  events: number;
  /** Arrival of the first event that was read and is no reference, ms. */
  since: number;
  /** Records that a rule could not judge: a defect. */
  defects: number;
  detectors: Record<string, Compared>;
}

/** @throws Refusal where the archive holds nothing in the range. */
export async function backtest(clickhouse: ClickHouse, options: BacktestOptions): Promise<Backtest> {
  const { from, to, changes, rules } = options;
  const proposed = changed(rules, changes);
  const reached = concerned(changes);
  const reach = reachOf(reached, from, [rules, proposed]);
  const wanted = { from: options.lead ?? reach.from, to, kinds: reach.kinds };

  const sides = [rules, proposed].map((each, i) => {
    const outcomes = new Outcomes();
    const change = { kind: 'ruleChange' as const, ruleVersion: `backtest${i}`, rules: withoutShadows(each) };
    const open = (start: number) =>
      new MemoryChain({
        start,
        detectors: reached.windowed,
        ledgerRules: reached.ledger,
        rules: change,
        onFinding: (finding: Finding) => outcomes.tell(finding),
      });
    return { outcomes, open, chain: null as MemoryChain | null };
  });

  const step = to - from <= FINE_RANGE_MS ? 1_000 : 10_000;
  let [events, since] = [0, Number.POSITIVE_INFINITY];
  for await (const portion of archivedEvents(clickhouse, wanted)) {
    for (const event of portion) {
      if (event.origin.feed !== 'reference') since = Math.min(since, event.arrival);
      for (const side of sides) {
        // Reference may be years older: the clocks begin where the events do.
        side.chain ??= side.open(Math.max(wanted.from, event.arrival));
        const { chain } = side;
        if (event.arrival > wanted.from) {
          if (event.arrival < from) await chain.passTo(event.arrival, LEAD_MARK_MS);
          else {
            await chain.passTo(from, LEAD_MARK_MS);
            await chain.passTo(event.arrival, step);
          }
        }
        await chain.arrive(event);
      }
    }
    events += portion.length;
    options.onProgress(events, portion.at(-1)?.arrival ?? from);
  }
  let defects = 0;
  for (const { chain } of sides) {
    if (chain === null || !Number.isFinite(since))
      throw new Refusal(
        `The archive holds no event that these detectors read and that arrived before ${iso(to)}: is it the right namespace?`,
      );
    await chain.passTo(to, step);
    await chain.finish();
    defects += chain.defects;
  }
  const ids = [...reached.windowed, ...reached.ledger].map(({ id }) => id);
  const [today, then] = sides.map(({ outcomes }) => outcomes) as [Outcomes, Outcomes];
  return { events, since, defects, detectors: compare(today, then, ids, options) };
}

const iso = (ms: number) => new Date(ms).toISOString();
