// Instants as the outside writes them, fast: the date part is made once a day.
import { DAY_MS, localDate, localDay, localMidnight } from '@yunjian/contracts';

export { DAY_MS, localDate, localDay, localMidnight };
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
/** A purchase may be uploaded so long after the sale, ms (detectors.md, trace-not-purchased). */
export const GRACE_MS = 72 * HOUR_MS;
/** Everything is generated in slices of this length, ms. */
export const SLICE_MS = 10 * MINUTE_MS;

let knownDay = Number.NaN;
let knownDate = '';
const TWO = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));

function parts(ms: number): [date: string, time: string] {
  const day = localDay(ms);
  if (day !== knownDay) {
    knownDay = day;
    knownDate = localDate(day);
  }
  const second = Math.floor((ms - localMidnight(day)) / 1000);
  return [knownDate, `${TWO[Math.floor(second / 3600)]}:${TWO[Math.floor(second / 60) % 60]}:${TWO[second % 60]}`];
}

/** `yyyy-MM-ddTHH:mm:ss+08:00`, to the second. */
export function iso(ms: number): string {
  const [date, time] = parts(ms);
  return `${date}T${time}+08:00`;
}

/** `yyyy-MM-dd HH:mm:ss`, as point-of-sale systems write it. */
export function pos(ms: number): string {
  const [date, time] = parts(ms);
  return `${date} ${time}`;
}

/** `yyyyMMddHHmmss`. */
export function compact(ms: number): string {
  return pos(ms).replace(/[- :]/g, '');
}

/** `yyyyMMdd` of a local day. */
export function compactDay(day: number): string {
  return localDate(day).replaceAll('-', '');
}
