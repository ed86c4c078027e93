// Process: the embedded ClickHouse behind its HTTP endpoint, for a machine without containers.
// Usage: node infra/clickhouse/server.ts <data directory> <port>; UV_THREADPOOL_SIZE bounds what runs side by side.
import { mkdirSync } from 'node:fs';
import { Engine } from './engine.ts';
import { clickhouseHttp } from './http.ts';

const [path, port] = process.argv.slice(2);
if (path === undefined || port === undefined) {
  process.stderr.write('usage: server.ts <data directory> <port>\n');
  process.exit(2);
}
mkdirSync(path, { recursive: true });
const engine = new Engine(path, Number(process.env.UV_THREADPOOL_SIZE ?? 4));
const server = clickhouseHttp(engine);
server.listen(Number(port), '127.0.0.1');

function stop(): void {
  server.close(() => {
    engine.close();
    process.exit(0);
  });
  server.closeIdleConnections();
  setTimeout(() => server.closeAllConnections(), 3_000).unref();
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
