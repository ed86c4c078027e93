// What the wall may say of the whole: the one place that decides whether "all normal" is true.
import type { ClientStatus } from './ports.ts';
import type { GatewayFeed, Health, SourceState } from './wire.ts';

export type Condition =
  /** Something that would show trouble is not to be trusted: what is on the screen may be old. */
  | { kind: 'stale'; socket: boolean; gateway: GatewayFeed | null; sources: SourceState[] }
  /** Everything is fresh, and alerts wait for somebody. */
  | { kind: 'open'; count: number }
  /** Everything is fresh and nothing waits. */
  | { kind: 'normal' };

/** Health that has not been heard for longer than this is old itself, ms. */
const HEALTH_MAX_AGE_MS = 10_000;

export interface Seen {
  status: Pick<ClientStatus, 'phase'>;
  /** The last health heard, and when by the local clock; null before the first. */
  health: { at: number; value: Health } | null;
  /** Unacknowledged alerts on the screen. */
  open: number;
  /** ms of the local clock */
  now: number;
}

/** "Normal" only when the socket is live, the gateway's feed is live, every source is live, and no alert is unacknowledged. */
export function conditionOf({ status, health, open, now }: Seen): Condition {
  const socketLive = status.phase === 'live' && health !== null && now - health.at <= HEALTH_MAX_AGE_MS;
  const gateway = health?.value.gateway ?? null;
  const sources = health?.value.sources ?? [];
  const unwell = sources.filter((source) => source.state !== 'live');
  const gatewayLive = gateway?.state === 'live';
  if (!socketLive || !gatewayLive || unwell.length > 0 || sources.length === 0)
    return { kind: 'stale', socket: !socketLive, gateway: gatewayLive ? null : gateway, sources: unwell };
  return open > 0 ? { kind: 'open', count: open } : { kind: 'normal' };
}
