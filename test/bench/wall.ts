// A client of wall.v1 that notes when each alert reaches it.
import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface WallClient {
  /** Instant (performance.now) at which an alert of this detector and subject was first put on the wall; undefined: not yet. */
  shownAt(detector: string, subject: string): number | undefined;
  /** What broke the stream of deltas (a reset, an error, the end of the connection); null while nothing has. */
  interrupted(): string | null;
  close(): void;
}

interface Alert {
  detector: string;
  subject: { ref: string };
}

interface Frame {
  t: string;
  ops?: { op: string; alert?: Alert }[];
  last?: boolean;
}

/** Resolves once the first picture is whole. @throws Error when the wall refuses the client. */
export async function watchWall(wall: { url: string; token: string }): Promise<WallClient> {
  const shown = new Map<string, number>();
  let interrupted: string | null = null;
  const socket = new WebSocket(`${wall.url.replace(/^http/, 'ws')}/wall`, 'wall.v1');
  await once(socket, 'open');
  await new Promise<void>((resolve, reject) => {
    socket.on('close', (code) => {
      interrupted ??= `closed with code ${code}`;
      reject(new Error(`the wall closed the connection with code ${code}`));
    });
    socket.on('error', reject);
    socket.on('message', (data) => {
      const at = performance.now();
      const frame = JSON.parse(data.toString()) as Frame;
      if (frame.t === 'reset' || frame.t === 'bye' || frame.t === 'err') interrupted ??= data.toString();
      if (frame.t === 'ping') socket.send('{"t":"pong"}');
      if (frame.t === 'snap' && frame.last === true) resolve();
      for (const { alert } of frame.ops ?? []) {
        if (alert === undefined) continue;
        const key = `${alert.detector}|${alert.subject.ref}`;
        if (!shown.has(key)) shown.set(key, at);
      }
    });
    socket.send(JSON.stringify({ t: 'hello', token: wall.token, app: 'bench' }));
    socket.send(JSON.stringify({ t: 'sub', id: 'bench', filter: {} }));
  });
  return {
    shownAt: (detector, subject) => shown.get(`${detector}|${subject}`),
    interrupted: () => interrupted,
    close: () => socket.close(),
  };
}
