// Whether an institution uploads its purchases, told by the months of those that it has uploaded.
import { DAY_MS, localDate, localDay, localMidnight } from '@yunjian/contracts';

/** The days last asked for: a box is asked about several times, and most boxes of a time are of few days. */
const monthsOfDays = new Map<number, string>();
const MOST_DAYS = 1_000;

/** `yyyy-MM` of an instant, Asia/Shanghai. */
export function monthOf(ms: number): string {
  const day = localDay(ms);
  let month = monthsOfDays.get(day);
  if (month === undefined) {
    month = localDate(day).slice(0, 7);
    if (monthsOfDays.size >= MOST_DAYS) monthsOfDays.clear();
    monthsOfDays.set(day, month);
  }
  return month;
}

/** The few months that are ever asked for. */
const known = new Map<string, readonly string[]>();

/** A month and as many before it, the latest first. */
function monthsUpTo(month: string, before: number): readonly string[] {
  const key = `${month} ${before}`;
  let months = known.get(key);
  if (months === undefined) {
    const [year, number] = [Number(month.slice(0, 4)), Number(month.slice(5))];
    months = Array.from({ length: before + 1 }, (_, n) =>
      new Date(Date.UTC(year, number - 1 - n)).toISOString().slice(0, 7),
    );
    known.set(key, months);
  }
  return months;
}

/**
 * Whether a purchase is known that is dated in the sale's month, in one of those before it, or by the end of the grace in the next.
 * @param at of the sale, ms
 * @param before months before the sale's own
 */
export function isUploading(seen: (month: string) => boolean, at: number, graceMs: number, before: number): boolean {
  const [own, last] = [monthOf(at), monthOf(at + graceMs)];
  return monthsUpTo(last, own === last ? before : before + monthsBetween(own, last)).some(seen);
}

export const UPLOADING_MONTHS =
  'Months before a sale’s own in one of which, or in its own, an institution must have uploaded a purchase to count as one that uploads. Source: nothing purchased in up to 90 days (domain.md §4).';

/** How many months lie between two, `yyyy-MM`; negative when the second is earlier. */
export function monthsBetween(first: string, second: string): number {
  const count = (month: string) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5));
  return count(second) - count(first);
}

/** The first instant, Asia/Shanghai, of the month that lies so many behind another, ms. */
export function monthStart(month: string, later: number): number {
  const [year, number] = [Number(month.slice(0, 4)), Number(month.slice(5))];
  return localMidnight(Date.UTC(year, number - 1 + later) / DAY_MS);
}
