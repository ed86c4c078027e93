// Figures from samples, and CPU time of processes.
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** The sample below which the share `q` (0–1) of the samples lies, by nearest rank; NaN without samples. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * q) - 1))] ?? Number.NaN;
}

export function rounded(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}

/** The kernel counts CPU time in hundredths of a second for every process (USER_HZ). */
const TICKS_PER_SECOND = 100;

/** Seconds of CPU that a process has used so far, user and system; null where /proc is not there or the process is gone. */
export function cpuSeconds(pid: number): number | null {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return null;
  const stat = readFileSync(file, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Seconds of CPU that this whole machine has spent working so far, all cores together. */
export function machineSeconds(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000;
}

/**
 * Bytes of memory that are a process's own at the moment: pages of files that it looks at are the system's to take back. Null where /proc is
 * not there or the process is gone.
 */
export function ownBytes(pid: number): number | null {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return null;
  const kib = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(file, 'utf8'))?.[1];
  return kib === undefined ? null : Number(kib) * 1_024;
}
