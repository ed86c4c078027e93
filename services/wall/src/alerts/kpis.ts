// GET /api/kpis: counts and amounts of today, yesterday and this month, what is open, what was handled, and the rate over 24 hours.
import { isoShanghai, localDay, localMidnight, yuan } from '@yunjian/contracts';
import { districtOf, type Entry, isOpen } from './entry.ts';

const HOUR_MS = 3_600_000;
const HOURS = 24;
const TOP = 10;

interface Tally {
  count: number;
  fen: number;
  handled: number;
  open: number;
}

export interface Slice {
  count: number;
  /** Yuan, two decimals. */
  amount: string;
  /** Of these: acknowledged or disposed. */
  handled: number;
  /** handled ÷ count, null without alerts. */
  handled_rate: number | null;
  /** Of these: unacknowledged. */
  open: number;
}

export interface Period extends Slice {
  by_level: Record<'1' | '2' | '3' | '4', Slice>;
  by_detector: (Slice & { detector: string })[];
  by_district: (Slice & { district: string | null })[];
  /** The ten with most. */
  by_institution: (Slice & { fixmedins_code: string })[];
}

export interface Kpis {
  as_of: string;
  /** Every unacknowledged alert, however old. */
  open: Period;
  today: Period;
  yesterday: Period;
  month: Period;
  /** Oldest hour first; the last is the running hour. */
  rate_24h: { hour: string; count: number; by_level: [number, number, number, number] }[];
  /** Every grid path that ever had an alert, with what is open there. */
  grids: { grid: readonly string[]; open: number; today: number; worst: number | null }[];
}

/**
 * Alerts count on the local day (Asia/Shanghai) of their event time; withdrawn ones count nowhere, since the claim does not stand.
 * @param now ms since the epoch
 */
export function kpisOf(alerts: Iterable<Entry>, now: number): Kpis {
  const today = localDay(now);
  const startOfToday = localMidnight(today);
  const startOfYesterday = localMidnight(today - 1);
  const startOfMonth = localMidnight(today - (dayOfMonth(startOfToday) - 1));
  const firstHour = Math.floor(now / HOUR_MS) * HOUR_MS - (HOURS - 1) * HOUR_MS;

  const periods = { open: new Sums(), today: new Sums(), yesterday: new Sums(), month: new Sums() };
  const hours = Array.from({ length: HOURS }, (): [number, number, number, number] => [0, 0, 0, 0]);
  const grids = new Map<string, { grid: readonly string[]; open: number; today: number; worst: number | null }>();
  for (const alert of alerts) {
    const at = alert.eventTime;
    const open = isOpen(alert);
    if (alert.grid.length > 0) {
      const cell = getOr(grids, alert.grid.join('\u0000'), () => ({
        grid: alert.grid,
        open: 0,
        today: 0,
        worst: null,
      }));
      if (open) {
        cell.open++;
        cell.worst = Math.min(cell.worst ?? alert.level, alert.level);
      }
      if (alert.raised && at >= startOfToday && at <= now) cell.today++;
    }
    if (!alert.raised) continue;
    if (open) periods.open.add(alert, open);
    if (at > now) continue;
    if (at >= startOfMonth) periods.month.add(alert, open);
    if (at >= startOfToday) periods.today.add(alert, open);
    else if (at >= startOfYesterday) periods.yesterday.add(alert, open);
    if (at >= firstHour) (hours[Math.floor((at - firstHour) / HOUR_MS)] as number[])[alert.level - 1]!++;
  }
  return {
    as_of: isoShanghai(now),
    open: periods.open.period(),
    today: periods.today.period(),
    yesterday: periods.yesterday.period(),
    month: periods.month.period(),
    rate_24h: hours.map((by_level, i) => ({
      hour: isoShanghai(firstHour + i * HOUR_MS),
      count: by_level.reduce((a, b) => a + b, 0),
      by_level,
    })),
    grids: [...grids.values()].sort((a, b) => (a.grid.join('/') < b.grid.join('/') ? -1 : 1)),
  };
}

class Sums {
  #all = emptyTally();
  #levels = new Map<number, Tally>();
  #detectors = new Map<string, Tally>();
  #districts = new Map<string | null, Tally>();
  #institutions = new Map<string, Tally>();

  add(alert: Entry, open: boolean): void {
    const handled = alert.acked || alert.disposed;
    const institution = alert.institution === null ? [] : [getOr(this.#institutions, alert.institution, emptyTally)];
    for (const tally of [
      ...institution,
      this.#all,
      getOr(this.#levels, alert.level, emptyTally),
      getOr(this.#detectors, alert.detector, emptyTally),
      getOr(this.#districts, districtOf(alert), emptyTally),
    ]) {
      tally.count++;
      tally.fen += alert.amount;
      if (handled) tally.handled++;
      if (open) tally.open++;
    }
  }

  period(): Period {
    const level = (n: number) => slice(this.#levels.get(n) ?? emptyTally());
    const most = <K>(tallies: Map<K, Tally>) => [...tallies].sort(([, a], [, b]) => b.count - a.count);
    return {
      ...slice(this.#all),
      by_level: { 1: level(1), 2: level(2), 3: level(3), 4: level(4) },
      by_detector: most(this.#detectors).map(([detector, tally]) => ({ detector, ...slice(tally) })),
      by_district: most(this.#districts).map(([district, tally]) => ({ district, ...slice(tally) })),
      by_institution: most(this.#institutions)
        .slice(0, TOP)
        .map(([fixmedins_code, tally]) => ({ fixmedins_code, ...slice(tally) })),
    };
  }
}

function emptyTally(): Tally {
  return { count: 0, fen: 0, handled: 0, open: 0 };
}

function slice({ count, fen, handled, open }: Tally): Slice {
  return { count, amount: yuan(fen), handled, handled_rate: count === 0 ? null : handled / count, open };
}

function getOr<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function dayOfMonth(localMidnightMs: number): number {
  return Number(isoShanghai(localMidnightMs).slice(8, 10));
}
