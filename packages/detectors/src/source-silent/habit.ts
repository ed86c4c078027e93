// An institution's habit: the gaps between its settlements within opening hours, as counts by length. Small, whatever it is busy with.

export interface Habit {
  /** Gaps, and their sum in ms. */
  count: number;
  total: number;
  /** Gaps shorter than the least that is told apart, then by length: each class a tenth longer than the one before. */
  classes: number[];
}

/** Lengths are told apart from here on, ms: shorter gaps never matter, since no limit lies below. */
const LEAST_MS = 600_000;
const STEP = Math.log(1.1);
/** Above a quarter of a year of opening hours. */
const CLASSES = 90;
/** When so many gaps are counted, each count is halved: what was long ago fades. */
const REMEMBERED = 20_000;

export function noHabit(): Habit {
  return { count: 0, total: 0, classes: [] };
}

/** Adds a gap, ms of opening hours. */
export function learn(habit: Habit, gap: number): void {
  const at = classOf(gap);
  const { classes } = habit;
  while (classes.length <= at) classes.push(0);
  classes[at] = (classes[at] as number) + 1;
  habit.count++;
  habit.total += gap;
  if (habit.count < REMEMBERED) return;
  for (const [i, n] of classes.entries()) classes[i] = n >> 1;
  habit.total = Math.round((habit.total / habit.count) * classes.reduce((sum, n) => sum + n, 0));
  habit.count = classes.reduce((sum, n) => sum + n, 0);
}

/**
 * The length that a share of the gaps do not exceed, ms, rounded up by at most a tenth. Fewer gaps than it takes to know such a share say only
 * how often somebody comes: then it is at least what chance would have it at that rate.
 */
export function usualGap({ count, total, classes }: Habit, share: number): number {
  const rare = 1 / (1 - share);
  const chance = count === 0 || count >= rare ? 0 : (total / count) * Math.log(rare);
  let left = Math.ceil(count * share);
  for (let at = 0; at < classes.length; at++) {
    left -= classes[at] as number;
    if (left <= 0) return Math.round(Math.max(chance, at === 0 ? 0 : LEAST_MS * Math.exp(at * STEP)));
  }
  return Math.round(chance);
}

/** Whether a gap is too short to be told apart: then it need not be measured. */
export function isShort(gap: number): boolean {
  return gap < LEAST_MS;
}

function classOf(gap: number): number {
  return isShort(gap) ? 0 : Math.min(CLASSES, 1 + Math.floor(Math.log(gap / LEAST_MS) / STEP));
}
