// Settlements that wait for the clocks of whatever would have shown the opposite: one timer each.
import type { DetectorHost } from '@yunjian/detection';
import { dueAfter } from './judge.ts';
import { type KeptSettlement, timerOf } from './kept.ts';
import type { IdentityParams } from './params.ts';
import type { Windows } from './windows.ts';

export class Waiting {
  readonly #host: DetectorHost<IdentityParams>;
  readonly #windows: Windows;

  constructor(host: DetectorHost<IdentityParams>, windows: Windows) {
    this.#host = host;
    this.#windows = windows;
  }

  stop(settlement: KeptSettlement): void {
    if (!settlement.waiting) return;
    settlement.waiting = false;
    this.#host.timers.cancel(timerOf(settlement));
  }

  /** Whether a graver judgement is due; if not, a timer is armed for when it may be. */
  isDue(settlement: KeptSettlement): boolean {
    const { clocks, timers } = this.#host;
    const { deadline } = this.#windows.window(settlement);
    const due = dueAfter(settlement, this.#windows.cameras(settlement), deadline, this.#host);
    if (clocks.at('observed') <= due) {
      // One that fires early asks again.
      if (settlement.waiting && settlement.armed <= due) return false;
      timers.arm(timerOf(settlement), 'observed', due);
      settlement.armed = due;
    } else if (clocks.at('reference') <= settlement.arrival) {
      timers.arm(timerOf(settlement), 'reference', settlement.arrival);
      settlement.armed = Number.POSITIVE_INFINITY;
    } else return true;
    settlement.waiting = true;
    return false;
  }
}
