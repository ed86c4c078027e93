// The wall's two doors on one port: HTTP for the page and the API, WebSocket upgrades at /wall.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { CommandDesk } from './commands.ts';
import type { Api } from './http/api.ts';
import type { Page } from './http/page.ts';
import { ProblemError, sendProblem } from './http/problem.ts';
import type { WallMetrics } from './metrics.ts';
import type { Operators } from './operators.ts';
import { CLOSE, encode, SUBPROTOCOL } from './protocol/messages.ts';
import { type Connection, Session, type SessionLimits, type SessionWorld } from './protocol/session.ts';
import type { World } from './world.ts';

/** No message of a client is larger: a filter with every field full is about 40 KB. */
const MAX_PAYLOAD_BYTES = 64 * 1024;
/** How long a closing handshake may take before the socket is destroyed, ms. */
const CLOSE_WITHIN_MS = 2000;

export interface WallServerOptions {
  world: World;
  desk: CommandDesk;
  operators: Operators;
  api: Api;
  page: Page;
  /** Answers /livez, /readyz and /metrics; false for any other path. */
  health: (request: IncomingMessage, response: ServerResponse, path: string) => boolean;
  metrics: WallMetrics;
  limits: SessionLimits;
  onError: (error: unknown, what: string) => void;
}

export interface WallServer {
  server: Server;
  /** Says goodbye to every client, then stops. */
  close(): Promise<void>;
}

export function createWallServer(options: WallServerOptions): WallServer {
  const { world, metrics } = options;
  const sessions = new Set<Session>();
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_PAYLOAD_BYTES,
    perMessageDeflate: false,
    handleProtocols: () => SUBPROTOCOL,
  });
  const sessionWorld: SessionWorld = {
    hub: world.hub,
    desk: options.desk,
    operators: options.operators,
    now: Date.now,
    random: Math.random,
    health: () => world.health(),
    limits: options.limits,
    onEnd: (session, code) => {
      sessions.delete(session);
      metrics.sessionEnded(code);
    },
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://wall');
    respond(options, request, response, url).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else if (error instanceof ProblemError) sendProblem(response, error.problem);
      else {
        options.onError(error, 'a request failed');
        sendProblem(response, {
          status: 500,
          title: 'Internal Server Error',
          detail: 'the request could not be answered',
        });
      }
    });
  });

  server.on('upgrade', (request, socket, head) => {
    const refusal = refusalOf(request, world.ready);
    if (refusal !== null) {
      refuse(socket, refusal);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const session = new Session(randomUUID(), connectionOf(webSocket, metrics), sessionWorld);
      sessions.add(session);
      metrics.sessionStarted();
      webSocket.on('message', (data, isBinary) => {
        if (isBinary) session.end(CLOSE.badMessage, 'expected JSON text frames');
        else session.receive(data.toString());
      });
      webSocket.on('close', (code) => session.ended(code));
      webSocket.on('error', () => webSocket.terminate());
    });
  });

  const beat = setInterval(() => {
    const ping = encode({ t: 'ping', server_time: new Date().toISOString(), ...world.health() });
    for (const session of [...sessions]) session.tick(ping);
    world.hub.sweep();
  }, options.limits.pingMs);

  return {
    server,
    async close() {
      clearInterval(beat);
      for (const session of [...sessions]) session.end(CLOSE.goingAway, 'the wall is stopping');
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => {
          for (const client of sockets.clients) client.terminate();
          server.closeAllConnections();
        }, CLOSE_WITHIN_MS).unref();
      });
    },
  };
}

async function respond(options: WallServerOptions, request: IncomingMessage, response: ServerResponse, url: URL) {
  const path = url.pathname;
  if (options.health(request, response, path)) return;
  if (path.startsWith('/api/')) {
    await options.api(request, response, url);
    return;
  }
  if (path === '/wall')
    throw new ProblemError({
      status: 426,
      title: 'Upgrade Required',
      detail: `expected a WebSocket upgrade with the subprotocol ${SUBPROTOCOL}`,
      headers: { upgrade: 'websocket' },
    });
  const method = request.method ?? 'GET';
  if ((method === 'GET' || method === 'HEAD') && options.page.serve(path, method === 'HEAD', response)) return;
  throw new ProblemError({ status: 404, title: 'Not Found', detail: `nothing is at ${path}` });
}

interface Refusal {
  status: string;
  detail: string;
  headers?: string;
}

function refusalOf(request: IncomingMessage, ready: boolean): Refusal | null {
  const url = new URL(request.url ?? '/', 'http://wall');
  if (url.pathname !== '/wall')
    return { status: '404 Not Found', detail: `nothing is at ${url.pathname}; the socket is at /wall` };
  const { origin, host } = request.headers;
  if (origin !== undefined && hostOf(origin) !== host?.toLowerCase())
    return { status: '403 Forbidden', detail: 'the Origin is not this wall' };
  if (url.searchParams.has('token'))
    return { status: '400 Bad Request', detail: 'a token never belongs into a URL: send it in hello' };
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  if (!offered.includes(SUBPROTOCOL))
    return {
      status: '400 Bad Request',
      detail: `expected the subprotocol ${SUBPROTOCOL}, got ${offered.join(', ') || 'none'}`,
    };
  if (!ready)
    return {
      status: '503 Service Unavailable',
      detail: 'the alert log is still being read',
      headers: 'Retry-After: 2\r\n',
    };
  return null;
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

function refuse(socket: Duplex, { status, detail, headers = '' }: Refusal): void {
  const [code, ...title] = status.split(' ');
  const body = JSON.stringify({ type: 'about:blank', title: title.join(' '), status: Number(code), detail });
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\n${headers}Content-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  socket.on('error', () => socket.destroy());
  socket.end(head + body);
}

function connectionOf(socket: WebSocket, metrics: WallMetrics): Connection {
  return {
    send(frame, onWritten) {
      if (socket.readyState !== socket.OPEN) return;
      metrics.frameSent(frame.length);
      socket.send(frame, { binary: false }, (error) => {
        if (error === undefined || error === null) onWritten?.();
      });
    },
    buffered: () => socket.bufferedAmount,
    close(code, reason) {
      socket.close(code, reason);
      setTimeout(() => socket.terminate(), CLOSE_WITHIN_MS).unref();
    },
  };
}
