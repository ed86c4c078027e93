// Issuing: figures that differ from the last revision become the next one, kept for ever; the same again issues nothing.
import type { ClickHouse } from '@yunjian/clickhouse';
import { digest, isoShanghai, type Quarter } from '@yunjian/contracts';
import { institutionsOf } from './archive.ts';
import { excuseOf, trendOf } from './cells.ts';
import { type BulletinRow, type Figures, figuresOf } from './figures.ts';
import { money } from './words.ts';

export interface Issue {
  figures: Figures;
  /** From 1. */
  revision: number;
  /** ISO 8601 */
  issuedAt: string;
  /** What differs from the revision before, in words; empty in the first. */
  changes: string[];
  /** Whether this call issued it. */
  fresh: boolean;
}

interface Stored {
  revision: number;
  issued_at: string;
  hash: string;
  figures: string;
  changes: string;
}

/** A revision in a list. */
export interface IssueEntry extends Quarter {
  revision: number;
  /** ISO 8601 */
  issuedAt: string;
  institutions: number;
  /** Of them ahead of schedule by 10 % or more without justification. */
  ahead: number;
}

/** Every revision of every quarter, the latest first. */
export async function issuesOf(clickhouse: ClickHouse): Promise<IssueEntry[]> {
  const rows = await clickhouse.query<Stored & Quarter>(
    'SELECT year, quarter, revision, issued_at, hash, figures, changes FROM bulletins ORDER BY year DESC, quarter DESC, revision DESC LIMIT 1 BY year, quarter, revision',
  );
  return rows.map(({ year, quarter, revision, issued_at, figures }) => {
    const { rows: institutions } = JSON.parse(figures) as Figures;
    return {
      year,
      quarter,
      revision,
      issuedAt: issued_at,
      institutions: institutions.length,
      ahead: institutions.filter(({ tier }) => tier > 0).length,
    };
  });
}

/** A revision, the last one where none is named; null: it was never issued. */
export async function issueOf(
  clickhouse: ClickHouse,
  { year, quarter }: Quarter,
  revision: number | null = null,
): Promise<Issue | null> {
  const [stored] = await clickhouse.query<Stored>(
    `SELECT revision, issued_at, hash, figures, changes FROM bulletins
     WHERE year = {year: UInt16} AND quarter = {quarter: UInt8} AND {revision: UInt32} IN (0, revision)
     ORDER BY revision DESC, issued_at LIMIT 1`,
    { year, quarter, revision: revision ?? 0 },
  );
  if (stored === undefined) return null;
  return {
    figures: JSON.parse(stored.figures) as Figures,
    revision: stored.revision,
    issuedAt: stored.issued_at,
    changes: JSON.parse(stored.changes) as string[],
    fresh: false,
  };
}

/**
 * Computes the quarter and issues it where it says something else than the last revision.
 * @param now ms
 * @throws Error when no institution has a budget in the quarter
 */
export async function issueBulletin(clickhouse: ClickHouse, quarter: Quarter, now: number): Promise<Issue> {
  const figures = figuresOf(quarter, await institutionsOf(clickhouse, quarter), now);
  if (figures.rows.length === 0)
    throw new Error(
      `no institution has a budget in ${quarter.year}Q${quarter.quarter}: expected budgets in the archive`,
    );
  const last = await issueOf(clickhouse, quarter);
  const changes = last === null ? [] : changesBetween(last.figures, figures);
  if (last !== null && changes.length === 0) return last;
  const text = JSON.stringify(figures);
  const issue: Issue = {
    figures,
    revision: (last?.revision ?? 0) + 1,
    issuedAt: isoShanghai(now),
    changes,
    fresh: true,
  };
  await clickhouse.insert(
    'bulletins',
    ['year', 'quarter', 'revision', 'issued_at', 'hash', 'figures', 'changes'],
    [
      [
        quarter.year,
        quarter.quarter,
        issue.revision,
        issue.issuedAt,
        digest(text),
        text,
        JSON.stringify(issue.changes),
      ],
    ],
  );
  return issue;
}

/** All that a reader of the bulletin sees differ, in words. */
export function changesBetween(before: Figures, after: Figures): string[] {
  const known = new Map(before.rows.map((row) => [row.code, row]));
  const changes = before.asOf === after.asOf ? [] : [`数据截至 ${before.asOf} → ${after.asOf} (as of)`];
  if (after.complete && !before.complete) changes.push('季度已结束 (the quarter is over)');
  for (const row of after.rows) {
    const was = known.get(row.code);
    known.delete(row.code);
    if (was === undefined) changes.push(`${row.name}:新增 (added)`);
    else changes.push(...rowChanges(was, row, before.asOf === after.asOf));
  }
  for (const row of known.values()) changes.push(`${row.name}:不再列入 (no longer listed)`);
  return changes;
}

/** @param sameDay as of which both are: on another one another spending is scheduled */
function rowChanges(was: BulletinRow, row: BulletinRow, sameDay: boolean): string[] {
  const changes: string[] = [];
  const differs = (zh: string, en: string, a: string, b: string) => {
    if (a !== b) changes.push(`${row.name}:${zh} ${a} → ${b} (${en})`);
  };
  differs('机构名称', 'name', was.name, row.name);
  differs('已支出', 'spent', money(was.spend), money(row.spend));
  differs('预算', 'budget', money(was.budget), money(row.budget));
  if (sameDay) differs('序时应支出', 'scheduled', money(was.scheduled), money(row.scheduled));
  differs('档位', 'tier', String(was.tier), String(row.tier));
  differs('前几季度', 'quarters before', trendOf(was) || '无', trendOf(row) || '无');
  differs('正当理由', 'justification', excuseOf(was) || '无', excuseOf(row) || '无');
  return changes;
}
