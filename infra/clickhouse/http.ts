// ClickHouse's HTTP interface over the embedded engine: as much of it as @clickhouse/client and curl use.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createGunzip, createInflate } from 'node:zlib';
import {
  type Context,
  type Engine,
  execute,
  insertFile,
  insertRows,
  insertsFromFile,
  isSelect,
  selectStream,
  type Written,
} from './engine.ts';

/** URL parameters that speak to the HTTP layer of a real server; every other one is a setting or a query parameter. */
const NOT_SETTINGS = new Set([
  'query',
  'database',
  'default_format',
  'query_id',
  'session_id',
  'session_timeout',
  'session_check',
  'user',
  'password',
  'role',
  'quota_key',
  'compress',
  'decompress',
  'buffer_size',
  'wait_end_of_query',
  'enable_http_compression',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
]);

/** Query parameters travel in the URL; ClickHouse's own default for http_max_uri_size. */
const MAX_URL_BYTES = 1_048_576;

/** Serves `engine`; the caller listens and closes. Errors answer 500 with ClickHouse's code in a header. */
export function clickhouseHttp(engine: Engine): Server {
  const server = createServer({ maxHeaderSize: MAX_URL_BYTES }, (request, response) => {
    answer(engine, request, response).catch((error: unknown) => fail(response, error));
  });
  server.keepAliveTimeout = 65_000;
  server.requestTimeout = 0;
  return server;
}

async function answer(engine: Engine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const inUrl = url.searchParams.get('query') ?? '';
  if (url.pathname === '/ping' || (request.method === 'GET' && inUrl === '')) {
    response.end('Ok.\n');
    return;
  }
  response.setHeader('x-clickhouse-query-id', url.searchParams.get('query_id') ?? randomUUID());
  response.setHeader('x-clickhouse-timezone', 'UTC');
  if (insertsFromFile(inUrl)) {
    const written = await engine.uploaded(unpacked(request), (upload) =>
      engine.within(contextOf(url, request), (session) => insertFile(session, inUrl, upload)),
    );
    endInsert(response, written);
    return;
  }
  const body = await bodyOf(request, url.searchParams);
  const context = contextOf(url, request);
  await engine.within(context, async (session) => {
    if (/^\s*insert\b/i.test(inUrl) && body.length > 0) {
      endInsert(response, await insertRows(session, inUrl, body));
      return;
    }
    const statement = inUrl === '' ? body.toString('utf8') : `${inUrl}\n${body.toString('utf8')}`;
    response.setHeader('content-type', 'text/plain; charset=UTF-8');
    // Beginning a stream holds up everything else for as long as the engine plans and reads; an answer asked for whole need not be one.
    const whole = url.searchParams.get('wait_end_of_query') === '1';
    if (isSelect(statement) && !whole) await stream(selectStream(session, statement, context.format), response);
    else response.end(await execute(session, statement, context.format));
  });
}

function endInsert(response: ServerResponse, { rows, bytes }: Written): void {
  const summary = { written_rows: String(rows), written_bytes: String(bytes) };
  response.setHeader('x-clickhouse-summary', JSON.stringify(summary));
  response.end();
}

/** The body; of a form (`multipart/form-data`) its `query`, while the other fields join `fields`. */
async function bodyOf(request: IncomingMessage, fields: URLSearchParams): Promise<Buffer> {
  const bytes = await buffer(unpacked(request));
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) return bytes;
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();
  for (const [name, value] of form) if (name !== 'query') fields.set(name, String(value));
  return Buffer.from(String(form.get('query') ?? ''));
}

function unpacked(request: IncomingMessage): Readable {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return request;
  if (encoding === 'gzip') return request.pipe(createGunzip());
  if (encoding === 'deflate') return request.pipe(createInflate());
  throw new Error(
    `Code: 48. DB::Exception: content-encoding is ${encoding}; expected gzip, deflate or none. (NOT_IMPLEMENTED)`,
  );
}

function contextOf(url: URL, request: IncomingMessage): Context {
  const header = (name: string) => request.headers[name]?.toString();
  const settings = new Map<string, string>();
  for (const [name, value] of url.searchParams) if (!NOT_SETTINGS.has(name)) settings.set(name, value);
  return {
    database: url.searchParams.get('database') ?? header('x-clickhouse-database'),
    format: url.searchParams.get('default_format') ?? header('x-clickhouse-format') ?? 'TabSeparated',
    settings,
  };
}

/** An error before the first chunk is a 500; a later one ends the body with ClickHouse's marked exception block. */
async function stream(chunks: ReturnType<typeof selectStream>, response: ServerResponse): Promise<void> {
  const tag = randomUUID().replaceAll('-', '').slice(0, 16);
  response.setHeader('x-clickhouse-exception-tag', tag);
  try {
    for await (const chunk of chunks) {
      if (response.destroyed) return;
      if (!response.write(chunk.raw())) await drained(response);
    }
  } catch (error) {
    if (!response.headersSent) throw error;
    const message = `${messageOf(error)}\n`;
    const length = Buffer.byteLength(message);
    response.write(`\r\n__exception__\r\n${tag}\r\n${message}${length} ${tag}\r\n__exception__\r\n`);
  }
  response.end();
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.destroyed) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const message = messageOf(error);
  const code = /Code: (\d+)/.exec(message)?.[1] ?? '1000';
  response.writeHead(500, { 'content-type': 'text/plain; charset=UTF-8', 'x-clickhouse-exception-code': code });
  response.end(`${message}\n`);
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.includes('Code: ') ? message : `Code: 1000. DB::Exception: ${message}. (POCO_EXCEPTION)`;
}
