// When a sale without a purchase may be spoken of: the grace for late uploads is over, and what was sent by then has been read.

/** What was sent together may arrive in any order: read so far behind the last instant that matters, ms (design: clocks and absence). */
export const SLACK_MS = 10_000;

/** On the clock of the settlement and trace feeds, ms. @param sale its event time and the arrival of its document, ms */
export function dueOf({ at, arrival }: { at: number; arrival: number }, graceMs: number): number {
  return Math.max(at + graceMs, arrival) + SLACK_MS;
}
