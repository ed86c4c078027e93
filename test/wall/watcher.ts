// The page's own client of wall.v1 in a test, with the alerts it holds and everything it was told.
import { WebSocket } from 'ws';
import { WallClient } from '../../services/wall/page/src/client.ts';
import type { ClientStatus, SocketLike } from '../../services/wall/page/src/ports.ts';
import type { Alert, Health, Op } from '../../services/wall/page/src/wire.ts';

export interface Watcher {
  client: WallClient;
  alerts: Map<string, Alert>;
  /** Frames by type, as they came. */
  frames: { t: string; [field: string]: unknown }[];
  health: Health | null;
  statuses: ClientStatus[];
  /** Ends the connection under the client's feet. */
  drop(): void;
}

export function watch(url: string, token: string, filter: object = {}): Watcher {
  let socket: WebSocket | null = null;
  const watcher: Watcher = {
    client: new WallClient(
      { url: `${url.replace(/^http/, 'ws')}/wall`, token, app: 'test' },
      {
        status: (status) => watcher.statuses.push(status),
        health: (health) => {
          watcher.health = health;
        },
      },
      {
        open(at, subprotocol) {
          socket = new WebSocket(at, subprotocol);
          socket.on('error', () => {});
          socket.on('message', (data) => watcher.frames.push(JSON.parse(data.toString())));
          return socket as unknown as SocketLike;
        },
        now: Date.now,
        random: Math.random,
        later: (run, ms) => setTimeout(run, ms),
        cancel: (timer) => clearTimeout(timer as NodeJS.Timeout),
      },
    ),
    alerts: new Map(),
    frames: [],
    health: null,
    statuses: [],
    drop: () => socket?.terminate(),
  };
  watcher.client.subscribe('all', filter, {
    replace(alerts) {
      watcher.alerts = new Map(alerts.map((alert) => [alert.alert_id, alert]));
    },
    apply(ops: Op[]) {
      for (const op of ops)
        if (op.op === 'put') watcher.alerts.set(op.alert.alert_id, op.alert);
        else watcher.alerts.delete(op.alert_id);
    },
  });
  watcher.client.connect();
  return watcher;
}
