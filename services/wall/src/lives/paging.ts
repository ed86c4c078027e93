// Pages of a list that grows: a cursor names the last entry shown by its time and key, so nothing is shown twice or left out between pages.
import { z } from 'zod';
import { CursorError } from '../alerts/list.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;

/** `limit` and `cursor` of a query. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
  cursor: z.string().max(200).optional(),
};

export interface PageAsked {
  limit: number;
  cursor?: string | undefined;
}

export interface Placed<T> {
  /** ms */
  at: number;
  /** Tells apart what happened at one time. */
  key: string;
  value: T;
}

const cursorSchema = z.tuple([z.number(), z.string()]);

/** @throws CursorError for a cursor that is none */
export function pageOf<T>(
  entries: readonly Placed<T>[],
  order: 'oldest first' | 'newest first',
  { limit, cursor }: PageAsked,
): { page: T[]; next: string | null } {
  const sign = order === 'oldest first' ? 1 : -1;
  const sorted = [...entries].sort((a, b) => sign * compare(a, b));
  const after = cursor === undefined ? null : readCursor(cursor);
  const from = after === null ? 0 : sorted.findIndex((entry) => sign * compare(entry, after) > 0);
  const page = from < 0 ? [] : sorted.slice(from, from + limit);
  const last = page.at(-1);
  const more = last !== undefined && last !== sorted.at(-1);
  return { page: page.map(({ value }) => value), next: more ? writeCursor(last) : null };
}

type Place = Pick<Placed<unknown>, 'at' | 'key'>;

function compare(a: Place, b: Place): number {
  return a.at - b.at || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

function writeCursor({ at, key }: Place): string {
  return Buffer.from(JSON.stringify([at, key])).toString('base64url');
}

function readCursor(cursor: string): Place {
  try {
    const [at, key] = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return { at, key };
  } catch {
    throw new CursorError(
      'cursor 应为上一页的 next_cursor,请不带它重新开始 / cursor: expected the next_cursor of an earlier page, got other text; start again without one',
    );
  }
}
