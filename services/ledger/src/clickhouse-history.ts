// The ledger's rows in ClickHouse. Rows are inserted in portions, and until a portion is acknowledged they are read from memory: a
// verdict waits for one read, and not for an insert.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouse } from '@yunjian/clickhouse';
import { decodeLaneLines, type LaneEvent } from '@yunjian/contracts';
import type { LedgerRow } from '@yunjian/detection';
import { clickhouseWakes } from './clickhouse-wakes.ts';
import type { FiledOutlines } from './filed-outlines.ts';
import { gathering } from './gathering.ts';
import { type LedgerHistory, MAX_ROWS, type SoldRow, type StoredRow } from './history.ts';
import { type Outlined, type OutlineRow, outlined, outlineRow } from './outlines.ts';
import type { LedgerLane } from './rows.ts';
import { storedSubjects } from './stored-subjects.ts';
import type { SubjectFilter } from './subject-filter.ts';
import { UnstoredRows } from './unstored.ts';

/** Inserts begin at least this far apart: an insert of 20 rows costs ClickHouse as much as one of 2,000, and each leaves a part to merge, ms. */
const INSERT_EVERY_MS = 500;

/** Partitions that are assigned together learn in one go which subjects they hold: these lie among each other in the table, ms. */
const GATHERED_MS = 500;

/** A prefix is a range of the table's key; a whole catalogue of them would be a query that no server reads. */
const PREFIXES_AT_ONCE = 200;

/**
 * @param lane which of the ledgers: its table is `ledger_<lane>`
 * @param filed outlines in a file of this process; null: ClickHouse is asked for them
 */
