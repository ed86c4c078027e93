// A device's life: its clock, the gaps between its records, and its outages, kept for the last 48 hours.
import type { CameraStatus, Heartbeat, IdentityCheck, Presence, StaffPresence } from '@yunjian/contracts';
import { ObjectRows, type RowObject } from './object-rows.ts';
import type { Codec, KeyedState } from './state.ts';

/** Records of a device: any of them is a sign of life. */
export type DeviceRecord = IdentityCheck | Presence | CameraStatus | Heartbeat | StaffPresence;

/** How a device fared through a window, both ends in ms of event time. */
export interface Liveness {
  alive: boolean;
  /** Why not: the first thing found, for facts. Null when alive. */
  cause: 'never-seen' | 'starts-later' | 'ends-earlier' | 'gap' | 'offline' | 'blocked' | 'tampered' | 'clock' | null;
  /** The gap or outage found, ms. */
  from: number | null;
  to: number | null;
}

export interface Devices {
  /** Highest event time of the device's records, ms; -Infinity when it never spoke. */
  clock(device: string): number;
  /** Highest of all devices' clocks, ms; -Infinity when none ever spoke. */
  readonly latest: number;
  /** Arrival of the last record read, ms; -Infinity when it never spoke. */
  lastArrival(device: string): number;
  /** Whether it was alive for the whole window: a record at or before `start`, one at or after `end`, no gap over the silence limit, no outage inside. */
  liveness(device: string, start: number, end: number): Liveness;
  /** Where the record taken last may have changed whether its device was alive, or why it was not; null: nowhere. */
  readonly changed: Span | null;
}

/** Of event time, both ends in ms. */
export interface Span {
  from: number;
  to: number;
}

export interface DeviceBook extends Devices {
  /** After the tables were loaded. */
  restore(): void;
  take(record: DeviceRecord): void;
  /** Forgets what lies more than 48 h behind the clock, ms. */
  prune(clock: number): void;
}

/** Silence that breaks a life (detectors.md, "Silence is not absence"). */
export const SILENCE_MS = 60_000;
/** A record this far ahead of its arrival shows a wrong clock (design: clocks and absence). */
export const CLOCK_AHEAD_MS = 60_000;
/** How long evidence is kept behind the observed clock. */
export const EVIDENCE_KEPT_MS = 48 * 3_600_000;

type Status = CameraStatus['status'];

/** What is kept of a device. Spans are [from, to]; an open end is null. */
interface DeviceLife extends RowObject {
  readonly device: string;
  first: number;
  clock: number;
  lastArrival: number;
  /** Gaps over the silence limit between consecutive records, in order: [last before, first after]. */
  gaps: [number, number][];
  /** Status events in order of event time. */
  statuses: [number, Status][];
  /** Records ahead of their arrival: [arrival of the first, arrival of the next that is not ahead or null]. */
  faults: [number, number | null][];
}

/** [first, clock, lastArrival], and behind them gaps, statuses and faults where there are any. */
const lifeCodec: Codec<DeviceLife> = {
  pack: ({ first, clock, lastArrival, gaps, statuses, faults }) =>
    gaps.length + statuses.length + faults.length === 0
      ? [first, clock, lastArrival]
      : [first, clock, lastArrival, gaps, statuses, faults],
  unpack: (packed, device) => {
    const [first, clock, lastArrival, gaps = [], statuses = [], faults = []] = packed as [
      number,
      number,
      number,
      DeviceLife['gaps']?,
      DeviceLife['statuses']?,
      DeviceLife['faults']?,
    ];
    return { device, first, clock, lastArrival, gaps, statuses, faults, dirty: false, gone: false };
  },
};

const ALIVE: Liveness = { alive: true, cause: null, from: null, to: null };

/** Kept in `state` as the table `device`, written once a checkpoint. */
export function createDevices(state: KeyedState, silenceMs = SILENCE_MS): DeviceBook {
  const lives = new Map<string, DeviceLife>();
  const rows = new ObjectRows<DeviceLife>({
    keyOf: ({ device }) => device,
    codec: lifeCodec,
    all: () => lives.values(),
    hot: true,
  });
  state.attach('device', rows);
  let latest = Number.NEGATIVE_INFINITY;
  let prunedTo = Number.NEGATIVE_INFINITY;
  let changed: Span | null = null;
  let last: { device: string; life: DeviceLife | undefined } = { device: '', life: undefined };
  /** One record asks several times about a device. */
  const lifeOf = (device: string): DeviceLife | undefined => {
    if (device !== last.device) last = { device, life: lives.get(device) };
    return last.life;
  };
  return {
    restore: () => {
      for (const life of rows.takeLoaded()) {
        lives.set(life.device, life);
        latest = Math.max(latest, life.clock);
      }
    },
    get changed() {
      return changed;
    },
    get latest() {
      return latest;
    },
    clock: (device) => lifeOf(device)?.clock ?? Number.NEGATIVE_INFINITY,
    lastArrival: (device) => lifeOf(device)?.lastArrival ?? Number.NEGATIVE_INFINITY,
    liveness: (device, start, end) => {
      const life = lifeOf(device);
      return life === undefined ? { alive: false, cause: 'never-seen', from: null, to: null } : judge(life, start, end);
    },
    take: (record) => {
      const { device, eventTime, arrival } = record;
      if (device === null) return;
      let life = lifeOf(device);
      changed = null;
      if (life === undefined) {
        changed = { from: eventTime, to: eventTime };
        life = bornAt(device, eventTime, arrival);
        lives.set(device, life);
        rows.add(life);
      } else {
        if (eventTime > life.clock) {
          changed = { from: life.clock, to: eventTime };
          if (eventTime - life.clock > silenceMs) life.gaps.push([life.clock, eventTime]);
          life.clock = eventTime;
        } else if (eventTime < life.first) {
          changed = { from: Number.NEGATIVE_INFINITY, to: life.first };
          if (life.first - eventTime > silenceMs) life.gaps.unshift([eventTime, life.first]);
          life.first = eventTime;
        } else if (life.gaps.length > 0) changed = fill(life.gaps, eventTime, silenceMs);
        if (arrival > life.lastArrival) life.lastArrival = arrival;
      }
      const fault = noteClock(life, eventTime, arrival);
      if (fault !== null) changed = { from: Math.min(fault, changed?.from ?? fault), to: Number.POSITIVE_INFINITY };
      if (record.kind === 'cameraStatus') {
        const since = noteStatus(life, eventTime, record.status);
        changed = { from: Math.min(since, changed?.from ?? since), to: Number.POSITIVE_INFINITY };
      }
      if (eventTime > latest) latest = eventTime;
      rows.changed(life);
      if (life !== last.life) last = { device, life };
    },
    prune: (clock) => {
      const before = clock - EVIDENCE_KEPT_MS;
      if (!(before - prunedTo > EVIDENCE_KEPT_MS / 48)) return;
      prunedTo = before;
      for (const life of lives.values()) if (forget(life, before)) rows.changed(life);
    },
  };
}

