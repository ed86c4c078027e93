// A service's life: health and metrics endpoints, dependencies watched, an orderly end.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';

export interface Dependency {
  name: string;
  /** Asked on every /readyz and every few seconds; must answer soon. */
  check(): { ok: boolean; reason?: string } | Promise<{ ok: boolean; reason?: string }>;
}

export interface ServiceOptions {
  name: string;
  env: { YJ_HOST: string; YJ_PORT: number };
  logger: Logger;
  metrics: Metrics;
  dependencies: Dependency[];
  /** Runs after the endpoints listen; the service is ready when it has resolved and every dependency is well. */
  start(): Promise<void>;
  /** Drains; called once, on SIGTERM or SIGINT. */
  stop(): Promise<void>;
  /** Further routes; returns false for what it does not know. */
  routes?(request: IncomingMessage, response: ServerResponse): boolean;
  /** More for the body of /readyz. */
  details?(): Record<string, unknown>;
}

export interface RunningService {
  server: Server;
  port: number;
}

const DRAIN_LIMIT_MS = 10_000;
const WATCH_MS = 2_000;

/** Starts a service; resolves when its endpoints listen and `start` has resolved. */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { logger, metrics } = options;
  let started = false;
  let stopping = false;
  const unwell = new Map<string, string>();

  const examine = async (): Promise<void> => {
    for (const { name, check } of options.dependencies) {
      const { ok, reason } = await Promise.resolve()
        .then(check)
        .catch((error: Error) => ({ ok: false, reason: error.message }));
      if (ok && unwell.delete(name)) logger.info({ dependency: name }, 'dependency is back');
      if (!ok) {
        if (!unwell.has(name)) logger.warn({ dependency: name, reason }, 'dependency is away, waiting for it');
        unwell.set(name, reason ?? 'does not answer');
      }
    }
  };

  const reasons = (): string[] => [
    ...(stopping ? ['stopping'] : []),
    ...(started ? [] : ['starting']),
    ...[...unwell].map(([name, reason]) => `${name}: ${reason}`),
  ];

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/livez') return answer(response, 200, { status: 'alive' });
    if (pathname === '/readyz') {
      await examine();
      const why = reasons();
      return answer(response, why.length === 0 ? 200 : 503, {
        status: why.length === 0 ? 'ready' : 'not ready',
        reasons: why,
        ...options.details?.(),
      });
    }
    if (pathname === '/metrics') {
      response.writeHead(200, { 'content-type': metrics.registry.contentType });
      response.end(await metrics.registry.metrics());
      return;
    }
    if (options.routes?.(request, response) === true) return;
    answer(
      response,
      404,
      { type: 'about:blank', title: 'Not Found', status: 404, detail: 'this service has no such path' },
      'application/problem+json',
    );
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: Error) => {
      logger.error({ reason: error.message }, 'request failed');
      if (!response.headersSent)
        answer(
          response,
          500,
          { type: 'about:blank', title: 'Internal Server Error', status: 500 },
          'application/problem+json',
        );
    });
  });
  await listen(server, options.env.YJ_HOST, options.env.YJ_PORT);

  const watch = setInterval(() => void examine(), WATCH_MS);
  const end = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    clearInterval(watch);
    logger.info({ signal }, 'stopping');
    const limit = setTimeout(() => {
      logger.error({ seconds: DRAIN_LIMIT_MS / 1000 }, 'not drained in time, ending anyway');
      process.exit(1);
    }, DRAIN_LIMIT_MS);
    await options.stop();
    clearTimeout(limit);
    server.close();
    server.closeAllConnections();
    logger.info({}, 'stopped');
    process.exit(0);
  };
  const failed = (error: unknown): void => {
    logger.fatal({ reason: error instanceof Error ? (error.stack ?? error.message) : String(error) }, 'service failed');
    process.exit(1);
  };
  process.on('SIGTERM', () => void end('SIGTERM').catch(failed));
  process.on('SIGINT', () => void end('SIGINT').catch(failed));
  process.on('unhandledRejection', failed);
  process.on('uncaughtException', failed);

  await examine();
  await options.start();
  started = true;
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.env.YJ_PORT;
  logger.info({ port }, 'started');
  return { server, port };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE' ? new Error(`port ${port} on ${host} is taken: set YJ_PORT to a free one`) : error,
      ),
    );
    server.listen(port, host, resolve);
  });
}

function answer(response: ServerResponse, status: number, body: unknown, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type });
  response.end(JSON.stringify(body));
}
