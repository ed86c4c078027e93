// The ledger's rows in ClickHouse.
import type { ClickHouse } from '@yunjian/clickhouse';
import { decodeLane, type LaneEvent } from '@yunjian/contracts';
import type { LedgerRow } from '@yunjian/detection';
import { gathering } from './gathering.ts';
import { type LedgerHistory, MAX_ROWS, type StoredRow } from './history.ts';

/** @param lane which of the ledgers: its table is `ledger_<lane>` */
export function clickhouseHistory(clickhouse: ClickHouse, lane: 'code' | 'person'): LedgerHistory {
  const table = `ledger_${lane}`;
  const ofCodes = lane === 'code';
  const columns = ['subject', 'partition', 'position', ...(ofCodes ? ['items'] : []), 'arrival', 'record'];

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
  });

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
    insert: async (partition, rows) => {
      if (rows.length > 0) await insertAll({ partition, rows });
    },
    read: async (partition, subjects) => (subjects.length === 0 ? new Map() : readAll({ partition, subjects })),
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
      return clickhouse.query<{ subject: string; item: string }>(
        `SELECT DISTINCT item, subject FROM ledger_sold
         WHERE partition = {partition: UInt16} AND item IN {items: Array(String)} AND arrival >= fromUnixTimestamp64Milli({since: Int64})`,
        {
          partition,
          items: [...new Set(wanted.map(({ item }) => item))],
          since: Math.min(...wanted.map(({ since }) => since)),
        },
      );
    },
  };
}
