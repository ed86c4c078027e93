// A service's life: health and metrics endpoints, dependencies watched, an orderly end.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';

export interface Condition {
  ok: boolean;
  /** Why not, for /readyz and the log. */
  reason?: string;
  /** The dependency's own client logs its outages: the service then does not say the same again. */
  said?: boolean;
}

export interface Dependency {
  name: string;
  /** Asked on every /readyz and every 2 s; no answer within 4 s counts as away. */
  check(): Condition | Promise<Condition>;
}

export interface ServiceOptions {
  name: string;
  env: { YJ_HOST: string; YJ_PORT: number };
  logger: Logger;
  metrics: Metrics;
  dependencies: Dependency[];
  /** Runs after the endpoints listen; the service is ready when it has resolved and every dependency is well. */
  start(): Promise<void>;
  /** Drains; called once, on SIGTERM or SIGINT, when /readyz already fails. */
  stop(): Promise<void>;
  /** Further routes; returns false for what it does not know. */
  routes?(request: IncomingMessage, response: ServerResponse): boolean;
  /** More for the body of /readyz. */
  details?(): Record<string, unknown>;
  /** ms that draining may take before the process ends with code 1; default 10,000. */
  drainLimitMs?: number;
}

export interface RunningService {
  server: Server;
  port: number;
}

const DRAIN_LIMIT_MS = 10_000;
const WATCH_MS = 2_000;
const CHECK_LIMIT_MS = 4_000;

/**
 * Starts a service; resolves when its endpoints listen and `start` has resolved. A failure, then or later, is logged and ends the process
 * with code 1; SIGTERM and SIGINT drain it and end it with code 0.
 */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { logger, metrics, drainLimitMs = DRAIN_LIMIT_MS } = options;
  let started = false;
  let stopping = false;
  const unwell = new Map<string, string>();

  const up = metrics.gauge('dependency_up', 'Whether what the service depends on answers: 1 when it does, else 0.', [
    'dependency',
  ]);

  const examineOne = async (dependency: Dependency): Promise<void> => {
    const { name } = dependency;
    const { ok, reason, said } = await conditionOf(dependency);
    up.set({ dependency: name }, ok ? 1 : 0);
    if (ok) {
      if (unwell.delete(name) && said !== true) logger.info({ dependency: name }, 'dependency is back');
      return;
    }
    if (!unwell.has(name) && said !== true)
      logger.warn({ dependency: name, reason }, 'dependency is away, waiting for it');
    unwell.set(name, reason ?? 'does not answer');
  };

  let examining: Promise<unknown> | null = null;
  const examine = async (): Promise<void> => {
    examining ??= Promise.all(options.dependencies.map(examineOne)).finally(() => {
      examining = null;
    });
    await examining;
  };

  const reasons = (): string[] => [
    ...(stopping ? ['stopping'] : []),
    ...(started ? [] : ['starting']),
    ...[...unwell].map(([name, reason]) => `${name}: ${reason}`),
  ];

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const pathname = URL.parse(request.url ?? '/', 'http://localhost')?.pathname;
    if (pathname === undefined) {
      const detail = 'expected a path as the target of the request';
      return answer(
        response,
        400,
        { type: 'about:blank', title: 'Bad Request', status: 400, detail },
        'application/problem+json',
      );
    }
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

  const watch = setInterval(() => void examine(), WATCH_MS);
  const end = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    clearInterval(watch);
    logger.info({ signal }, 'stopping');
    const limit = setTimeout(() => {
      logger.error({ seconds: drainLimitMs / 1000 }, 'not drained in time, ending anyway');
      process.exit(1);
    }, drainLimitMs);
    await options.stop();
    clearTimeout(limit);
    server.close();
    server.closeAllConnections();
    logger.info({}, 'stopped');
    process.exit(0);
  };
  const failed = (error: unknown): never => {
    logger.fatal({ reason: error instanceof Error ? (error.stack ?? error.message) : String(error) }, 'service failed');
    process.exit(1);
  };
  process.on('SIGTERM', () => void end('SIGTERM').catch(failed));
  process.on('SIGINT', () => void end('SIGINT').catch(failed));
  process.on('unhandledRejection', failed);
  process.on('uncaughtException', failed);

  try {
    await listen(server, options.env.YJ_HOST, options.env.YJ_PORT);
    await examine();
    await options.start();
  } catch (error) {
    // What was still being waited for ends by being closed.
    if (!stopping) failed(error);
  }
  started = true;
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.env.YJ_PORT;
  logger.info({ port }, 'started');
  return { server, port };
}

async function conditionOf({ check }: Dependency): Promise<Condition> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<Condition>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, reason: `no answer within ${CHECK_LIMIT_MS} ms` }), CHECK_LIMIT_MS);
  });
  const asked = Promise.resolve()
    .then(check)
    .catch((error: Error): Condition => ({ ok: false, reason: error.message }));
  const condition = await Promise.race([asked, limit]);
  clearTimeout(timer);
  return condition;
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
