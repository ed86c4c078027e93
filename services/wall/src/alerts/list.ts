// GET /api/alerts: pages of alerts, newest version first, with an opaque cursor.
import { z } from 'zod';
import { compile, filterSchema } from './filter.ts';
import type { AlertStore } from './store.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;

const cursorSchema = z.tuple([z.string(), z.int().min(0)]);

/** Query of the list: the filter's fields (repeatable), `limit` 1–500 and `cursor`. */
const listQuery = z.strictObject({
  ...filterSchema.shape,
  level: z
    .union([
      z.coerce
        .number()
        .int()
        .min(1)
        .max(4)
        .transform((n) => [n]),
      z.array(z.coerce.number().int().min(1).max(4)),
    ])
    .optional(),
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
  cursor: z.string().max(200).optional(),
});

export class CursorError extends Error {}

/**
 * @returns JSON text `{alerts, next_cursor}`; `next_cursor` is null on the last page. An alert that changes while somebody pages
 * moves to the front and is not shown again further down.
 * @throws z.ZodError for a bad query, CursorError for a cursor that is none or belongs to another log.
 */
export function listAlerts(store: AlertStore, epoch: string, params: URLSearchParams): string {
  const { limit, cursor, ...fields } = listQuery.parse(grouped(params));
  const filter = compile(fields);
  const page: string[] = [];
  let last = 0;
  let more = false;
  for (const entry of store.newestFirst(cursor === undefined ? undefined : readCursor(cursor, epoch))) {
    if (!filter.matches(entry)) continue;
    if (page.length === limit) {
      more = true;
      break;
    }
    page.push(entry.json);
    last = entry.position;
  }
  const next = more ? JSON.stringify(writeCursor(epoch, last)) : 'null';
  return `{"alerts":[${page.join(',')}],"next_cursor":${next}}`;
}

function grouped(params: URLSearchParams): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {};
  for (const name of new Set(params.keys())) {
    const values = params.getAll(name).filter((value) => value !== '');
    if (values.length > 0) fields[name] = values.length === 1 ? (values[0] as string) : values;
  }
  return fields;
}

function writeCursor(epoch: string, position: number): string {
  return Buffer.from(JSON.stringify([epoch, position])).toString('base64url');
}

function readCursor(cursor: string, epoch: string): number {
  try {
    const [of, position] = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    if (of === epoch) return position;
  } catch {
    throw new CursorError(
      'cursor 应为上一页的 next_cursor,请不带它重新开始 / cursor: expected the next_cursor of an earlier page, got other text; start again without one',
    );
  }
  throw new CursorError(
    'cursor 属于另一份预警日志,请不带它重新开始 / cursor: it belongs to another alert log; start again without one',
  );
}
