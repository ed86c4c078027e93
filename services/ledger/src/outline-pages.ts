// A partition's outlines as ClickHouse holds them, page by page in the order of persons.
import type { ClickHouse } from '@yunjian/clickhouse';
import { decodeLane, type LaneEvent } from '@yunjian/contracts';
import type { PageOfOutlines } from './filed-outlines.ts';
import type { OutlineText } from './outline-file.ts';
import { outlineRow } from './outlines.ts';

/** One thread, since what is judged comes first; in the order of the key, so that a page reads no more than itself. */
const PAGE = `
  SELECT subject, countIf(empty(outline)), arrayStringConcat(groupArrayIf(outline, notEmpty(outline)), ',') FROM ledger_person
  WHERE partition = {partition: UInt16} AND position >= {from: UInt64} AND subject > {after: String}
  GROUP BY subject ORDER BY subject LIMIT {limit: UInt32}
  SETTINGS max_threads = 1, optimize_aggregation_in_order = 1`;

/** Rows of a version that wrote no outlines. */
const RECORDS = `
  SELECT subject, position, record FROM ledger_person
  WHERE subject IN {subjects: Array(String)} AND partition = {partition: UInt16} AND position >= {from: UInt64} AND empty(outline)`;

export function outlinePages(clickhouse: ClickHouse): PageOfOutlines {
  return async ({ partition, from, after, limit }) => {
    const lines = await clickhouse.lines(PAGE, { partition, from, after, limit });
    const without: string[] = [];
    const page = lines.map((line): OutlineText => {
      const [subject = '', missing, text = ''] = line.split('\t');
      if (missing !== '0') without.push(subject);
      return { subject, text };
    });
    if (without.length === 0) return page;
    const rows = await clickhouse.query<{ subject: string; position: number; record: string }>(RECORDS, {
      subjects: without,
      partition,
      from,
    });
    const made = Map.groupBy(rows, ({ subject }) => subject);
    return page.map(({ subject, text }) => {
      const own = (made.get(subject) ?? []).map(({ position, record }) =>
        JSON.stringify(outlineRow(partition, { position, event: decodeLane(Buffer.from(record)) as LaneEvent })),
      );
      return { subject, text: [...(text === '' ? [] : [text]), ...own].join(',') };
    });
  };
}
