// When a judgement of absence is due, and what it says (design: "Clocks and absence").
import type { DetectorHost } from '@yunjian/detection';
import type { KeptSettlement } from './kept.ts';

/** Wait behind the last thing that was shown or that touched the window, ms (rule a). */
const SHOWN_WAIT_MS = 10_000;
/** Wait behind a device that has fallen silent, ms (rule b). */
const SILENT_WAIT_MS = 90_000;

type Ports = Pick<DetectorHost<never>, 'clocks' | 'devices'>;

/** F must be above this instant, ms, for the judgement to be due. */
export function dueAfter(
  settlement: KeptSettlement,
  cameras: readonly string[],
  deadline: number,
  { devices }: Ports,
): number {
  let due = Number.NEGATIVE_INFINITY;
  for (const camera of cameras) {
    const shown = settlement.shown?.[camera];
    const at =
      shown !== undefined
        ? Math.max(deadline, settlement.arrival, settlement.touched, shown) + SHOWN_WAIT_MS
        : Math.max(deadline, settlement.arrival, devices.lastArrival(camera)) + SILENT_WAIT_MS;
    due = Math.max(due, at);
  }
  return due;
}

/** Notes which devices have shown the deadline by now; `arrival` is that of the record that did. Returns whether one was new. */
export function noteShown(
  settlement: KeptSettlement,
  device: string,
  deadline: number,
  arrival: number,
  { devices }: Ports,
): boolean {
  if (settlement.shown?.[device] !== undefined || devices.clock(device) < deadline) return false;
  settlement.shown ??= {};
  settlement.shown[device] = arrival;
  return true;
}
