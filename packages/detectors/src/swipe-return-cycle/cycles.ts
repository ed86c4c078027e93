// Which of a person's settlements at an institution make a cycle: settled, reversed soon, settled again. A pure function of them all.
import type { ReversalRef } from '@yunjian/detection';
import { type Bill, excuses, inOrder } from '../bill.ts';

export interface Cycle {
  settled: Bill;
  reversal: ReversalRef;
  again: Bill;
  /** The same items settled again soon: the amount may have been put right. */
  correction: boolean;
}

export interface CycleRule {
  /** ms from settlement to reversal, and from reversal to a correction, both included. */
  withinMs: number;
  correctionMs: number;
  reversalOf(bill: Bill): ReversalRef | null;
  /** Which items it is of; null: none are known. */
  itemsOf(bill: Bill): string | null;
}

/** Whether it was taken back in time to be the first half of a cycle; what was reversed at its own second counts as never settled. */
export function returned(bill: Bill, { withinMs, reversalOf }: CycleRule): ReversalRef | null {
  const reversal = reversalOf(bill);
  if (reversal === null || excuses(reversal, bill.at) || reversal.at - bill.at > withinMs) return null;
  return reversal;
}

/** Cycles in order of their end. A settlement is the end of one cycle at most, and may begin the next. */
export function cyclesOf(bills: readonly Bill[], rule: CycleRule): Cycle[] {
  const valid = bills.filter((bill) => !excuses(rule.reversalOf(bill), bill.at)).sort(inOrder);
  const halves = valid
    .flatMap((settled) => {
      const reversal = returned(settled, rule);
      return reversal === null ? [] : [{ settled, reversal }];
    })
    .sort((a, b) => a.reversal.at - b.reversal.at || inOrder(a.settled, b.settled));
  const ends = new Set<Bill>();
  const cycles: Cycle[] = [];
  for (const { settled, reversal } of halves) {
    const again = valid.find((bill) => bill !== settled && bill.at >= reversal.at && !ends.has(bill));
    if (again === undefined) continue;
    const correction =
      rule.itemsOf(settled) !== null &&
      rule.itemsOf(settled) === rule.itemsOf(again) &&
      again.at - reversal.at <= rule.correctionMs;
    ends.add(again);
    cycles.push({ settled, reversal, again, correction });
  }
  return cycles.sort((a, b) => inOrder(a.again, b.again));
}

/** Those of a time that count: the first correction is excused. */
export function counted(cycles: readonly Cycle[]): readonly Cycle[] {
  const excused = cycles.find(({ correction }) => correction);
  return cycles.filter((cycle) => cycle !== excused);
}
