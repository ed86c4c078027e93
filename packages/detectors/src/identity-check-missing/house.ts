// One institution as the identity judgement sees it: its settlements and checks of the last 48 hours, found by time, person and device.
import { TimeIndex } from '../time-index.ts';
import type { KeptSettlement } from './kept.ts';
import type { KeptCheck } from './kept-check.ts';

/** Of a name in the key of a search: 6 characters of 64 are more than 32 bits. */
const KEY_CHARACTERS = 6;
const [BY_PERSON, BY_ID] = [0, 1];
const [BEGINNING, END] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

export class House {
  readonly #settlements = new TimeIndex<KeptSettlement>([({ person }) => endOf(person), ({ id }) => endOf(id)]);
  /** Those that anybody's check may concern: collected by somebody else, uncovered, or something is said of them. */
  readonly #forAnyCheck = new TimeIndex<KeptSettlement>();
  readonly #checks = new TimeIndex<KeptCheck>([({ person }) => (person === null ? 0 : endOf(person))]);
  readonly nameless = new TimeIndex<KeptCheck>();
  /** Uncovered settlements by device they rest on. */
  readonly open = new Map<string, OpenSettlements>();
  /** Number of settlements about which an identity-mismatch stands. */
  mismatched = 0;

  add(settlement: KeptSettlement): void {
    settlement.housed = true;
    this.#settlements.add(settlement);
    if (settlement.mismatch > 0) this.mismatched++;
    this.follow(settlement);
  }

  delete(settlement: KeptSettlement): void {
    if (settlement.housed && settlement.mismatch > 0) this.mismatched--;
    settlement.housed = false;
    this.#settlements.delete(settlement);
    for (const device of settlement.openAt ?? []) this.open.get(device)?.delete(settlement);
    settlement.openAt = null;
    this.follow(settlement);
  }

  addCheck(check: KeptCheck): void {
    this.#checks.add(check);
    if (check.person === null) this.nameless.add(check);
  }

  deleteCheck(check: KeptCheck): void {
    this.#checks.delete(check);
    if (check.person === null) this.nameless.delete(check);
  }

  /** Call when something began or ended to be said of a settlement, or it is uncovered no longer, or again. */
  follow(settlement: KeptSettlement): void {
    const { housed, byAgent, told, openAt, forAnyCheck } = settlement;
    const wanted = housed && (byAgent || told > 0 || openAt !== null);
    if (wanted === forAnyCheck) return;
    settlement.forAnyCheck = wanted;
    if (wanted) this.#forAnyCheck.add(settlement);
    else this.#forAnyCheck.delete(settlement);
  }

  settlements(): KeptSettlement[] {
    return this.#settlements.all();
  }

  settlement(id: string): KeptSettlement | undefined {
    return this.#settlements.matching(BEGINNING, END, endOf(id), BY_ID).find((settlement) => settlement.id === id);
  }

  /** Settlements with from ≤ at ≤ to, ms, in order of time. */
  settledBetween(from: number, to: number): readonly KeptSettlement[] {
    return this.#settlements.between(from, to);
  }

  /** Of those, the person's. */
  settledBy(person: string, from: number, to: number): readonly KeptSettlement[] {
    const found = this.#settlements.matching(from, to, endOf(person), BY_PERSON);
    return found.every((settlement) => settlement.person === person)
      ? found
      : found.filter((settlement) => settlement.person === person);
  }

  /** Settlements with from ≤ at ≤ to, ms, that a check of that person, or of nobody known, may concern; in no order. */
  concernedBy(person: string | null, from: number, to: number): KeptSettlement[] {
    if (person === null) return [...this.settledBetween(from, to)];
    const any = this.#forAnyCheck.between(from, to);
    const own = this.settledBy(person, from, to);
    return any.length === 0 ? [...own] : [...any, ...own.filter(({ forAnyCheck }) => !forAnyCheck)];
  }

  /** Checks with from ≤ at ≤ to, ms, in order of time. */
  checksBetween(from: number, to: number): readonly KeptCheck[] {
    return this.#checks.between(from, to);
  }

  /** Of those, the ones that name the person. */
  checksOf(person: string, from = BEGINNING, to = END): readonly KeptCheck[] {
    const found = this.#checks.matching(from, to, endOf(person), BY_PERSON);
    return found.every((check) => check.person === person) ? found : found.filter((check) => check.person === person);
  }

  check(key: string): KeptCheck | undefined {
    return this.#checks.all().find((check) => check.key === key);
  }

  checks(): KeptCheck[] {
    return this.#checks.all();
  }
}

/** Uncovered settlements that rest on one device. */
export class OpenSettlements {
  readonly all = new TimeIndex<KeptSettlement>();
  /** Of those, which wait for a record of the device at or behind their deadline. */
  readonly unshown = new TimeIndex<KeptSettlement>();

  add(settlement: KeptSettlement, shown: boolean): void {
    this.all.add(settlement);
    if (!shown) this.unshown.add(settlement);
  }

  delete(settlement: KeptSettlement): void {
    this.all.delete(settlement);
    this.unshown.delete(settlement);
  }
}

/** The end of a name as a 32-bit integer: names that follow each other, and pseudonyms, differ there. */
function endOf(name: string): number {
  let key = 1;
  for (let i = Math.max(0, name.length - KEY_CHARACTERS); i < name.length; i++)
    key = (Math.imul(key, 31) + name.charCodeAt(i)) | 0;
  return key;
}
