// The oracle's reading of a device's life, by scanning all of its records for every question.
import type { CameraStatus, Heartbeat, IdentityCheck, Presence, StaffPresence } from '@yunjian/contracts';

type Sign = Heartbeat | IdentityCheck | Presence | CameraStatus | StaffPresence;

const SILENCE_MS = 60_000;
const CLOCK_AHEAD_MS = 60_000;

/** Alive for all of [start, end]: spoken at or before, at or after, never silent for over 60 s between, no bad state, no bad clock. */
export function aliveThrough(records: readonly Sign[], device: string, start: number, end: number): boolean {
  const own = records.filter((r) => r.device === device);
  const times = own.map((r) => r.eventTime).sort((a, b) => a - b);
  const before = times.filter((t) => t <= start).at(-1);
  const after = times.find((t) => t >= end);
  if (before === undefined || after === undefined) return false;
  const between = times.filter((t) => t >= before && t <= after);
  if (between.some((t, i) => i > 0 && t - (between[i - 1] as number) > SILENCE_MS)) return false;
  return (
    !badStates(own).some(([from, to]) => from <= end && to > start) &&
    !badClocks(own).some(([from, to]) => from <= end && to > start)
  );
}

/** Spans from an offline, blocked or tampered status to the next `online`; of two at one instant `online` comes first: in doubt it was not alive. */
function badStates(own: readonly Sign[]): [number, number][] {
  const statuses = own
    .filter((r): r is CameraStatus => r.kind === 'cameraStatus')
    .sort((a, b) => a.eventTime - b.eventTime || Number(a.status !== 'online') - Number(b.status !== 'online'));
  const spans: [number, number][] = [];
  let since: number | null = null;
  for (const { status, eventTime } of statuses) {
    if (status !== 'online') since ??= eventTime;
    else if (since !== null) {
      spans.push([since, eventTime]);
      since = null;
    }
  }
  if (since !== null) spans.push([since, Number.POSITIVE_INFINITY]);
  return spans;
}

/** Spans from the arrival of a record over 60 s ahead of it to the next record within 60 s. */
function badClocks(own: readonly Sign[]): [number, number][] {
  const spans: [number, number][] = [];
  let since: number | null = null;
  for (const { eventTime, arrival } of [...own].sort((a, b) => a.arrival - b.arrival)) {
    if (eventTime - arrival > CLOCK_AHEAD_MS) since ??= arrival;
    else if (since !== null) {
      spans.push([since, arrival]);
      since = null;
    }
  }
  if (since !== null) spans.push([since, Number.POSITIVE_INFINITY]);
  return spans;
}
