// One client of wall.v1: greeting, subscriptions, commands, signs of life. No sockets and no clock of its own.
import type { Command } from '@yunjian/contracts';
import { compile } from '../alerts/filter.ts';
import { type CommandDesk, type Outcome, toCommand } from '../commands.ts';
import type { Operator, Operators } from '../operators.ts';
import type { GatewayFeed, SourceState } from '../sources/board.ts';
import type { Hub, Watcher } from './hub.ts';
import { CLOSE, type ClientMessage, clientMessage, type ErrorCode, encode, type ServerMessage } from './messages.ts';
import type { Outlet, Subscription } from './subscription.ts';

export interface Connection extends Outlet {
  close(code: number, reason: string): void;
}

export interface SessionLimits {
  pingMs: number;
  helloWithinMs: number;
  maxSubscriptions: number;
  /** Messages a client may send between two pings. */
  maxMessagesPerPing: number;
}

export const SESSION_LIMITS: SessionLimits = {
  pingMs: 2000,
  helloWithinMs: 10_000,
  maxSubscriptions: 16,
  maxMessagesPerPing: 200,
};

/** Pings that may stay unanswered. */
const UNANSWERED_PINGS = 3;
/** A client comes back after a pause of its own, drawn from [half, whole] of this, so that not all come at once. */
const RECONNECT_AFTER_MS = 2000;

export interface SessionWorld {
  hub: Hub;
  desk: CommandDesk;
  operators: Operators;
  now: () => number;
  random: () => number;
  health: () => { sources: SourceState[]; gateway: GatewayFeed };
  limits: SessionLimits;
  /** Told once when the session ends, with the close code. */
  onEnd: (session: Session, code: number) => void;
}

export class Session implements Watcher {
  readonly name: string;
  #world: SessionWorld;
  #connection: Connection;
  #operator: Operator | null = null;
  #subscriptions = new Map<string, Subscription>();
  #openedAt: number;
  #unanswered = 0;
  #messages = 0;
  #ended = false;

  constructor(name: string, connection: Connection, world: SessionWorld) {
    this.name = name;
    this.#connection = connection;
    this.#world = world;
    this.#openedAt = world.now();
  }

