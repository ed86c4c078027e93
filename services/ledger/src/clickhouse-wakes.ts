// Timers, what waits for facts, and clocks in ClickHouse. What is on its way there is read from memory.
import type { ClickHouse } from '@yunjian/clickhouse';
import { gathering } from './gathering.ts';
import type { LedgerLane } from './rows.ts';
import type { Parked, Timer, WakeStore } from './wakes.ts';

/** Nobody waits for these rows but the lane's offset: many go into one insert, ms. */
const INSERT_EVERY_MS = 1_000;

type Insert = (rows: unknown[][]) => Promise<void>;
/** All lanes of a process share an insert: a few rows cost the engine as much as thousands. */
const shared = new WeakMap<ClickHouse, { timers: Insert; parked: Insert; clocks: Insert }>();

function insertsOf(clickhouse: ClickHouse) {
  const known = shared.get(clickhouse);
  if (known !== undefined) return known;
  const into = (table: string, columns: readonly string[]): Insert => {
    const insert = gathering(async (batches: unknown[][][]): Promise<null[]> => {
      await clickhouse.insert(table, columns, batches.flat());
      return batches.map(() => null);
    }, INSERT_EVERY_MS);
    return async (rows) => {
      if (rows.length > 0) await insert(rows);
    };
  };
  const made = {
    timers: into('ledger_timer', ['lane', 'partition', 'due', 'subject']),
    parked: into('ledger_parked', ['lane', 'partition', 'fact', 'subject', 'position']),
    clocks: into('ledger_clock', ['lane', 'partition', 'position', 'record']),
  };
  shared.set(clickhouse, made);
  return made;
}

export function clickhouseWakes(clickhouse: ClickHouse, lane: LedgerLane): WakeStore {
  const timersOnTheWay = new Map<number, Set<Timer>>();
  const parkedOnTheWay = new Map<number, Set<Parked>>();
  const { timers: insertTimers, parked: insertParked, clocks: insertClock } = insertsOf(clickhouse);

  return {
    addTimers: (partition, timers) =>
      onTheWay(timersOnTheWay, partition, timers, () =>
        insertTimers(timers.map(({ due, subject }) => [lane, partition, due, subject])),
      ),
    timers: async (partition, after, upTo) => {
      const recent = [...(timersOnTheWay.get(partition) ?? [])].filter(({ due }) => due > after && due <= upTo);
      const stored = await clickhouse.query<Timer>(
        `SELECT DISTINCT due, subject FROM ledger_timer
         WHERE lane = {lane: String} AND partition = {partition: UInt16} AND due > {after: Int64} AND due <= {upTo: Int64}`,
        { lane, partition, after: Math.max(after, 0), upTo },
      );
      return [...recent, ...stored];
    },
    park: (partition, parked) =>
      onTheWay(parkedOnTheWay, partition, parked, () =>
        insertParked(parked.map(({ fact, subject, position }) => [lane, partition, fact, subject, position])),
      ),
    parked: async (partition, facts) => {
      if (facts.length === 0) return [];
      const wanted = new Set(facts);
      const recent = [...(parkedOnTheWay.get(partition) ?? [])].filter(({ fact }) => wanted.has(fact));
      const stored = await clickhouse.query<Parked>(
        `SELECT fact, subject, min(position) AS position FROM ledger_parked
         WHERE lane = {lane: String} AND partition = {partition: UInt16} AND fact IN {facts: Array(String)}
         GROUP BY fact, subject`,
        { lane, partition, facts: [...wanted] },
      );
      return [...recent, ...stored];
    },
    keepClock: (partition, position, value) => insertClock([[lane, partition, position, value.toString('utf8')]]),
    clockBelow: async (partition, position) => {
      const [last] = await clickhouse.query<{ record: string }>(
        `SELECT record FROM ledger_clock
         WHERE lane = {lane: String} AND partition = {partition: UInt16} AND position < {position: UInt64}
         ORDER BY position DESC LIMIT 1`,
        { lane, partition, position },
      );
      return last === undefined ? null : Buffer.from(last.record);
    },
  };
}

async function onTheWay<T>(
  all: Map<number, Set<T>>,
  partition: number,
  rows: readonly T[],
  insert: () => Promise<void>,
): Promise<void> {
  const known = all.get(partition) ?? new Set<T>();
  all.set(partition, known);
  for (const row of rows) known.add(row);
  await insert();
  for (const row of rows) known.delete(row);
}
