// How far each channel has come, in the words that stand beside the group's offset. The offset is that of the slowest channel; without them
// a restart would tell everything above it again on the others.
import { z } from 'zod';

/** The broker keeps 4,096 bytes. */
const MOST_BYTES = 4_000;
const written = z.record(z.string(), z.int().min(0));

/** Empty where no channel is further than the offset, and where there are too many to say so: then they tell again. */
export function noteOf(settled: ReadonlyMap<string, number>, offset: number): string {
  const further = [...settled].filter(([, at]) => at > offset);
  const note = JSON.stringify(Object.fromEntries(further));
  return further.length === 0 || Buffer.byteLength(note) > MOST_BYTES ? '' : note;
}

/** Channels that are further than the offset; what does not fit, or lies beyond the log's end, says nothing. */
export function settledOf({ note, offset }: { note: string; offset: number }, high: number): Map<string, number> {
  try {
    const settled = Object.entries(written.parse(JSON.parse(note)));
    return new Map(settled.filter(([, at]) => at > offset && at <= high));
  } catch {
    return new Map();
  }
}
