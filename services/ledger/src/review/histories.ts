// Histories of the subjects of reviews, read together: what comes while a query is under way shares the next one.
import type { ClickHouse } from '@yunjian/clickhouse';
import { decodeLane, type LaneEvent } from '@yunjian/contracts';
import { gathering } from '../gathering.ts';
import type { LedgerLane } from '../rows.ts';

/** A subject with more documents than this is not reviewed: it is no person, and no box. */
export const MAX_REVIEWED = 2_000;

export interface Subject {
  lane: LedgerLane;
  ref: string;
}

/** Rows of each subject, in the order asked; null of one with more than MAX_REVIEWED. Rejects when the database has not answered in time. */
export type ReadHistories = (subjects: readonly Subject[]) => Promise<(LaneEvent[] | null)[]>;

interface Row {
  lane: LedgerLane;
  subject: string;
  record: string;
}

const SQL = (['person', 'code'] as const)
  .map(
    (lane) =>
      `SELECT '${lane}' AS lane, subject, record FROM ledger_${lane} WHERE subject IN {${lane}: Array(String)} LIMIT {limit: UInt32} BY subject`,
  )
  .map((each) => `SELECT * FROM (${each})`)
  .join(' UNION ALL ');

/** @param withinMs how long one query may take */
export function readingHistories(clickhouse: ClickHouse, withinMs: number): ReadHistories {
  return gathering(async (asked: (readonly Subject[])[]) => {
    const wanted = asked.flat();
    const of = (lane: LedgerLane) => [...new Set(wanted.filter((each) => each.lane === lane).map(({ ref }) => ref))];
    const params = { person: of('person'), code: of('code'), limit: MAX_REVIEWED + 1 };
    const rows = new Map<string, string[]>();
    for (const { lane, subject, record } of await clickhouse.ask<Row>(SQL, params, withinMs)) {
      const key = `${lane} ${subject}`;
      const known = rows.get(key);
      if (known === undefined) rows.set(key, [record]);
      else known.push(record);
    }
    return asked.map((subjects) => subjects.map(({ lane, ref }) => eventsOf(rows.get(`${lane} ${ref}`) ?? [])));
  });
}

function eventsOf(records: readonly string[]): LaneEvent[] | null {
  if (records.length > MAX_REVIEWED) return null;
  return records.map((record) => decodeLane(Buffer.from(record)) as LaneEvent);
}
