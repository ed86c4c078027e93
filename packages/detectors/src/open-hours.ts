// Opening hours as an institution registers them (`open_hours`), read in Asia/Shanghai, and time counted within them.
import { DAY_MS, localDay, localMidnight } from '@yunjian/contracts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
const SPAN = /(\d{1,2}):(\d\d)(?::\d\d)?\s*[-–—~至]\s*(\d{1,2}):(\d\d)/g;

const CLOCK = /^\s*\d{1,2}:\d\d(?::\d\d)?\s*$/;
/** How the two ends of a span are named. */
const ENDS = [
  ['open', 'close'],
  ['opens', 'closes'],
  ['open_time', 'close_time'],
  ['from', 'to'],
  ['start', 'end'],
] as const;

/** Spans of every day in minutes after local midnight, [from, to), ascending and apart; one over midnight is two. */
export type OpenHours = readonly (readonly [from: number, to: number])[];

/** Where none are registered: the day outside 23:00 to 06:00 (detectors.md, night-settlement). */
export const USUAL_HOURS: OpenHours = [[360, 1380]];

/**
 * Reads `08:00-22:00`, several in one text, `22:00-06:00` over midnight, `{open, close}` and its like, `[08:00, 22:00]`, or a list of those; the
 * contract leaves the form open. From 00:00 to 24:00, or to the same time, is round the clock. Null when there is nothing that can be read so.
 */
export function readOpenHours(value: unknown): OpenHours | null {
  const spans: [number, number][] = [];
  for (const [, ...digits] of textsOf(value).flatMap((text) => [...text.matchAll(SPAN)])) {
    const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = digits.map(Number);
    const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
    if (from > DAY_MINUTES || to > DAY_MINUTES) continue;
    if (from < to) spans.push([from, to]);
    else spans.push([from, DAY_MINUTES], [0, to]);
  }
  const merged: [number, number][] = [];
  for (const [from, to] of spans.sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (from === to) continue;
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged.length === 0 ? null : merged;
}

/** The hours in both. */
export function common(a: OpenHours, b: OpenHours): OpenHours {
  return a.flatMap(([from, to]) =>
    b.flatMap(([start, end]): [number, number][] => {
      const span: [number, number] = [Math.max(from, start), Math.min(to, end)];
      return span[0] < span[1] ? [span] : [];
    }),
  );
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value))
    return value.length === 2 && value.every(isClock) ? [value.join('-')] : value.flatMap(textsOf);
  if (typeof value !== 'object' || value === null) return [];
  const fields = value as Record<string, unknown>;
  return ENDS.flatMap(([from, to]) =>
    isClock(fields[from]) && isClock(fields[to]) ? [`${fields[from]}-${fields[to]}`] : [],
  );
}

function isClock(value: unknown): boolean {
  return typeof value === 'string' && CLOCK.test(value);
}

/** ms of opening hours between two instants. */
export function openTime(hours: OpenHours, from: number, to: number): number {
  let open = 0;
  for (const [start, end] of spansFrom(hours, from)) {
    if (start >= to) break;
    open += Math.max(0, Math.min(end, to) - Math.max(start, from));
  }
  return open;
}

/** The instant at which so much of opening hours has passed since another, ms. */
export function afterOpenTime(hours: OpenHours, from: number, ms: number): number {
  let left = ms;
  for (const [start, end] of spansFrom(hours, from)) {
    const begin = Math.max(start, from);
    if (end - begin >= left) return begin + left;
    left -= Math.max(0, end - begin);
  }
  throw new RangeError('expected opening hours to come again every day, got none');
}

/** Spans from the day of an instant on, for ever, ms. */
function* spansFrom(hours: OpenHours, from: number): Generator<[number, number]> {
  if (hours.length === 0) return;
  for (let midnight = localMidnight(localDay(from)); ; midnight += DAY_MS)
    for (const [start, end] of hours) yield [midnight + start * MINUTE_MS, midnight + end * MINUTE_MS];
}
