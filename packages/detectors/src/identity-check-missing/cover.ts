// Which settlements are covered by a check: named checks cover all that they fit, nameless ones one each, so that as few settlements
// as possible stay uncovered and, among equals, the earliest by event time and id are covered first.
import type { House } from './house.ts';
import type { KeptSettlement } from './kept.ts';
import type { KeptCheck } from './kept-check.ts';
import { isPassed } from './named-checks.ts';

export interface CoverRule {
  beforeMs: number;
  afterMs: number;
  /** Whether a check's camera may have watched a terminal, by the registration of an instant, ms: it does, or watches none that is known. */
  mayWatch(check: KeptCheck, terminal: string, at: number): boolean;
  /** Whether a settlement could make a claim at all: only those compete for nameless checks. */
  competes(settlement: KeptSettlement): boolean;
}

/** In the window, at the same terminal where both have one, of the same person where both name one and nobody collects for another. */
export function fits(check: KeptCheck, settlement: KeptSettlement, rule: CoverRule): boolean {
  if (!check.passed || !inWindow(check, settlement, rule) || !sameTerminal(check, settlement, rule)) return false;
  return check.person === null || check.person === settlement.person || settlement.byAgent;
}

export function inWindow(
  check: KeptCheck,
  settlement: KeptSettlement,
  rule: Pick<CoverRule, 'beforeMs' | 'afterMs'>,
): boolean {
  return check.at >= settlement.at - rule.beforeMs && check.at <= settlement.at + rule.afterMs;
}

/** The check's terminal is its own, else those of its camera by the registration that counts for the settlement. */
export function sameTerminal(
  check: KeptCheck,
  { terminal, at }: KeptSettlement,
  rule: Pick<CoverRule, 'mayWatch'>,
): boolean {
  if (terminal === null) return true;
  return check.terminal === null ? rule.mayWatch(check, terminal, at) : check.terminal === terminal;
}

/** Whether a check that names somebody covers the settlement. */
export function isCoveredByName(settlement: KeptSettlement, house: House, rule: CoverRule): boolean {
  const [from, to] = [settlement.at - rule.beforeMs, settlement.at + rule.afterMs];
  if (house.isNamed(settlement, from, to, (check) => sameTerminal(check, settlement, rule))) return true;
  if (settlement.byAgent)
    return house
      .checksBetween(from, to, isPassed)
      .some((check) => check.person !== null && fits(check, settlement, rule));
  return house.checksOf(settlement.person, from, to).some((check) => fits(check, settlement, rule));
}

/**
 * The settlements that share nameless checks with the given ones, directly or through others, each with whether it is covered.
 * Works on that component alone, however much the house remembers.
 */
export function judgeComponent(
  seeds: Iterable<KeptSettlement>,
  house: House,
  rule: CoverRule,
): Map<KeptSettlement, boolean> {
  const verdicts = new Map<KeptSettlement, boolean>();
  const competing = new Set<KeptSettlement>();
  const options = new Map<KeptSettlement, KeptCheck[]>();
  const reached = new Set<KeptCheck>();
  const queue = [...seeds];
  const given = new Set(queue);
  const met = new Set(queue);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const settlement = next;
    if (verdicts.has(settlement)) continue;
    const named = isCoveredByName(settlement, house, rule);
    verdicts.set(settlement, named);
    const competes = !named && rule.competes(settlement);
    // One that needs no nameless check any more may have set one free: its rivals are looked at, it takes none itself.
    if (!competes && (house.nameless.empty || !given.has(settlement))) continue;
    if (competes) competing.add(settlement);
    const fitting = house.nameless
      .between(settlement.at - rule.beforeMs, settlement.at + rule.afterMs)
      .filter((check) => fits(check, settlement, rule));
    options.set(settlement, fitting);
    for (const check of fitting) {
      if (reached.has(check)) continue;
      reached.add(check);
      for (const other of house.settledBetween(check.at - rule.afterMs, check.at + rule.beforeMs)) {
        if (met.has(other) || !fits(check, other, rule)) continue;
        met.add(other);
        queue.push(other);
      }
    }
  }
  for (const settlement of matched([...competing], options)) verdicts.set(settlement, true);
  return verdicts;
}

/** Whether one settlement after another is covered, while nothing changes: a component is worked out once for all its members. */
export function judgeEach(): (settlement: KeptSettlement, house: House, rule: CoverRule) => boolean {
  const known = new Map<KeptSettlement, boolean>();
  return (settlement, house, rule) => {
    if (!known.has(settlement))
      for (const [member, covered] of judgeComponent([settlement], house, rule)) known.set(member, covered);
    return known.get(settlement) === true;
  };
}

/** Order of event time and id: of cover, and of everything told about several settlements at once. */
export function inOrder(a: KeptSettlement, b: KeptSettlement): number {
  return a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/**
 * Augmenting paths, taken greedily in order: the most settlements are covered, and of those sets the earliest in order. Breadth first, and a
 * free check before any that somebody holds: a rush hour's component has thousands of members.
 */
function matched(
  settlements: KeptSettlement[],
  options: ReadonlyMap<KeptSettlement, KeptCheck[]>,
): Iterable<KeptSettlement> {
  const holders = new Map<KeptCheck, KeptSettlement>();
  const held = new Map<KeptSettlement, KeptCheck>();
  /** From these no free check was reached, and so none ever will be: what their holders fit is among them. */
  const hopeless = new Set<KeptCheck>();
  const seek = (settlement: KeptSettlement): void => {
    const wantedBy = new Map<KeptCheck, KeptSettlement>();
    const asked = [settlement];
    for (const one of asked) {
      const fitting = options.get(one) ?? [];
      const free = fitting.find((check) => !holders.has(check));
      if (free !== undefined) {
        handOver(free, one, wantedBy);
        return;
      }
      for (const check of fitting) {
        if (hopeless.has(check) || wantedBy.has(check)) continue;
        wantedBy.set(check, one);
        asked.push(holders.get(check) as KeptSettlement);
      }
    }
    for (const check of wantedBy.keys()) hopeless.add(check);
  };
  /** Whoever takes a check leaves the one held before to whom wanted it. */
  const handOver = (free: KeptCheck, taker: KeptSettlement, wantedBy: Map<KeptCheck, KeptSettlement>): void => {
    let check: KeptCheck | undefined = free;
    let next: KeptSettlement | undefined = taker;
    while (check !== undefined && next !== undefined) {
      const left: KeptCheck | undefined = held.get(next);
      holders.set(check, next);
      held.set(next, check);
      check = left;
      next = left && wantedBy.get(left);
    }
  };
  for (const settlement of settlements.sort(inOrder)) seek(settlement);
  return held.keys();
}
