// The ledger's rows in ClickHouse. Rows are inserted in portions, and until a portion is acknowledged they are read from memory: a
// verdict waits for one read, and not for an insert.
import type { ClickHouse } from '@yunjian/clickhouse';
import { decodeLane, type LaneEvent } from '@yunjian/contracts';
import type { LedgerRow } from '@yunjian/detection';
import { clickhouseWakes } from './clickhouse-wakes.ts';
import { gathering } from './gathering.ts';
import { type LedgerHistory, MAX_ROWS, type StoredRow } from './history.ts';
import type { LedgerLane } from './rows.ts';
import { UnstoredRows } from './unstored.ts';

/** Inserts begin at least this far apart: an insert of 20 rows costs ClickHouse as much as one of 2,000, and each leaves a part to merge, ms. */
const INSERT_EVERY_MS = 500;

/** A prefix is a range of the table's key; a whole catalogue of them would be a query that no server reads. */
const PREFIXES_AT_ONCE = 200;

/** @param lane which of the ledgers: its table is `ledger_<lane>` */
export function clickhouseHistory(clickhouse: ClickHouse, lane: LedgerLane): LedgerHistory {
  const table = `ledger_${lane}`;
  const ofCodes = lane === 'code';
  const columns = ['subject', 'partition', 'position', ...(ofCodes ? ['items'] : []), 'arrival', 'record'];
  const unstored = new UnstoredRows();

  const insertAll = gathering(async (batches: { partition: number; rows: readonly StoredRow[] }[]): Promise<null[]> => {
    await clickhouse.insert(
      table,
      columns,
      batches.flatMap(({ partition, rows }) =>
        rows.map(({ subject, position, items, event, value }) => [
          subject,
          partition,
          position,
          ...(ofCodes ? [items] : []),
          event.arrival,
          value.toString('utf8'),
        ]),
      ),
    );
    return batches.map(() => null);
  }, INSERT_EVERY_MS);

  const readAll = gathering(async (wanted: { partition: number; subjects: readonly string[] }[]) => {
    const answers = wanted.map(
      ({ subjects }) => new Map(subjects.map((subject): [string, LedgerRow[]] => [subject, []])),
    );
    const rows = await clickhouse.query<{ subject: string; partition: number; position: number; record: string }>(
      `SELECT DISTINCT subject, partition, position, record FROM ${table}
       WHERE subject IN {subjects: Array(String)} AND partition IN {partitions: Array(UInt16)}
       ORDER BY subject, partition, position LIMIT {limit: UInt32} BY subject, partition`,
      {
        subjects: [...new Set(wanted.flatMap(({ subjects }) => subjects))],
        partitions: [...new Set(wanted.map(({ partition }) => partition))],
        limit: MAX_ROWS + 1,
      },
    );
    for (const { subject, partition, position, record } of rows) {
      const event = decodeLane(Buffer.from(record)) as LaneEvent;
      for (const [i, { partition: of }] of wanted.entries())
        if (of === partition) answers[i]?.get(subject)?.push({ position, event });
    }
    return answers;
  });

  return {
    wakes: clickhouseWakes(clickhouse, lane),
    insert: async (partition, rows) => {
      if (rows.length === 0) return;
      unstored.add(partition, rows);
      await insertAll({ partition, rows });
      unstored.remove(partition, rows);
    },
    read: async (partition, subjects) => {
      if (subjects.length === 0) return new Map();
      // Looked up before the query begins: what is acknowledged meanwhile may or may not be in its answer.
      const recent = unstored.of(partition, subjects);
      const histories = await readAll({ partition, subjects });
      for (const [subject, rows] of recent) histories.set(subject, merged(histories.get(subject) ?? [], rows));
      return histories;
    },
    insertReference: async (partition, rows) => {
      await clickhouse.insert(
        'ledger_reference',
        ['lane', 'partition', 'position', 'record'],
        rows.map(({ position, value }) => [lane, partition, position, value.toString('utf8')]),
      );
    },
    readReference: async (partition) => {
      const rows = await clickhouse.query<{ position: number; record: string }>(
        `SELECT DISTINCT position, record FROM ledger_reference
         WHERE lane = {lane: String} AND partition = {partition: UInt16} ORDER BY position`,
        { lane, partition },
      );
      return rows.map(({ position, record }) => ({ position, value: Buffer.from(record) }));
    },
    soldSince: async (partition, wanted) => {
      if (!ofCodes || wanted.length === 0) return [];
      const recent = unstored.soldSince(partition, wanted);
      const stored = await clickhouse.query<{ subject: string; item: string }>(
        `SELECT DISTINCT subject, arrayJoin(items) AS item FROM ${table}
         WHERE partition = {partition: UInt16} AND hasAny(items, {items: Array(String)})
           AND arrival >= fromUnixTimestamp64Milli({since: Int64})`,
        {
          partition,
          items: [...new Set(wanted.map(({ item }) => item))],
          since: Math.min(...wanted.map(({ since }) => since)),
        },
      );
      return [...recent, ...stored];
    },
    codesSince: async (partition, wanted) => {
      if (!ofCodes) return [];
      const found = new Set(unstored.codesSince(partition, wanted));
      for (let from = 0; from < wanted.length; from += PREFIXES_AT_ONCE) {
        const portion = wanted.slice(from, from + PREFIXES_AT_ONCE);
        const conditions = portion.map((_, n) => `startsWith(subject, {p${n}: String})`).join(' OR ');
        const rows = await clickhouse.query<{ subject: string }>(
          `SELECT DISTINCT subject FROM ${table} WHERE (${conditions})
             AND partition = {partition: UInt16} AND arrival >= fromUnixTimestamp64Milli({since: Int64})`,
          {
            partition,
            since: Math.min(...portion.map(({ since }) => since)),
            ...Object.fromEntries(portion.map(({ prefix }, n) => [`p${n}`, prefix])),
          },
        );
        for (const { subject } of rows) found.add(subject);
      }
      return [...found];
    },
  };
}

/** By position, each once, at most one more than a subject may have. */
function merged(stored: readonly LedgerRow[], recent: readonly LedgerRow[]): LedgerRow[] {
  const rows = new Map<number, LedgerRow>();
  for (const row of stored) rows.set(row.position, row);
  for (const row of recent) rows.set(row.position, row);
  return [...rows.values()].sort((a, b) => a.position - b.position).slice(0, MAX_ROWS + 1);
}
