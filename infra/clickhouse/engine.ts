// The embedded ClickHouse engine (chdb) as short-lived sessions on one data path.
import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
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

/** Rows of an insert as a file. */
export interface Upload {
  path: string;
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

  /** Hands what comes to `work` as a file, which is gone afterwards. */
  async uploaded<T>(rows: AsyncIterable<Uint8Array>, work: (upload: Upload) => Promise<T>): Promise<T> {
    const path = join(this.#path, UPLOADS, randomUUID());
    try {
      return await work({ path, bytes: await write(path, rows) });
    } finally {
      await unlink(path);
    }
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

/** To the page cache, which is a copy: a thread for each chunk would cost more. */
async function write(path: string, rows: AsyncIterable<Uint8Array>): Promise<number> {
  const file = openSync(path, 'wx');
  try {
    let bytes = 0;
    for await (const chunk of rows) bytes += writeSync(file, chunk);
    return bytes;
  } finally {
    closeSync(file);
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

/** Whether the engine takes the rows of an INSERT from a file only: their format is none of text. */
export function insertsFromFile(statement: string): boolean {
  const format = INSERT.exec(statement)?.groups?.format;
  return format !== undefined && !RAW_FORMATS.has(format);
}

/** `INSERT INTO t (columns) FORMAT f` with its rows apart, as an HTTP client sends it. */
export async function insertRows(session: Session, statement: string, rows: Buffer): Promise<Written> {
  const parts = INSERT.exec(statement)?.groups;
  const format = parts?.format;
  if (parts?.table === undefined || format === undefined) {
    await session.queryAsync(`${statement}\n${rows.toString('utf8')}`);
    return { rows: 0, bytes: rows.length };
  }
  const columns = parts.columns?.split(',').map(unquoted).filter(Boolean);
  const summary = await session.insert({
    table: parts.table.split('.').map(unquoted).join('.'),
    values: rows,
    format: format as RawInsertFormat,
    ...(columns?.length ? { columns } : {}),
  });
  return { rows: summary.rowsWritten, bytes: summary.bytesWritten };
}

/** As `insertRows`, of a statement that inserts from a file: its columns have the types of the table's. */
export async function insertFile(session: Session, statement: string, { path, bytes }: Upload): Promise<Written> {
  const { table, columns, format = '' } = INSERT.exec(statement)?.groups ?? {};
  const into = columns === undefined ? table : `${table} (${columns})`;
  const from = `file(${literal(path)}, ${literal(format)})`;
  const result = await session.queryAsync(`INSERT INTO ${into} SELECT * FROM ${from}`);
  return { rows: result.rowsRead, bytes };
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
