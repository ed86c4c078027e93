// The ledger's rows in ClickHouse.
import type { ClickHouse } from '@yunjian/clickhouse';
import { decodeLane, type LaneEvent } from '@yunjian/contracts';
import type { LedgerRow } from '@yunjian/detection';
import { type LedgerHistory, MAX_ROWS } from './history.ts';

/** @param lane which of the ledgers: its table is `ledger_<lane>` */
export function clickhouseHistory(clickhouse: ClickHouse, lane: 'code' | 'person'): LedgerHistory {
  const table = `ledger_${lane}`;
  const ofCodes = lane === 'code';
  return {
    insert: async (partition, rows) => {
      const columns = ['subject', 'partition', 'position', ...(ofCodes ? ['items'] : []), 'arrival', 'record'];
      await clickhouse.insert(
        table,
        columns,
        rows.map(({ subject, position, items, event, value }) => [
          subject,
          partition,
          position,
          ...(ofCodes ? [items] : []),
          event.arrival,
          value.toString('utf8'),
        ]),
      );
    },
    read: async (partition, subjects) => {
      const history = new Map<string, LedgerRow[]>(subjects.map((subject) => [subject, []]));
      if (subjects.length === 0) return history;
      const rows = await clickhouse.query<{ subject: string; position: number; record: string }>(
        `SELECT DISTINCT subject, position, record FROM ${table}
         WHERE subject IN {subjects: Array(String)} AND partition = {partition: UInt16}
         ORDER BY subject, position LIMIT {limit: UInt32} BY subject`,
        { subjects, partition, limit: MAX_ROWS + 1 },
      );
      for (const { subject, position, record } of rows)
        history.get(subject)?.push({ position, event: decodeLane(Buffer.from(record)) as LaneEvent });
      return history;
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
