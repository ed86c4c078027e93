// The filter of the subjects that stand in a table, made by the engine and brought over as words of bits.
import type { ClickHouse } from '@yunjian/clickhouse';
import { filterSize, PROBES, SPREAD, SubjectFilter } from './subject-filter.ts';

/** Rows of one query: tens of seconds on a loaded machine, less than a request may take. */
const ROWS_AT_ONCE = 8_000_000;
/** Words of 64 bits in a row of the answer. */
const WORDS = 512;

/** Behind a subject so many rows of a partition on; none: there are fewer. */
const borderQuery = (table: string) => `
  SELECT subject FROM ${table} WHERE partition = {partition: UInt16} AND subject > {after: String}
  ORDER BY subject LIMIT 1 OFFSET ${ROWS_AT_ONCE}
  SETTINGS max_threads = 1`;

/** The bits of SubjectFilter; `shift` is 32 less its size. */
const bitsQuery = (table: string, upTo: string) => `
  SELECT part, arrayStringConcat(arrayMap(bits -> leftPad(hex(bits), 16, '0'), words)) AS bytes
  FROM (
    SELECT intDiv(word, ${WORDS}) AS part, groupArrayInsertAt(toUInt64(0), ${WORDS})(bits, toUInt32(word % ${WORDS})) AS words
    FROM (
      SELECT intDiv(bit, 64) AS word, groupBitOr(bitShiftLeft(toUInt64(1), bit % 64)) AS bits
      FROM (
        SELECT bitAnd(toUInt64(CRC32(subject)) * ${SPREAD}, 4294967295) AS first, toUInt64(murmurHash3_32(subject)) AS step,
          bitShiftRight(bitAnd(first + step * arrayJoin(range(${PROBES})), 4294967295), {shift: UInt8}) AS bit
        FROM ${table} WHERE partition = {partition: UInt16} AND subject > {after: String} ${upTo}
      )
      GROUP BY word
    )
    GROUP BY part
  )
  SETTINGS max_threads = 1`;

/** Every subject of which the partition has a row by the call is in it. */
export async function storedSubjects(clickhouse: ClickHouse, table: string, partition: number): Promise<SubjectFilter> {
  const [known] = await clickhouse.query<{ rows: number }>(
    `SELECT count() AS rows FROM ${table} WHERE partition = {partition: UInt16}`,
    { partition },
  );
  const size = filterSize(known?.rows ?? 0);
  const filter = new SubjectFilter(size);
  let after: string | undefined = '';
  while (after !== undefined) {
    const [border]: { subject: string }[] = await clickhouse.query(borderQuery(table), { partition, after });
    const upTo = border === undefined ? '' : 'AND subject <= {upTo: String}';
    const params = { partition, after, shift: 32 - size, ...(border === undefined ? {} : { upTo: border.subject }) };
    for (const { part, bytes } of await clickhouse.query<{ part: number; bytes: string }>(
      bitsQuery(table, upTo),
      params,
    ))
      filter.join(Buffer.from(bytes, 'hex'), part * WORDS * 8);
    after = border?.subject;
  }
  return filter;
}
