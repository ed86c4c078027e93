// The embedded ClickHouse engine (chdb) as short-lived sessions on one data path.
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChdbQueryStream, type RawInsertFormat, Session } from 'chdb';

/** Formats whose bytes the engine parses itself, without passing through a JavaScript string. */
const RAW_FORMATS: ReadonlySet<string> = new Set<RawInsertFormat>([
  'JSONEachRow',
  'JSONCompactEachRow',
  'CSV',
  'CSVWithNames',
  'TSV',
  'TabSeparated',
  'TSVWithNames',
  'TabSeparatedWithNames',
]);

/** Directory under the data path for rows whose format the engine takes from a file only; what a crash left there was not acknowledged. */
const UPLOADS = 'uploads';

/** What one request asks of the engine besides its statement. */
export interface Context {
  database: string | undefined;
  /** Output format when the statement names none. */
  format: string;
  /** ClickHouse settings and `param_<name>` query parameters, values as ClickHouse writes them in a URL. */
  settings: Map<string, string>;
}

export interface Written {
  rows: number;
  bytes: number;
}

/**
 * Opens the data path and keeps it open. A session costs 0.1 ms to open, so every request gets its own: no setting,
 * parameter or database of one request can reach another. Sessions run side by side, at most `concurrency` at once.
 */
export class Engine {
  readonly #path: string;
  readonly #anchor: Session;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(path: string, concurrency: number) {
    this.#path = path;
    rmSync(join(path, UPLOADS), { recursive: true, force: true });
    mkdirSync(join(path, UPLOADS));
    this.#free = concurrency;
    this.#anchor = this.#open();
  }

  close(): void {
    this.#anchor.close();
  }

  /** Runs `work` in a session set up for `context`; errors are the engine's own (`ChdbQueryError`). */
  async within<T>(context: Context, work: (session: Session) => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      const session = this.#open();
      try {
        if (context.database !== undefined) await session.queryAsync(`USE ${identifier(context.database)}`);
        if (context.settings.size > 0) await apply(session, context.settings);
        return await work(session);
      } finally {
        session.close();
      }
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }

  #open(): Session {
    return new Session(this.#path, { connectionArgs: ['--implicit_select=0'] });
  }
}

/** As SET statements; parameters may be longer than a statement, as in a URL. */
async function apply(session: Session, settings: Map<string, string>): Promise<void> {
  const set = `SET ${[...settings].map(([name, value]) => `${identifier(name)} = ${literal(value)}`).join(', ')}`;
  if (set.length < 65_536) {
    await session.queryAsync(set);
    return;
  }
  await session.queryAsync(`SET max_query_size = ${4 * set.length}`);
  await session.queryAsync(set);
  if (!settings.has('max_query_size')) await session.queryAsync('SET max_query_size = DEFAULT');
}

/** A SELECT, as a stream of byte chunks that together are one document in its format. */
export function selectStream(session: Session, statement: string, format: string): ChdbQueryStream {
  return session.queryStream(statement, { format });
}

export function isSelect(statement: string): boolean {
  return /^[\s(]*(select|with)\b/i.test(statement) && !/\binsert\s+into\b/i.test(statement);
}

/** The whole answer at once. */
export async function execute(session: Session, statement: string, format: string): Promise<Uint8Array> {
  return (await session.queryAsync(statement, { format })).bytes();
}

const INSERT =
  /^\s*insert\s+into\s+(?:table\s+)?(?<table>[\w.`"]+)\s*(?:\((?<columns>[^()]*)\))?\s*format\s+(?<format>\w+)\s*;?\s*$/i;

/** `INSERT INTO t (columns) FORMAT f` with its rows apart, as an HTTP client sends it. */
export async function insertRows(session: Session, statement: string, rows: Buffer): Promise<Written> {
  const parts = INSERT.exec(statement)?.groups;
  const format = parts?.format;
  if (parts?.table === undefined || format === undefined) {
    await session.queryAsync(`${statement}\n${rows.toString('utf8')}`);
    return { rows: 0, bytes: rows.length };
  }
  if (!RAW_FORMATS.has(format))
    return insertFile(session, { table: parts.table, columns: parts.columns, format }, rows);
  const columns = parts.columns?.split(',').map(unquoted).filter(Boolean);
  const summary = await session.insert({
    table: parts.table.split('.').map(unquoted).join('.'),
    values: rows,
    format: format as RawInsertFormat,
    ...(columns?.length ? { columns } : {}),
  });
  return { rows: summary.rowsWritten, bytes: summary.bytesWritten };
}

interface InsertParts {
  table: string;
  columns: string | undefined;
  format: string;
}

/** Binary formats: read from a file, as types take their structure from the table. */
async function insertFile(session: Session, { table, columns, format }: InsertParts, rows: Buffer): Promise<Written> {
  const file = join(session.path, UPLOADS, randomUUID());
  await writeFile(file, rows);
  try {
    const into = columns === undefined ? table : `${table} (${columns})`;
    const result = await session.queryAsync(
      `INSERT INTO ${into} SELECT * FROM file(${literal(file)}, ${literal(format)})`,
    );
    return { rows: result.rowsRead, bytes: rows.length };
  } finally {
    await unlink(file);
  }
}

function unquoted(name: string): string {
  return name.trim().replace(/^[`"]|[`"]$/g, '');
}

function identifier(name: string): string {
  return /^\w+$/.test(name) ? name : `\`${name.replace(/[\\`]/g, '\\$&')}\``;
}

function literal(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`;
}
