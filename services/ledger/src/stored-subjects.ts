// The filters of the subjects that stand in a table: the engine hashes them, and here the bits are set.
import type { ClickHouse } from '@yunjian/clickhouse';
import { filterSize, SubjectFilter } from './subject-filter.ts';
import { takingTurns } from './turns.ts';

/** Rows of one query: forty megabytes of hashes, and seconds on a loaded machine. */
const ROWS_AT_ONCE = 4_000_000;
/** A partition and two hashes, each with its lowest byte first. */
const ROW_BYTES = 10;
/** Rows between two looks at the clock. */
const TURN_ROWS = 10_000;

/** Behind a subject so many rows on; none: there are fewer. One thread, since what is judged comes first. */
const borderQuery = (table: string) => `
  SELECT subject FROM ${table} WHERE partition IN {partitions: Array(UInt16)} AND subject > {after: String}
  ORDER BY subject LIMIT 1 OFFSET ${ROWS_AT_ONCE}
  SETTINGS max_threads = 1`;

/** The hashes of SubjectFilter. */
const hashesQuery = (table: string, upTo: string) => `
  SELECT partition, CRC32(subject), murmurHash3_32(subject)
  FROM ${table} WHERE partition IN {partitions: Array(UInt16)} AND subject > {after: String} ${upTo}
  SETTINGS max_threads = 1
  FORMAT RowBinary`;

/** By partition, every subject of which it has a row by the call. */
export async function storedSubjects(
  clickhouse: ClickHouse,
  table: string,
  partitions: number[],
): Promise<Map<number, SubjectFilter>> {
  const counts = await clickhouse.query<{ partition: number; rows: number }>(
    `SELECT partition, count() AS rows FROM ${table} WHERE partition IN {partitions: Array(UInt16)} GROUP BY partition`,
    { partitions },
  );
  const rows = new Map(counts.map((each) => [each.partition, each.rows]));
  const filters = new Map(
    partitions.map((partition) => [partition, new SubjectFilter(filterSize(rows.get(partition) ?? 0))]),
  );
  let after: string | undefined = '';
  while (after !== undefined) {
    const [border]: { subject: string }[] = await clickhouse.query(borderQuery(table), { partitions, after });
    const upTo = border === undefined ? '' : 'AND subject <= {upTo: String}';
    const params = { partitions, after, ...(border === undefined ? {} : { upTo: border.subject }) };
    await addAll(filters, await clickhouse.bytes(hashesQuery(table, upTo), params));
    after = border?.subject;
  }
  return filters;
}

async function addAll(filters: ReadonlyMap<number, SubjectFilter>, hashes: Buffer): Promise<void> {
  const turns = takingTurns();
  for (let from = 0; from < hashes.length; from += TURN_ROWS * ROW_BYTES) {
    await turns();
    const end = Math.min(hashes.length, from + TURN_ROWS * ROW_BYTES);
    for (let at = from; at < end; at += ROW_BYTES)
      filters.get(hashes.readUInt16LE(at))?.addHashed(hashes.readUInt32LE(at + 2), hashes.readUInt32LE(at + 6));
  }
}
