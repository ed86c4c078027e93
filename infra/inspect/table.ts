// Tables, times and sizes for a terminal.
import { isoShanghai } from '@yunjian/contracts';

/** Rows under their titles; a column of which every cell is a number or empty stands to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)));
  const right = head.map((_, i) => rows.every((row) => /^[\d., –]*( [a-zA-Z]{1,3})?$/.test(row[i] ?? '')));
  const line = (cells: readonly string[]) =>
    head
      .map((_, i) => (cells[i] ?? '')[right[i] === true ? 'padStart' : 'padEnd'](widths[i] as number))
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)].join('\n');
}

/** Asia/Shanghai, as the control room reads clocks; `–` for none. */
export function clock(at: number | null | undefined): string {
  return at === null || at === undefined || !Number.isFinite(at) || at < 0 ? '–' : isoShanghai(at);
}

/** How long ago, in the largest unit that still says something. */
export function ago(at: number | null | undefined, now: number): string {
  if (at === null || at === undefined || !Number.isFinite(at) || at < 0) return '–';
  const seconds = (now - at) / 1000;
  if (seconds < 0) return `${(-seconds).toFixed(1)} s ahead`;
  if (seconds < 120) return `${seconds.toFixed(1)} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
  return `${Math.round(seconds / 3600)} h ago`;
}

export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  if (size < 1024 * 1024) return `${(size / 1024).toFixed(1)} KB`;
  return `${(size / 1024 / 1024).toFixed(1)} MB`;
}

export function count(number: number): string {
  return number.toLocaleString('en-US');
}
