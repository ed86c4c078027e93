// How old what is on the screen is, and of which city it is.
import type { Board } from '../board.ts';
import type { Condition } from '../condition.ts';

/** ms by which everything on the screen is old: 0 while socket and gateway are live. @param localNow ms of the local clock */
export function staleness(condition: Condition, board: Board, localNow: number): number {
  if (condition.kind !== 'stale' || !(condition.socket || condition.gateway !== null)) return 0;
  const gatewayAt = board.health?.value.gateway.current_at ?? null;
  const heard = board.status.heardAt;
  const since = Math.min(
    heard ?? Number.POSITIVE_INFINITY,
    gatewayAt === null ? Number.POSITIVE_INFINITY : Date.parse(gatewayAt) - board.offset,
  );
  return Number.isFinite(since) ? Math.max(1, localNow - since) : 1;
}

/** ms for which the most silent source has been silent: 0 while all are live. @param now ms of the server's clock */
export function silence(condition: Condition, now: number): number {
  if (condition.kind !== 'stale') return 0;
  const ages = condition.sources.map(({ last_event_at, clock_at }) => {
    const at = last_event_at ?? clock_at;
    return at === null ? 0 : now - Date.parse(at);
  });
  return Math.max(0, ...ages);
}

/** The page asks for figures every three seconds: older ones than this, ms, did not come when they should. */
const FIGURES_MAX_AGE_MS = 10_000;

/** ms by which the figures are old: 0 while they come. @param now ms of the server's clock */
export function figuresAge(board: Board, now: number): number {
  const old = board.kpis === null ? 0 : now - Date.parse(board.kpis.as_of);
  return old > FIGURES_MAX_AGE_MS ? old : 0;
}

export function cityOf(board: Board): string | null {
  for (const { grid } of board.kpis?.grids ?? []) if (grid.length > 1) return grid[0] ?? null;
  return null;
}