  send(frame: Buffer, onWritten?: () => void): void {
    if (!this.#ended) this.#connection.send(frame, onWritten);
  }

  buffered(): number {
    return this.#connection.buffered();
  }

  cutAsSlow(): void {
    this.end(CLOSE.tooSlow, 'too slow: unsent data exceeds the bound');
  }

  /** A text frame of the client. */
  receive(text: string): void {
    if (this.#ended) return;
    if (++this.#messages > this.#world.limits.maxMessagesPerPing) {
      this.end(CLOSE.tooManyMessages, 'too many messages');
      return;
    }
    const message = this.#parse(text);
    if (message === null) return;
    if (message.t === 'hello') this.#hello(message.token);
    else if (this.#operator === null)
      this.#refuse(null, 'not_greeted', '请先发送 hello / expected hello as the first message');
    else this.#handle(message, this.#operator);
  }

  /** Once every `pingMs`: cuts who does not greet or answer, pings the rest with a frame that all share. */
  tick(ping: Buffer): void {
    if (this.#ended) return;
    this.#messages = 0;
    if (this.#operator === null) {
      if (this.#world.now() - this.#openedAt > this.#world.limits.helloWithinMs) this.end(CLOSE.noHello, 'no hello');
      return;
    }
    if (this.#unanswered >= UNANSWERED_PINGS) {
      this.end(CLOSE.unansweredPing, 'pings unanswered');
      return;
    }
    this.#unanswered++;
    this.send(ping);
  }

  /** Says goodbye and closes; 4500 and above tell the client not to come back. */
  end(code: number, reason: string): void {
    if (this.#ended) return;
    const pause = RECONNECT_AFTER_MS * (0.5 + this.#world.random() / 2);
    this.send(encode({ t: 'bye', code, reconnect_after_ms: code < 4500 ? Math.round(pause) : null }));
    this.ended(code);
    this.#connection.close(code, reason);
  }

  /** The connection is gone. */
  ended(code: number): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const subscription of this.#subscriptions.values()) this.#world.hub.unsubscribe(subscription);
    this.#subscriptions.clear();
    this.#world.onEnd(this, code);
  }

  #parse(text: string): ClientMessage | null {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      this.end(CLOSE.badMessage, 'expected JSON text frames');
      return null;
    }
    const parsed = clientMessage.safeParse(value);
    if (parsed.success) return parsed.data;
    if (isHello(value)) {
      if (this.#operator === null) this.end(CLOSE.badToken, 'bad token');
      return null;
    }
    const [issue] = parsed.error.issues;
    const where = issue?.path.join('.') || 'message';
    this.#refuse(
      idOf(value),
      'bad_message',
      `消息格式有误:${where} / ${where}: ${issue?.message ?? 'not a message of wall.v1'}`,
    );
    return null;
  }

  #hello(token: string): void {
    if (this.#operator !== null) return;
    const operator = this.#world.operators.byToken(token);
    if (operator === null) {
      this.end(CLOSE.badToken, 'bad token');
      return;
    }
    this.#operator = operator;
    this.#say({
      t: 'welcome',
      session: this.name,
      ping_ms: this.#world.limits.pingMs,
      server_time: new Date(this.#world.now()).toISOString(),
      operator: operator.name,
      ...this.#world.health(),
    });
  }

  #handle(message: Exclude<ClientMessage, { t: 'hello' }>, operator: Operator): void {
    switch (message.t) {
      case 'pong':
        this.#unanswered = 0;
        return;
      case 'sub':
        this.#subscribe(message);
        return;
      case 'unsub':
        this.#unsubscribe(message.id);
        this.#say({ t: 'ack', id: message.id });
        return;
      case 'cmd': {
        const { t: _, id, alert_id, ...given } = message;
        void this.#command(id, toCommand(alert_id, operator, given));
      }
    }
  }

  #subscribe({ id, filter, since }: Extract<ClientMessage, { t: 'sub' }>): void {
    this.#unsubscribe(id);
    if (this.#subscriptions.size >= this.#world.limits.maxSubscriptions) {
      const most = this.#world.limits.maxSubscriptions;
      this.#refuse(
        id,
        'too_many_subscriptions',
        `订阅不得超过 ${most} 个,请先用 unsub 结束一个 / expected at most ${most} subscriptions; end one with unsub`,
      );
      return;
    }
    this.#subscriptions.set(id, this.#world.hub.subscribe(this, id, compile(filter), since));
  }

  #unsubscribe(id: string): void {
    const subscription = this.#subscriptions.get(id);
    if (subscription === undefined) return;
    this.#subscriptions.delete(id);
    this.#world.hub.unsubscribe(subscription);
  }

  async #command(id: string, command: Command): Promise<void> {
    const { outcome, message, alert } = await this.#world.desk.give(command);
    if (outcome === 'done') this.#say({ t: 'ack', id, idem: command.idem, alert });
    else this.#say({ t: 'err', id, code: ERROR_OF[outcome], message, temporary: outcome === 'unanswered', alert });
  }

  #refuse(id: string | null, code: ErrorCode, message: string): void {
    this.#say({ t: 'err', id, code, message, temporary: false });
  }

  #say(message: Exclude<ServerMessage, { t: 'snap' } | { t: 'delta' }>): void {
    this.send(encode(message));
  }
}

const ERROR_OF: Record<Exclude<Outcome['outcome'], 'done'>, ErrorCode> = {
  version_conflict: 'version_conflict',
  unknown_alert: 'unknown_alert',
  refused: 'refused',
  unanswered: 'unanswered',
};

/** One that does not fit its schema has no token, or one of no kind that could be right: nothing else in it can be wrong. */
function isHello(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 't' in value && value.t === 'hello';
}

function idOf(value: unknown): string | null {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : null;
  return typeof id === 'string' && id.length <= 64 ? id : null;
}
