// Client of wall.v1: one socket that comes back by itself, subscriptions that resume where they stood, commands with an answer.
import type {
  ClientListener,
  ClientPorts,
  ClientStatus,
  CommandResult,
  SocketLike,
  SubscriptionHandlers,
} from './ports.ts';
import type { Alert, CommandFields, Health, ServerMessage } from './wire.ts';

export const SUBPROTOCOL = 'wall.v1';

const BACKOFF_FIRST_MS = 500;
const BACKOFF_MOST_MS = 15_000;
/** Pings that may be missed before the connection is taken for dead. */
const MISSED_PINGS = 3;
const PING_MS_BEFORE_WELCOME = 5000;
const COMMAND_WITHIN_MS = 8000;
const NEVER_AGAIN = 4500;

interface Subscription {
  id: string;
  filter: object;
  handlers: SubscriptionHandlers;
  /** Where we stand; null until a whole snapshot is here. */
  at: { epoch: string; to: string } | null;
  /** Parts of a snapshot under way. */
  parts: Alert[];
  complete: boolean;
}

interface Pending {
  resolve: (result: CommandResult) => void;
  timer: unknown;
}

export class WallClient {
  #url: string;
  #token: string;
  #app: string;
  #ports: ClientPorts;
  #listener: ClientListener;
  #subscriptions = new Map<string, Subscription>();
  #pending = new Map<string, Pending>();
  #socket: SocketLike | null = null;
  #greeted = false;
  #attempt = 0;
  #pause: number | null = null;
  #timer: unknown = null;
  #watchdog: unknown = null;
  #pingMs = PING_MS_BEFORE_WELCOME;
  #commands = 0;
  #closed = false;
  #status: ClientStatus = { phase: 'offline', heardAt: null, retryAt: null, code: null };

  constructor(of: { url: string; token: string; app: string }, listener: ClientListener, ports: ClientPorts) {
    this.#url = of.url;
    this.#token = of.token;
    this.#app = of.app;
    this.#listener = listener;
    this.#ports = ports;
  }

  get status(): ClientStatus {
    return this.#status;
  }

