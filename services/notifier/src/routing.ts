// Where an alert goes by the plan, and who is on duty at an instant.
import { DAY_MS, isoShanghai, localDay, localMidnight } from '@yunjian/contracts';
import type { Alert } from './alert.ts';
import type { Plan, Route, Shift } from './plan.ts';

/** A channel with those whom it reaches. */
export interface Target {
  /** Unique among targets. */
  key: string;
  channel: string;
  route: Route;
}

/** The targets of an alert, each once. */
export function targetsOf(plan: Plan, alert: Alert): Target[] {
  const targets = new Map<string, Target>();
  for (const route of plan.routes) {
    if (!route.levels.includes(alert.level)) continue;
    if (route.detectors !== undefined && !route.detectors.some((id) => id === alert.detector)) continue;
    if (route.districts !== undefined && !route.districts.some((name) => alert.grid.includes(name))) continue;
    const key = JSON.stringify([route.channel, route.roster ?? null, route.to ?? null]);
    targets.set(key, { key, channel: route.channel, route });
  }
  return [...targets.values()];
}

/** How a target is spoken of: by its place in the routing file, without an address. */
export function nameOf(plan: Plan, { route }: Target): string {
  const place = `routes.${plan.routes.indexOf(route)}`;
  return route.roster === undefined ? place : `${place}, roster ${route.roster}`;
}

/** Addresses told through a route at an instant (ms); none for a robot, or when nobody is on duty. */
export function recipientsAt(plan: Plan, { to, roster }: Route, at: number): string[] {
  if (to !== undefined) return to;
  return roster === undefined ? [] : onDuty(plan.rosters[roster] ?? [], at);
}

/** Everyone whose shift holds the instant (ms), each once. A shift holds its start and not its end. */
export function onDuty(shifts: readonly Shift[], at: number): string[] {
  const day = localDay(at);
  const here = shifts.filter((shift) => begunOn(shift, day, at) || begunOn(shift, day - 1, at));
  return [...new Set(here.flatMap(({ to }) => to))];
}

const MINUTE_MS = 60_000;
const WEEK_MINUTES = 7 * 24 * 60;
/** Midnight in Beijing at the beginning of Monday, 1970-01-05. */
const MONDAY = localMidnight(4);

/** When in a week nobody is on duty, Asia/Shanghai: `sat 08:30 to mon 08:30`. */
export function gapsOf(shifts: readonly Shift[]): string[] {
  const manned = Array.from({ length: WEEK_MINUTES }, (_, i) => onDuty(shifts, MONDAY + i * MINUTE_MS).length > 0);
  const mannedAt = (minute: number) => manned[minute % WEEK_MINUTES] === true;
  const begins = [...manned.keys()].filter((minute) => !mannedAt(minute) && mannedAt(minute + WEEK_MINUTES - 1));
  return begins.map((begin) => {
    let end = begin;
    while (!mannedAt(end)) end++;
    return `${hourOfWeek(begin)} to ${hourOfWeek(end)}`;
  });
}

/** Minutes since Monday → `sat 08:30`. */
function hourOfWeek(minute: number): string {
  const at = MONDAY + (minute % WEEK_MINUTES) * MINUTE_MS;
  return `${DAY_NAMES[localDay(at) % 7]} ${isoShanghai(at).slice(11, 16)}`;
}

const DAY_NAMES = ['thu', 'fri', 'sat', 'sun', 'mon', 'tue', 'wed'] as const;

function begunOn({ days, from, until }: Shift, day: number, at: number): boolean {
  /** 1970-01-01 was a Thursday. */
  if (!days.includes(DAY_NAMES[day % 7] as (typeof DAY_NAMES)[number])) return false;
  const start = localMidnight(day) + timeOfDay(from);
  const end = localMidnight(day) + timeOfDay(until);
  return at >= start && at < (end > start ? end : end + DAY_MS);
}

/** HH:MM → ms since midnight. */
function timeOfDay(text: string): number {
  const [hours, minutes] = text.split(':').map(Number) as [number, number];
  return (hours * 60 + minutes) * MINUTE_MS;
}
