// Cameras: heartbeats, people counted at the counter, and what a fault makes of them.
import type { City, Counter } from '../city/city.ts';
import { concern, mix } from '../city/random.ts';
import type { DayPlan } from './day.ts';
import type { Fault } from './faults.ts';
import { firstFrom } from './ordinary.ts';
import type { Stage } from './stage.ts';
import { iso, localDay, localMidnight, MINUTE_MS } from './time.ts';

export interface CameraPace {
  heartbeatMs: number;
  presenceMs: number;
}

export const CAMERA_PACE: CameraPace = { heartbeatMs: 20_000, presenceMs: 30_000 };

/** People dwell at the counter so long before and after they deal, ms: whoever settles within five minutes of each other is seen together. */
const DWELL_MS = 5 * MINUTE_MS;
const DELAY = concern('camera delay');

/** Sends what cameras say in [from, until), ms, within one local day. */
export function liveCameras(stage: Stage, plan: DayPlan, from: number, until: number, pace: CameraPace): void {
  for (const counter of stage.city.counters) {
    if (counter.camera === null) continue;
    const faults = plan.faults.of(counter).filter(({ start, end }) => start < until && end >= from);
    beats(stage, counter, faults, from, until, pace.heartbeatMs);
    people(stage, plan, counter, faults, from, until, pace.presenceMs);
    for (const fault of faults) announce(stage, counter, fault, from, until);
  }
}

/** Cameras in a bad state report it again; so a consumer that starts within it knows. */
export function reportStates(stage: Stage, plan: DayPlan, at: number, arrival: () => number): void {
  for (const { kind, start, end, counter } of plan.faults.all)
    if (kind === 'blocked' && start <= at && at < end)
      stage.put('surveillance', status(counter, 'blocked', at), arrival());
}

/** A device without a record for longer is reported, ms (detectors.md, source-silent). */
const SILENT_MS = 10 * MINUTE_MS;

/** Tells which silences that begin in [from, until), ms, will have been noticed by the end of what cameras are heard. */
export function noticeSilences(
  stage: Stage,
  plan: DayPlan,
  from: number,
  until: number,
  heard: { from: number; to: number },
): void {
  for (const { kind, start, end, counter } of plan.faults.all) {
    if (kind !== 'silent' && kind !== 'offline') continue;
    if (start < from || start >= until || start < heard.from + MINUTE_MS || end - start < SILENT_MS + MINUTE_MS)
      continue;
    const { institution, camera: ref } = counter;
    const withdrawn = end + MINUTE_MS <= heard.to;
    stage.truth(
      {
        detector: 'source-silent',
        kind: 'device',
        ref: ref as string,
        institution,
        start,
        end: Math.min(end, heard.to),
        withdrawn,
      },
      start + SILENT_MS + MINUTE_MS,
    );
  }
}

function beats(
  stage: Stage,
  counter: Counter,
  faults: readonly Fault[],
  from: number,
  until: number,
  every: number,
): void {
  const phase = mix(stage.city.seed, DELAY, counter.index) % Math.min(every, 20_000);
  const first = Math.ceil((from - phase) / every) * every + phase;
  for (let at = first; at < until; at += every) {
    const fault = faultAt(faults, at);
    if (fault?.kind === 'silent' || fault?.kind === 'offline') continue;
    const told = Math.floor((at + (fault?.ahead ?? 0)) / 1000) * 1000;
    const event = {
      event_id: `h-${counter.index}-${at / 1000}`,
      event_type: 'heartbeat',
      event_time: iso(told),
      source: 'video-platform',
      fixmedins_code: counter.institution.code,
      device_id: counter.camera,
    };
    stage.put('surveillance', event, arrivalOf(stage.city, counter, at, fault));
  }
}

function people(
  stage: Stage,
  plan: DayPlan,
  counter: Counter,
  faults: readonly Fault[],
  from: number,
  until: number,
  every: number,
): void {
  const { opens, closes } = counter.institution;
  const midnight = localMidnight(plan.day);
  const start = Math.max(from, midnight + (opens - 5) * MINUTE_MS);
  const end = Math.min(until, midnight + (closes + 5) * MINUTE_MS);
  const phase = 1_000 * (mix(stage.city.seed, DELAY, counter.index, 1) % Math.max(1, Math.floor(every / 1000)));
  for (let at = Math.ceil((start - phase) / every) * every + phase; at < end; at += every) {
    const fault = faultAt(faults, at);
    if (fault !== undefined && isBlind(fault)) continue;
    const event = {
      event_id: `n-${counter.index}-${at / 1000}`,
      event_type: 'presence',
      event_time: iso(at + (fault?.ahead ?? 0)),
      source: 'video-platform',
      fixmedins_code: counter.institution.code,
      device_id: counter.camera,
      dev_no: counter.terminal,
      persons: seenAt(stage, counter, at),
    };
    stage.put('surveillance', event, arrivalOf(stage.city, counter, at, fault));
  }
}

function seenAt(stage: Stage, counter: Counter, at: number): number {
  const days = new Set([localDay(at - DWELL_MS), localDay(at + DWELL_MS)]);
  let seen = 0;
  for (const day of days) {
    const times = stage.plan(day).people(counter);
    seen += firstFrom(times, at + DWELL_MS + 1) - firstFrom(times, at - DWELL_MS);
  }
  return seen;
}

function announce(stage: Stage, counter: Counter, { kind, start, end }: Fault, from: number, until: number): void {
  if (kind !== 'offline' && kind !== 'blocked') return;
  const inside = (at: number) => at >= from && at < until;
  if (inside(start)) stage.put('surveillance', status(counter, kind, start), start + 400);
  if (inside(end)) stage.put('surveillance', status(counter, 'online', end), end + 400);
}

function status(counter: Counter, state: 'online' | 'offline' | 'blocked', at: number) {
  return {
    event_id: `z-${counter.index}-${Math.floor(at / 1000)}-${state}`,
    event_type: 'camera_status',
    event_time: iso(Math.floor(at / 1000) * 1000),
    source: 'video-platform',
    fixmedins_code: counter.institution.code,
    device_id: counter.camera,
    status: state,
  };
}

function faultAt(faults: readonly Fault[], at: number): Fault | undefined {
  return faults.length === 0 ? undefined : faults.find(({ start, end }) => at >= start && at < end);
}

function isBlind({ kind }: Fault): boolean {
  return kind === 'silent' || kind === 'offline' || kind === 'blocked';
}

/** Over a stalled uplink nothing arrives before the stall is over. */
function arrivalOf({ seed }: City, { index }: Counter, at: number, fault: Fault | undefined): number {
  const delay = 150 + (mix(seed, DELAY, index, Math.floor(at / 1000)) % 1_800);
  return fault?.kind === 'stall' ? fault.end + delay : at + delay;
}
