// A partition's outlines as ClickHouse holds them, page by page in the order of persons.
import type { ClickHouse } from '@yunjian/clickhouse';
import { decodeLane, type LaneEvent } from '@yunjian/contracts';
import type { PageOfOutlines, PartOfOutlines } from './filed-outlines.ts';
import { outlineRow } from './outlines.ts';

/** Rows of one page. */
const ROWS = 60_000;

/** Behind a person so many rows on; none: there are fewer. One thread, since what is judged comes first. */
const BORDER = `
  SELECT subject FROM ledger_person
  WHERE partition IN {partitions: Array(UInt16)} AND position >= {from: UInt64} AND subject > {after: String}
  ORDER BY subject LIMIT 1 OFFSET ${ROWS}
  SETTINGS max_threads = 1, max_block_size = 8192`;

/** Between two borders only what lies there is read; a limit would begin to read every part of the table. */
const page = (upTo: string) => `
  SELECT subject, partition, countIf(empty(outline)), arrayStringConcat(groupArrayIf(outline, notEmpty(outline)), ',')
  FROM ledger_person
  WHERE partition IN {partitions: Array(UInt16)} AND position >= {from: UInt64} AND subject > {after: String} ${upTo}
  GROUP BY subject, partition
  SETTINGS max_threads = 1`;

/** Rows of a version that wrote no outlines. */
const RECORDS = `
  SELECT subject, partition, position, record FROM ledger_person
  WHERE subject IN {subjects: Array(String)} AND partition IN {partitions: Array(UInt16)} AND position >= {from: UInt64} AND empty(outline)`;

/** Which ledger it is that ClickHouse holds: its table was made once. */
export async function ledgerId(clickhouse: ClickHouse): Promise<string> {
  const [table] = await clickhouse.query<{ uuid: string }>(
    `SELECT toString(uuid) AS uuid FROM system.tables WHERE database = currentDatabase() AND name = 'ledger_person'`,
  );
  if (table === undefined) throw new Error('clickhouse has no table ledger_person: apply the migrations');
  return table.uuid;
}

export function outlinePages(clickhouse: ClickHouse): PageOfOutlines {
  return async ({ partitions, from, after }) => {
    const [border] = await clickhouse.query<{ subject: string }>(BORDER, { partitions, from, after });
    const upTo = border === undefined ? '' : 'AND subject <= {upTo: String}';
    const bounds = { partitions, from, after, ...(border === undefined ? {} : { upTo: border.subject }) };
    const rows = await outlinesOf(clickhouse, page(upTo), bounds);
    return { rows, upTo: border?.subject ?? null };
  };
}

async function outlinesOf(
  clickhouse: ClickHouse,
  sql: string,
  bounds: { partitions: number[]; from: number; after: string },
): Promise<PartOfOutlines[]> {
  const lines = await clickhouse.lines(sql, bounds);
  const without: string[] = [];
  const parts = lines.map((line): PartOfOutlines => {
    const [subject = '', partition, missing, text = ''] = line.split('\t');
    if (missing !== '0') without.push(subject);
    return { subject, partition: Number(partition), text };
  });
  if (without.length === 0) return parts;
  const rows = await clickhouse.query<{ subject: string; partition: number; position: number; record: string }>(
    RECORDS,
    { subjects: without, partitions: bounds.partitions, from: bounds.from },
  );
  const made = Map.groupBy(rows, ({ subject, partition }) => `${partition}|${subject}`);
  return parts.map(({ subject, partition, text }) => {
    const own = (made.get(`${partition}|${subject}`) ?? []).map(({ position, record }) =>
      JSON.stringify(outlineRow(partition, { position, event: decodeLane(Buffer.from(record)) as LaneEvent })),
    );
    return { subject, partition, text: [...(text === '' ? [] : [text]), ...own].join(',') };
  });
}
