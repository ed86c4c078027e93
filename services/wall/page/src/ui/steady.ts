// Rows do not move under the pointer of somebody who is aiming at one: the list waits a moment with what would move them.
import { useRef } from 'preact/hooks';
import type { Alert } from '../wire.ts';

/** So long after its last movement over the list a pointer counts as aiming. */
const AIMING_MS = 1000;
/** And longer than this nothing is kept back. */
const MOST_MS = 4000;

export interface Steady {
  /** What the list shows now. */
  rows: readonly Alert[];
  onPointerMove: () => void;
  onPointerLeave: () => void;
}

/**
 * @param alerts as they are to be listed; the caller renders at least once a second
 * @param choice what was chosen to be listed: another choice is shown at once
 */
export function useSteady(alerts: readonly Alert[], choice: unknown): Steady {
  const movedAt = useRef(Number.NEGATIVE_INFINITY);
  const shown = useRef({ alerts, choice });
  const keptSince = useRef<number | null>(null);
  const now = performance.now();
  const aiming = now - movedAt.current < AIMING_MS && choice === shown.current.choice;
  if (!aiming || sameOrder(alerts, shown.current.alerts) || now - (keptSince.current ?? now) > MOST_MS) {
    shown.current = { alerts, choice };
    keptSince.current = null;
  } else keptSince.current ??= now;
  return {
    rows: shown.current.alerts,
    onPointerMove: () => {
      movedAt.current = performance.now();
    },
    onPointerLeave: () => {
      movedAt.current = Number.NEGATIVE_INFINITY;
    },
  };
}

function sameOrder(one: readonly Alert[], other: readonly Alert[]): boolean {
  return one.length === other.length && one.every((alert, i) => alert.alert_id === other[i]?.alert_id);
}
