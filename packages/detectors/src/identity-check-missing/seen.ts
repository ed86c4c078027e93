// Who else was seen at the counter: the checks on which identity-mismatch rests.
import { type CoverRule, fits, inWindow, sameTerminal } from './cover.ts';
import type { House } from './house.ts';
import type { KeptSettlement } from './kept.ts';
import type { KeptCheck } from './kept-check.ts';

/** Failed checks of this person, and passed checks of somebody who did not settle then, at the settlement's terminal. */
export function mismatchEvidence(settlement: KeptSettlement, house: House, rule: CoverRule): KeptCheck[] {
  if (settlement.byAgent) return [];
  const [from, to] = [settlement.at - rule.beforeMs, settlement.at + rule.afterMs];
  const seen: KeptCheck[] = [];
  for (const check of house.doubtful(settlement, from, to, rule)) {
    if (check.person === null || !inWindow(check, settlement, rule) || !sameTerminal(check, settlement, rule)) continue;
    const failedHere = !check.passed && !check.skipped && check.person === settlement.person;
    const somebodyElse = check.passed && check.person !== settlement.person && !coversItsOwn(check, house, rule);
    if (failedHere || somebodyElse) seen.push(check);
  }
  return seen.sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
}

/** A check that covers a settlement of the person it names is that customer's own, not a sign of somebody else. */
function coversItsOwn(check: KeptCheck, house: House, rule: CoverRule): boolean {
  const { at, person } = check;
  if (person === null) return false;
  return house.settledBy(person, at - rule.afterMs, at + rule.beforeMs).some((own) => fits(check, own, rule));
}