  /** Keeps a filter's alerts up to date from now on, across connections. */
  subscribe(id: string, filter: object, handlers: SubscriptionHandlers): void {
    const subscription: Subscription = { id, filter, handlers, at: null, parts: [], complete: false };
    this.#subscriptions.set(id, subscription);
    if (this.#greeted) this.#sendSub(subscription);
  }

  connect(): void {
    this.#ports.cancel(this.#timer);
    this.#closed = false;
    this.#greeted = false;
    this.#pingMs = PING_MS_BEFORE_WELCOME;
    this.#set({ phase: 'connecting', retryAt: null, code: null });
    const socket = this.#ports.open(this.#url, SUBPROTOCOL);
    this.#socket = socket;
    this.#watch();
    socket.onopen = () => this.#send({ t: 'hello', token: this.#token, app: this.#app });
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket && typeof data === 'string') this.#receive(JSON.parse(data) as ServerMessage);
    };
    socket.onclose = ({ code }) => this.#lost(socket, code);
    socket.onerror = null;
  }

  close(): void {
    this.#closed = true;
    this.#ports.cancel(this.#timer);
    this.#socket?.close(1000, 'leaving');
  }

  /**
   * Resolves with the outcome; `temporary` failures may be tried again with the same `idem`. Codes beside the protocol's, without a
   * message: `unsent`, nothing went out; `offline`, the connection was lost before the answer.
   */
  command(alert: Alert, fields: CommandFields, idem: string): Promise<CommandResult> {
    if (!this.#greeted) return Promise.resolve(failure('unsent'));
    const id = `c${++this.#commands}`;
    return new Promise((resolve) => {
      const timer = this.#ports.later(() => this.#answer(id, failure('unanswered')), COMMAND_WITHIN_MS);
      this.#pending.set(id, { resolve, timer });
      this.#send({ t: 'cmd', id, idem, alert_id: alert.alert_id, if_version: alert.version, ...fields });
    });
  }

  #receive(message: ServerMessage): void {
    this.#status = { ...this.#status, heardAt: this.#ports.now() };
    this.#watch();
    switch (message.t) {
      case 'welcome':
        this.#greeted = true;
        this.#attempt = 0;
        this.#pingMs = message.ping_ms;
        this.#watch();
        this.#set({ phase: 'syncing' });
        this.#hear(message, message.operator);
        for (const subscription of this.#subscriptions.values()) this.#sendSub(subscription);
        this.#settle();
        return;
      case 'ping':
        this.#send({ t: 'pong' });
        this.#hear(message, null);
        return;
      case 'snap':
        this.#snap(message);
        return;
      case 'delta':
        this.#delta(message);
        return;
      case 'reset': {
        const subscription = this.#subscriptions.get(message.id);
        if (subscription !== undefined) this.#forget(subscription);
        this.#settle();
        return;
      }
      case 'ack':
        this.#answer(message.id, { ok: true, alert: message.alert ?? null });
        return;
      case 'err': {
        const { code, message: text, temporary, alert } = message;
        if (message.id !== null)
          this.#answer(message.id, { ok: false, code, message: text, temporary, alert: alert ?? null });
        return;
      }
      case 'bye':
        this.#pause = message.reconnect_after_ms;
    }
  }

  #hear(message: { server_time: string } & Health, operator: string | null): void {
    const { sources, gateway } = message;
    this.#listener.health({ sources, gateway }, Date.parse(message.server_time) - this.#ports.now(), operator);
  }

  #snap({ id, part, last, epoch, to, alerts }: Extract<ServerMessage, { t: 'snap' }>): void {
    const subscription = this.#subscriptions.get(id);
    if (subscription === undefined) return;
    if (part === 0) subscription.parts = [];
    subscription.parts.push(...alerts);
    if (!last) return;
    subscription.handlers.replace(subscription.parts);
    subscription.parts = [];
    subscription.at = { epoch, to };
    subscription.complete = true;
    this.#settle();
  }

  #delta({ id, epoch, from, to, more, ops }: Extract<ServerMessage, { t: 'delta' }>): void {
    const subscription = this.#subscriptions.get(id);
    if (subscription === undefined) return;
    const { at } = subscription;
    if (at === null || at.epoch !== epoch || at.to !== from) {
      if (at === null) return;
      this.#forget(subscription);
      this.#sendSub(subscription);
      this.#settle();
      return;
    }
    subscription.handlers.apply(ops);
    subscription.at = { epoch, to };
    if (subscription.complete || more === true) return;
    subscription.complete = true;
    this.#settle();
  }

  /** What is held no longer follows on: it stays on the screen as stale until the next snapshot replaces it. */
  #forget(subscription: Subscription): void {
    subscription.at = null;
    subscription.complete = false;
  }

  #sendSub(subscription: Subscription): void {
    const { id, filter, at } = subscription;
    subscription.complete = false;
    this.#send({ t: 'sub', id, filter, ...(at === null ? {} : { since: { epoch: at.epoch, pos: at.to } }) });
  }

  #settle(): void {
    if (!this.#greeted) return;
    const complete = [...this.#subscriptions.values()].every((s) => s.complete);
    this.#set({ phase: complete ? 'live' : 'syncing' });
  }

  #answer(id: string, result: CommandResult): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    this.#ports.cancel(pending.timer);
    pending.resolve(result);
  }

  #watch(): void {
    this.#ports.cancel(this.#watchdog);
    this.#watchdog = this.#ports.later(() => {
      const socket = this.#socket;
      if (socket === null) return;
      socket.close(4000, 'silent');
      this.#lost(socket, 4000);
    }, this.#pingMs * MISSED_PINGS);
  }

  #lost(socket: SocketLike, code: number): void {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#greeted = false;
    this.#ports.cancel(this.#watchdog);
    for (const id of [...this.#pending.keys()]) this.#answer(id, failure('offline'));
    if (this.#closed) {
      this.#set({ phase: 'offline', retryAt: null });
      return;
    }
    if (code >= NEVER_AGAIN && code < 5000) {
      this.#set({ phase: 'refused', retryAt: null, code });
      return;
    }
    const most = Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** this.#attempt++);
    const pause = this.#pause ?? most * (0.5 + this.#ports.random() / 2);
    this.#pause = null;
    this.#set({ phase: 'offline', retryAt: this.#ports.now() + pause });
    this.#timer = this.#ports.later(() => this.connect(), pause);
  }

  #set(change: Partial<ClientStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#listener.status(this.#status);
  }

  #send(message: object): void {
    this.#socket?.send(JSON.stringify(message));
  }
}

function failure(code: 'unsent' | 'unanswered' | 'offline'): CommandResult {
  return { ok: false, code, message: '', temporary: true, alert: null };
}
