// GET /api/bulletins: the quarters' bulletins as they were issued, as a page to print, CSV or XLSX.
import { csvOf, issueOf, issuesOf, pageOf, xlsxOf } from '@yunjian/bulletin';
import type { ClickHouse } from '@yunjian/clickhouse';
import { z } from 'zod';
import { archived } from './archive.ts';
import { ProblemError } from './problem.ts';

export interface BulletinFile {
  type: string;
  /** File name, ASCII. */
  name: string;
  body: string | Buffer;
}

/** @throws ProblemError; z.ZodError for a bad query. */
export interface Bulletins {
  /** JSON text: every revision, the latest first. */
  list(): Promise<string>;
  file(quarter: string, params: URLSearchParams): Promise<BulletinFile>;
}

const QUARTER = /^(\d{4})Q([1-4])$/;
const fileQuery = z.strictObject({
  format: z.enum(['html', 'csv', 'xlsx']).default('html'),
  revision: z.coerce.number().int().min(1).optional(),
});
const TYPES = {
  html: 'text/html; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** @param onUnavailable ClickHouse has not answered */
export function createBulletins(clickhouse: ClickHouse, onUnavailable: (error: Error) => void): Bulletins {
  const answered = <T>(answer: Promise<T>): Promise<T> => archived(answer, onUnavailable);
  return {
    list: async () => {
      const bulletins = (await answered(issuesOf(clickhouse))).map(({ issuedAt, ...entry }) => ({
        ...entry,
        issued_at: issuedAt,
      }));
      return JSON.stringify({ bulletins });
    },
    file: async (text, params) => {
      const { format, revision } = fileQuery.parse(Object.fromEntries(params));
      const [, year, quarter] = QUARTER.exec(text) ?? [];
      if (year === undefined)
        throw new ProblemError({
          status: 400,
          title: 'Bad Request',
          detail: `季度的写法应如 2026Q3 / the path names ${JSON.stringify(text)}, expected a quarter such as 2026Q3`,
        });
      const asked = { year: Number(year), quarter: Number(quarter) as 1 | 2 | 3 | 4 };
      const issue = await answered(issueOf(clickhouse, asked, revision ?? null));
      if (issue === null)
        throw new ProblemError({
          status: 404,
          title: 'Not Found',
          detail: `${text} 未出具该通报 / no such bulletin of ${text} was issued`,
        });
      const name = `bulletin-${text}-r${issue.revision}.${format}`;
      const body =
        format === 'html' ? pageOf(issue) : format === 'csv' ? csvOf(issue.figures) : await xlsxOf(issue.figures);
      return { type: TYPES[format], name, body };
    },
  };
}
