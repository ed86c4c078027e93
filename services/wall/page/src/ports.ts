// What the client of wall.v1 needs of its surroundings, and what it tells them.
import type { Alert, Health, Op } from './wire.ts';

/** What the client needs of a WebSocket. */
export interface SocketLike {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: (() => void) | null;
}

export interface ClientPorts {
  open: (url: string, subprotocol: string) => SocketLike;
  /** ms */
  now: () => number;
  /** [0, 1) */
  random: () => number;
  later: (run: () => void, ms: number) => unknown;
  cancel: (timer: unknown) => void;
}

export interface SubscriptionHandlers {
  /** The whole picture; everything held before is void. */
  replace: (alerts: Alert[]) => void;
  apply: (ops: Op[]) => void;
}

/** `live`: greeted, every subscription complete, and heard of lately. `refused`: the server will not have us, no more attempts. */
export type Phase = 'connecting' | 'syncing' | 'live' | 'offline' | 'refused';

export interface ClientStatus {
  phase: Phase;
  /** When anything last came from the server, ms of the local clock; null before the first. */
  heardAt: number | null;
  /** When the next attempt is due, ms of the local clock. */
  retryAt: number | null;
  /** Close code of a refusal. */
  code: number | null;
}

export interface ClientListener {
  status: (status: ClientStatus) => void;
  /** `offset`: server clock minus local clock, ms. */
  health: (health: Health, offset: number, operator: string | null) => void;
}

export type CommandResult =
  | { ok: true; alert: Alert | null }
  | { ok: false; code: string; message: string; temporary: boolean; alert: Alert | null };
