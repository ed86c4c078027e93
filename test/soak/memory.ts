// Whether memory is flat: windows of a soak against their mean.

export interface Sample {
  /** ms since the soak began. */
  at: number;
  /** Bytes of the process that are in memory. */
  resident: number;
  /** Bytes of JavaScript objects, garbage included. */
  heap: number;
}

interface Figure {
  /** Bytes, of each window in turn. */
  windows: number[];
  mean: number;
  /** Largest distance of a window from the mean, as a share of it. */
  apart: number;
}

export interface Flatness {
  /** Median of what is resident. */
  resident: Figure;
  /** Least heap of a window: what stays after a collection. */
  live: Figure;
  flat: boolean;
}

const WINDOWS = 6;
const ALLOWED = 0.05;

/** @throws Error when there are too few samples to say anything */
export function flatness(samples: readonly Sample[]): Flatness {
  const size = Math.floor(samples.length / WINDOWS);
  if (size < 1) throw new Error(`${samples.length} samples are too few for ${WINDOWS} windows: soak for longer`);
  const windows = Array.from({ length: WINDOWS }, (_, i) => samples.slice(i * size, (i + 1) * size));
  const resident = figure(windows.map((window) => median(window.map((sample) => sample.resident))));
  const live = figure(windows.map((window) => Math.min(...window.map((sample) => sample.heap))));
  return { resident, live, flat: resident.apart <= ALLOWED };
}

export function printed({ resident, live, flat }: Flatness): string {
  const line = (name: string, { windows, mean, apart }: Figure) =>
    `${name}  ${windows.map((bytes) => mb(bytes).padStart(7)).join('')}   mean ${mb(mean)} MB, at most ${(apart * 100).toFixed(1)} % apart`;
  return [
    `MB in ${WINDOWS} windows`,
    line('resident (median)', resident),
    line('heap (least)     ', live),
    flat
      ? `Flat within ${ALLOWED * 100} %.`
      : `NOT flat: a window's resident memory lies more than ${ALLOWED * 100} % from the mean.`,
  ].join('\n');
}

function figure(windows: number[]): Figure {
  const mean = windows.reduce((sum, each) => sum + each, 0) / windows.length;
  return { windows, mean, apart: Math.max(...windows.map((each) => Math.abs(each - mean) / mean)) };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] as number;
}

function mb(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(0);
}
