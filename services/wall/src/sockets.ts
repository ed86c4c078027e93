// WebSocket upgrades at /wall: who is let in, and a session for each connection.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { CommandDesk } from './commands.ts';
import type { WallMetrics } from './metrics.ts';
import type { Operators } from './operators.ts';
import { CLOSE, encode, SUBPROTOCOL } from './protocol/messages.ts';
import { type Connection, Session, type SessionLimits, type SessionWorld } from './protocol/session.ts';
import type { World } from './world.ts';

/** No message of a client is larger: a filter with every field full is about 40 KB. */
const MAX_PAYLOAD_BYTES = 64 * 1024;
/** How long clients may take to say goodbye when the wall stops, ms. (Else the library destroys a socket 30 s after its close frame.) */
const GOODBYE_WITHIN_MS = 3000;

export interface SocketsOptions {
  world: World;
  desk: CommandDesk;
  operators: Operators;
  metrics: WallMetrics;
  limits: SessionLimits;
}

/** Serves wall.v1 on a server. @returns what says goodbye to every client; it resolves when all are gone. */
export function attachSockets(server: Server, options: SocketsOptions): () => Promise<void> {
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

  return async () => {
    clearInterval(beat);
    for (const session of [...sessions]) session.end(CLOSE.goingAway, 'the wall is stopping');
    const hurry = setTimeout(() => {
      for (const client of sockets.clients) client.terminate();
    }, GOODBYE_WITHIN_MS);
    await Promise.all([...sockets.clients].map((client) => new Promise((resolve) => client.once('close', resolve))));
    clearTimeout(hurry);
  };
}

interface Refusal {
  status: string;
  detail: string;
  headers?: string;
}

function refusalOf(request: IncomingMessage, ready: boolean): Refusal | null {
  const url = URL.parse(request.url ?? '/', 'http://wall');
  if (url === null) return { status: '400 Bad Request', detail: 'expected a path as the target of the request' };
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
    close: (code, reason) => socket.close(code, reason),
  };
}