export function clickhouseHistory(
  clickhouse: ClickHouse,
  lane: LedgerLane,
  filed: FiledOutlines | null = null,
): LedgerHistory {
  const table = `ledger_${lane}`;
  const ofCodes = lane === 'code';
  const withItems = lane !== 'institution';
  const ofPersons = lane === 'person';
  const columns = [
    ...['subject', 'partition', 'position', ...(withItems ? ['items'] : []), ...(ofPersons ? ['outline'] : [])],
    ...['arrival', 'record'],
  ];
  const unstored = new UnstoredRows();

  const insertAll = gathering(async (batches: { partition: number; rows: readonly StoredRow[] }[]): Promise<null[]> => {
    await clickhouse.insert(
      table,
      columns,
      batches.flatMap(({ partition, rows }) =>
        rows.map((row) => [
          row.subject,
          partition,
          row.position,
          ...(withItems ? [row.items] : []),
          ...(ofPersons ? [JSON.stringify(outlineRow(partition, row))] : []),
          row.event.arrival,
          row.value.toString('utf8'),
        ]),
      ),
    );
    return batches.map(() => null);
  }, INSERT_EVERY_MS);

  /** Rows as they stand in the table: one inserted twice may come twice. */
  const readRows = async (
    subjects: string[],
    partitions: number[],
    distinct: 'DISTINCT' | '',
    take: (row: { subject: string; partition: number; position: number; hot: string; cold: string }) => void,
  ): Promise<void> => {
    // A record is two lines: between tabs they come as two values.
    const lines = await clickhouse.lines(
      `SELECT ${distinct} subject, partition, position, replaceOne(record, '\\n', '\\t') FROM ${table}
       WHERE subject IN {subjects: Array(String)} AND partition IN {partitions: Array(UInt16)}
       ORDER BY subject, partition, position LIMIT {limit: UInt32} BY subject, partition`,
      { subjects, partitions, limit: MAX_ROWS + 1 },
    );
    for (const line of lines) {
      const [subject = '', partition, position, hot = '', cold = ''] = line.split('\t');
      take({ subject, partition: Number(partition), position: Number(position), hot, cold });
    }
  };

  const readAll = gathering(async (wanted: { partition: number; subjects: readonly string[] }[]) => {
    const subjects = [...new Set(wanted.flatMap((each) => each.subjects))];
    const partitions = [...new Set(wanted.map(({ partition }) => partition))];
    const asked = Map.groupBy(wanted.keys(), (i) => (wanted[i] as (typeof wanted)[number]).partition);
    const read = async (distinct: 'DISTINCT' | '') => {
      const answers = wanted.map(
        (each) => new Map(each.subjects.map((subject): [string, LedgerRow[]] => [subject, []])),
      );
      let [last, lastPartition, lastPosition, rows] = ['', -1, -1, 0];
      let isCutOff = false;
      await readRows(subjects, partitions, distinct, ({ subject, partition, position, hot, cold }) => {
        if (subject !== last || partition !== lastPartition) rows = 0;
        else if (position === lastPosition && ++rows > 0) return;
        rows++;
        [last, lastPartition, lastPosition] = [subject, partition, position];
        isCutOff ||= rows > MAX_ROWS;
        const event = decodeLaneLines(hot, cold) as LaneEvent;
        for (const i of asked.get(partition) ?? []) answers[i]?.get(subject)?.push({ position, event });
      });
      return { answers, isCutOff };
    };
    const { answers, isCutOff } = await read('');
    // How many a subject has that was cut off is known of distinct rows alone; for all others comparing records is wasted.
    return isCutOff ? (await read('DISTINCT')).answers : answers;
  });

  const readOutlines = gathering(async (wanted: { partition: number; subjects: readonly string[] }[]) => {
    const lines = await clickhouse.lines(
      `SELECT subject, if(countIf(empty(outline)) > 0, '', arrayStringConcat(groupArray(outline), ',')) FROM ${table}
       WHERE subject IN {subjects: Array(String)} GROUP BY subject SETTINGS max_threads = 1`,
      { subjects: [...new Set(wanted.flatMap(({ subjects }) => subjects))] },
    );
    const found = new Map<string, string>();
    for (const line of lines) {
      const tab = line.indexOf('\t');
      found.set(line.slice(0, tab), line.slice(tab + 1));
    }
    return wanted.map(() => found);
  });

  const learn = gathering(async (partitions: number[]) => {
    const filters = await storedSubjects(clickhouse, table, [...new Set(partitions)]);
    return partitions.map((partition) => filters.get(partition) as SubjectFilter);
  });

  return {
    wakes: clickhouseWakes(clickhouse, lane),
    insert: async (partition, rows) => {
      if (rows.length === 0) return;
      unstored.add(partition, rows);
      filed?.add(partition, rows);
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
    outlines: async (partition, subjects) => {
      if (subjects.length === 0) return new Map();
      const recent = unstored.of(partition, subjects);
      const texts = filed?.read(partition, subjects) ?? (await readOutlines({ partition, subjects }));
      return new Map(
        subjects.map((subject): [string, Outlined] => {
          const text = texts.get(subject);
          if (text === '') return [subject, NOT_OUTLINED];
          const rows = text === undefined ? [] : (JSON.parse(`[${text}]`) as OutlineRow[]);
          for (const row of recent.get(subject) ?? []) rows.push(outlineRow(partition, row));
          return [subject, outlined(partition, rows)];
        }),
      );
    },
    prepareOutlines: async (partition) => filed?.open(partition),
    seen: async (partition) => {
      await sleep(GATHERED_MS);
      return learn(partition);
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
      if (!withItems || wanted.length === 0) return [];
      const recent = unstored.soldSince(partition, wanted);
      const stored = await clickhouse.query<Omit<SoldRow, 'arrival'> & { received: number }>(
        `SELECT subject, arrayJoin(items) AS item, position, toUnixTimestamp64Milli(arrival) AS received FROM ${table}
         PREWHERE partition = {partition: UInt16} AND arrival >= fromUnixTimestamp64Milli({since: Int64})
         WHERE hasAny(items, {items: Array(String)})`,
        {
          partition,
          items: [...new Set(wanted.map(({ item }) => item))],
          since: Math.min(...wanted.map(({ since }) => since)),
        },
      );
      return [...recent, ...stored.map(({ received, ...row }) => ({ ...row, arrival: received }))];
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

/** Rows of a version that wrote none. */
const NOT_OUTLINED: Outlined = { positions: [], person: null };

/** By position, each once, at most one more than a subject may have. */
function merged(stored: readonly LedgerRow[], recent: readonly LedgerRow[]): LedgerRow[] {
  const rows = new Map<number, LedgerRow>();
  for (const row of stored) rows.set(row.position, row);
  for (const row of recent) rows.set(row.position, row);
  return [...rows.values()].sort((a, b) => a.position - b.position).slice(0, MAX_ROWS + 1);
}
