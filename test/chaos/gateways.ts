// A reader of each gateway that keeps versions: what it holds, by hash, at every position it was brought to.
import { hash } from 'node:crypto';
import type { AlertRecord, WallServerMessage } from '@yunjian/contracts';
import { WebSocket } from 'ws';

const AGAIN_MS = 500;
const SUBSCRIPTION = 'all';

export interface GatewayReader {
  name: string;
  /** Epoch and position → hash over all alerts held there. */
  hashes: Map<string, string>;
  /** Where it stands now: key into `hashes`; null before the first snapshot. */
  at(): string | null;
  /** What a gateway must never do, in words. */
  faults: string[];
  /** Connections so far. */
  connections(): number;
  close(): void;
}

/** Sum of the alerts' hashes: the same whatever order they came in, and cheap to keep up. */
class Holding {
  readonly #alerts = new Map<string, { version: number; text: string; part: bigint }>();
  #sum = 0n;

  clear(): void {
    this.#alerts.clear();
    this.#sum = 0n;
  }
  get(id: string) {
    return this.#alerts.get(id);
  }
  put(alert: AlertRecord): void {
    this.delete(alert.alert_id);
    const text = JSON.stringify(alert);
    const part = BigInt(`0x${hash('sha256', text).slice(0, 32)}`);
    this.#alerts.set(alert.alert_id, { version: alert.version, text, part });
    this.#sum += part;
  }
  delete(id: string): void {
    const known = this.#alerts.get(id);
    if (known === undefined) return;
    this.#alerts.delete(id);
    this.#sum -= known.part;
  }
  hash(): string {
    return `${this.#alerts.size}/${this.#sum.toString(16)}`;
  }
}

/** What a reader that has all of these alerts holds. */
export function hashOf(alerts: Iterable<AlertRecord>): string {
  const holding = new Holding();
  for (const alert of alerts) holding.put(alert);
  return holding.hash();
}

/** Follows a gateway for good, through its deaths, resuming where it stood. */
export function readGateway(name: string, url: string, token: string): GatewayReader {
  const holding = new Holding();
  const faults: string[] = [];
  const hashes = new Map<string, string>();
  let position: { epoch: string; pos: string } | null = null;
  let [closed, connections] = [false, 0];
  let socket: WebSocket;

  const arrive = (epoch: string, pos: string) => {
    position = { epoch, pos };
    hashes.set(`${epoch}@${pos}`, holding.hash());
  };

  const take = (message: WallServerMessage) => {
    switch (message.t) {
      case 'welcome':
        socket.send(
          JSON.stringify({ t: 'sub', id: SUBSCRIPTION, filter: {}, ...(position === null ? {} : { since: position }) }),
        );
        break;
      case 'ping':
        socket.send('{"t":"pong"}');
        break;
      case 'snap':
        if (message.part === 0) holding.clear();
        for (const alert of message.alerts) holding.put(alert);
        if (message.last) arrive(message.epoch, message.to);
        break;
      case 'delta':
        delta(message);
        break;
      case 'reset':
        position = null;
        break;
      default:
    }
  };

  const delta = ({ epoch, from, to, ops }: Extract<WallServerMessage, { t: 'delta' }>) => {
    if (position === null || position.epoch !== epoch || position.pos !== from) {
      faults.push(`${name}: a delta from ${from}, its reader stands at ${position?.pos ?? 'nothing'}`);
      position = null;
      socket.terminate();
      return;
    }
    for (const op of ops) {
      if (op.op === 'del') {
        holding.delete(op.alert_id);
        continue;
      }
      const known = holding.get(op.alert.alert_id);
      if (known !== undefined && op.alert.version < known.version)
        faults.push(`${name}: ${op.alert.alert_id} went back from version ${known.version} to ${op.alert.version}`);
      if (known?.version === op.alert.version && known.text !== JSON.stringify(op.alert))
        faults.push(`${name}: ${op.alert.alert_id} has two different versions ${known.version}`);
      holding.put(op.alert);
    }
    arrive(epoch, to);
  };

  const connect = () => {
    connections++;
    socket = new WebSocket(`${url.replace(/^http/, 'ws')}/wall`, 'wall.v1', { handshakeTimeout: 5_000 });
    socket.on('open', () => socket.send(JSON.stringify({ t: 'hello', token, app: 'chaos' })));
    socket.on('message', (data) => take(JSON.parse(String(data)) as WallServerMessage));
    socket.on('error', () => {});
    socket.on('close', () => {
      if (!closed) setTimeout(connect, AGAIN_MS);
    });
  };
  connect();
  return {
    name,
    hashes,
    faults,
    at: () => (position === null ? null : `${position.epoch}@${position.pos}`),
    connections: () => connections,
    close() {
      closed = true;
      socket.terminate();
    },
  };
}
