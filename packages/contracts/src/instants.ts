// Instants and money as the outside sees them, and the calendar of Asia/Shanghai (UTC+8, no daylight saving since 1991).

export const DAY_MS = 86_400_000;
const OFFSET_MS = 8 * 3_600_000;

/** ms since the epoch → ISO 8601 with offset +08:00, ms kept only when there are any. */
export function isoShanghai(ms: number): string {
  const text = new Date(ms + OFFSET_MS).toISOString().slice(0, -1);
  return `${text.endsWith('.000') ? text.slice(0, -4) : text}+08:00`;
}

/** Days since 1970-01-01 of the local day (Asia/Shanghai) that holds the instant. */
export function localDay(ms: number): number {
  return Math.floor((ms + OFFSET_MS) / DAY_MS);
}

/** The instant at which a local day starts, ms. */
export function localMidnight(day: number): number {
  return day * DAY_MS - OFFSET_MS;
}

/** `yyyy-MM-dd` of a local day. */
export function localDate(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

export interface Quarter {
  year: number;
  quarter: 1 | 2 | 3 | 4;
}

/** Calendar quarter of an instant in Asia/Shanghai. */
export function quarterOf(ms: number): Quarter {
  const local = new Date(ms + OFFSET_MS);
  return { year: local.getUTCFullYear(), quarter: (Math.floor(local.getUTCMonth() / 3) + 1) as Quarter['quarter'] };
}

/** First local day, and the number of days in each of the quarter's three months. */
export function quarterDays({ year, quarter }: Quarter): {
  first: number;
  months: [number, number, number];
  total: number;
} {
  const month = (quarter - 1) * 3;
  const start = (m: number) => Date.UTC(year, month + m, 1) / DAY_MS;
  const months: [number, number, number] = [start(1) - start(0), start(2) - start(1), start(3) - start(2)];
  return { first: start(0), months, total: start(3) - start(0) };
}

/** Integer fen → yuan text with two decimals. */
export function yuan(fen: number): string {
  const sign = fen < 0 ? '-' : '';
  const digits = String(Math.abs(fen)).padStart(3, '0');
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
