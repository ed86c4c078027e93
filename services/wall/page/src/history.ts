// An alert's history as it is shown: a run of amendments is one line.
import { fullInstant } from './format.ts';
import type { Step } from './wire.ts';

export interface Line {
  /** The last step of the run. */
  step: Step;
  /** How many amendments it stands for; 0 for any other step. */
  amendments: number;
}

/** @param steps oldest first; so is the result */
export function collapse(steps: readonly Step[]): Line[] {
  const lines: Line[] = [];
  for (const step of steps) {
    const amends = step.transition.action === 'amend';
    const last = lines.at(-1);
    if (amends && last !== undefined && last.amendments > 0) {
      last.step = step;
      last.amendments++;
    } else lines.push({ step, amendments: amends ? 1 : 0 });
  }
  return lines;
}

/** What an order named: to whom it went, until when it rests, what was found; null: nothing. @param outcomes names of what is found */
export function namedIn(step: Step, outcomes: Record<string, string>): string | null {
  switch (step.transition.action) {
    case 'assign':
      return step.assignee;
    case 'shelve':
      return step.shelved_until === null ? null : fullInstant(step.shelved_until);
    case 'dispose':
      return step.disposal === null ? null : (outcomes[step.disposal] ?? step.disposal);
    default:
      return null;
  }
}
