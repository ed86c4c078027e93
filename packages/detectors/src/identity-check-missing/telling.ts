// What is said when the judgement of a settlement changes: raised, withdrawn with its excuse, and the mismatch that stands beside it.
import type { DetectorHost } from '@yunjian/detection';
import type { IdentityBook } from './book.ts';
import { claimOf, mismatchClaim } from './claims.ts';
import type { House } from './house.ts';
import type { KeptSettlement, Verdict } from './kept.ts';
import type { IdentityParams } from './params.ts';
import { mismatchEvidence } from './seen.ts';
import type { Windows } from './windows.ts';

const RAISED: Record<1 | 2, string> = {
  1: 'no check and no camera that could tell',
  2: 'no identity check in the window',
};

export class Telling {
  readonly #host: DetectorHost<IdentityParams>;
  readonly #book: IdentityBook;
  readonly #windows: Windows;

  constructor(host: DetectorHost<IdentityParams>, book: IdentityBook, windows: Windows) {
    this.#host = host;
    this.#book = book;
    this.#windows = windows;
  }

  verdict(house: House, settlement: KeptSettlement, verdict: Verdict): void {
    const before = settlement.told;
    if (before === verdict) return;
    settlement.told = verdict;
    house.follow(settlement);
    this.#book.changed(settlement);
    if (before > 0) this.say(house, settlement, before, 'withdraw', this.#excuse(settlement, verdict));
    this.mismatch(house, settlement);
    if (verdict !== 0) this.say(house, settlement, verdict, 'raise', RAISED[verdict]);
  }

  /** Raises, amends or withdraws the mismatch; whether there was something to say. */
  mismatch(house: House, settlement: KeptSettlement): boolean {
    const rule = this.#windows.rule(settlement.institution);
    const seen = settlement.told === 2 ? mismatchEvidence(settlement, house, rule) : [];
    if (seen.length === settlement.mismatch) return false;
    const [action, reason] =
      seen.length > 0
        ? (['raise', 'somebody else was seen at the counter'] as const)
        : (['withdraw', 'the settlement is no longer uncovered'] as const);
    this.#host[action](mismatchClaim(settlement, this.#windows.view(settlement, house), seen, reason));
    this.#book.setMismatch(house, settlement, seen.length);
    this.#book.changed(settlement);
    return true;
  }

  /** What is known of a settlement has changed, and all that stands of it says so. */
  amend(house: House, settlement: KeptSettlement, reason: string): void {
    this.say(house, settlement, settlement.told as 1 | 2, 'raise', reason);
    if (settlement.mismatch === 0) return;
    const seen = mismatchEvidence(settlement, house, this.#windows.rule(settlement.institution));
    this.#host.raise(mismatchClaim(settlement, this.#windows.view(settlement, house), seen, reason));
  }

  say(house: House, settlement: KeptSettlement, verdict: Verdict, action: 'raise' | 'withdraw', reason: string): void {
    const view = this.#windows.view(settlement, house);
    this.#host[action](claimOf(settlement, verdict, view, this.#host.params(settlement.institution), reason));
  }

  #excuse({ institution, at, reversal, openAt }: KeptSettlement, verdict: Verdict): string {
    if (verdict === 2) return 'the camera was alive after all';
    if (reversal !== null && reversal.at <= at + this.#windows.rule(institution).afterMs)
      return 'the settlement was reversed in time';
    return openAt === null ? 'a check covers it' : 'the camera was not alive';
  }
}