function bornAt(device: string, at: number, arrival: number): DeviceLife {
  return {
    device,
    first: at,
    clock: at,
    lastArrival: arrival,
    gaps: [],
    statuses: [],
    faults: [],
    dirty: false,
    gone: false,
  };
}

function judge(life: DeviceLife, start: number, end: number): Liveness {
  if (life.first > start) return { alive: false, cause: 'starts-later', from: null, to: life.first };
  if (life.clock < end) return { alive: false, cause: 'ends-earlier', from: life.clock, to: null };
  const gap = life.gaps.find(([from, to]) => from < end && to > start);
  if (gap !== undefined) return { alive: false, cause: 'gap', from: gap[0], to: gap[1] };
  let bad: { status: Status; from: number } | null = null;
  for (const [at, status] of life.statuses) {
    if (status === 'online') {
      if (bad !== null && bad.from <= end && at > start)
        return { alive: false, cause: bad.status as 'offline', from: bad.from, to: at };
      bad = null;
    } else bad ??= { status, from: at };
  }
  if (bad !== null && bad.from <= end)
    return { alive: false, cause: bad.status as 'offline', from: bad.from, to: null };
  const fault = life.faults.find(([from, to]) => from <= end && (to === null || to > start));
  if (fault !== undefined) return { alive: false, cause: 'clock', from: fault[0], to: fault[1] };
  return ALIVE;
}

/** A late record splits the gap it falls into, which is returned. */
function fill(gaps: [number, number][], at: number, silenceMs: number): Span | null {
  for (let i = gaps.length - 1; i >= 0; i--) {
    const [from, to] = gaps[i] as [number, number];
    if (at >= to) return null;
    if (at <= from) continue;
    const parts: [number, number][] = [];
    if (at - from > silenceMs) parts.push([from, at]);
    if (to - at > silenceMs) parts.push([at, to]);
    gaps.splice(i, 1, ...parts);
    return { from, to };
  }
  return null;
}

/** @returns where the outage begins that it ends or goes on with, else its own time, ms */
function noteStatus(life: DeviceLife, at: number, status: Status): number {
  const { statuses } = life;
  let i = statuses.length;
  while (i > 0 && isAfter(statuses[i - 1] as [number, Status], at, status)) i--;
  statuses.splice(i, 0, [at, status]);
  while (i > 0 && (statuses[i - 1] as [number, Status])[1] !== 'online') i--;
  return (statuses[i] as [number, Status])[0];
}

/** Order by time; at one instant `online` comes first, so that order of arrival never decides. */
function isAfter([time, other]: [number, Status], at: number, status: Status): boolean {
  if (time !== at) return time > at;
  return rank(other) > rank(status);
}

function rank(status: Status): number {
  return ['online', 'offline', 'blocked', 'tampered'].indexOf(status);
}

/**
 * Faults are told by arrival: the raw partition of a device delivers in that order but for repeats.
 * @returns where a fault begins that began or ended with this record, ms
 */
function noteClock(life: DeviceLife, eventTime: number, arrival: number): number | null {
  const ahead = eventTime - arrival > CLOCK_AHEAD_MS;
  const last = life.faults[life.faults.length - 1];
  if (ahead && (last === undefined || last[1] !== null)) {
    life.faults.push([arrival, null]);
    return arrival;
  }
  if (ahead || last === undefined || last[1] !== null || arrival < last[0]) return null;
  last[1] = arrival;
  return last[0];
}

/** Drops gaps, statuses and faults that ended before; the last status before stays, since it lasts. */
function forget(life: DeviceLife, before: number): boolean {
  const { gaps, statuses, faults } = life;
  const sizes = gaps.length + statuses.length + faults.length;
  while (gaps.length > 0 && (gaps[0] as [number, number])[1] < before)
    life.first = Math.max(life.first, (gaps.shift() as [number, number])[1]);
  while (statuses.length > 1 && (statuses[1] as [number, Status])[0] < before) statuses.shift();
  while (faults.length > 0) {
    const end = (faults[0] as [number, number | null])[1];
    if (end === null || end >= before) break;
    faults.shift();
  }
  return gaps.length + statuses.length + faults.length !== sizes;
}
