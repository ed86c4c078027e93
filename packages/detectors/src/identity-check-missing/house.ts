// One institution as the identity judgement sees it: its settlements and checks of the last 48 hours, found by time, person and device.
// Checks that name a person, and settlements at rest, are packed rows: the house holds their index.
import { RowIndex } from '../row-index.ts';
import { TimeIndex } from '../time-index.ts';
import type { KeptSettlement } from './kept.ts';
import type { KeptCheck } from './kept-check.ts';
import { endOf } from './lane-bytes.ts';
import { PERSON as CHECKED, isPassed, type NamedChecks, TOLD, terminalNumber, toldOf } from './named-checks.ts';
import { MESSAGE_KEY, type Resting, PERSON as SETTLED, SETTLEMENT, TERMINAL } from './resting.ts';

const [BY_PERSON, BY_ID] = [0, 1];
const [BEGINNING, END] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

/** Where the rows of all houses are. */
export interface Shelves {
  readonly named: NamedChecks;
  readonly resting: Resting;
  /** A settlement is at rest no longer. */
  woken(settlement: KeptSettlement): void;
}

const NOBODY: readonly KeptSettlement[] = [];

export class House {
  readonly #shelves: Shelves;
  /** Those that are awake. */
  readonly #settlements = new TimeIndex<KeptSettlement>([({ person }) => endOf(person), ({ id }) => endOf(id)]);
  /** Those that anybody's check may concern: collected by somebody else, uncovered, or something is said of them. */
  readonly #forAnyCheck = new TimeIndex<KeptSettlement>();
  /** Person, settlement, message, terminal. */
  readonly resting = new RowIndex(4);
  /** Person, and what the check told. */
  readonly named = new RowIndex(2);
  /** Checks that are kept as objects: those that name nobody. */
  readonly #checks = new TimeIndex<KeptCheck>([({ person }) => (person === null ? 0 : endOf(person))]);
  readonly nameless = new TimeIndex<KeptCheck>();
  /** Uncovered settlements by device they rest on. */
  readonly open = new Map<string, OpenSettlements>();
  /** Number of settlements about which an identity-mismatch stands. */
  mismatched = 0;

  constructor(shelves: Shelves) {
    this.#shelves = shelves;
  }

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

  /** Settlements that are awake with from ≤ at ≤ to, ms, in order of time. */
  awake(from = BEGINNING, to = END): readonly KeptSettlement[] {
    return this.#settlements.between(from, to);
  }

  settlement(id: string): KeptSettlement | undefined {
    const key = endOf(id);
    const awake = this.#settlements.matching(BEGINNING, END, key, BY_ID).find((settlement) => settlement.id === id);
    return awake ?? this.#wakeThose(SETTLEMENT, key, (settlement) => settlement.id === id)[0];
  }

  /** In no order that may decide anything; all of them are awake then. */
  byMessage(messageId: string): KeptSettlement[] {
    const bears = (settlement: KeptSettlement) => settlement.messageId === messageId;
    const awake = this.#settlements.all().filter(bears);
    return [...awake, ...this.#wakeThose(MESSAGE_KEY, endOf(messageId), bears)];
  }

  /** Settlements with from ≤ at ≤ to, ms, in order of time; all of them are awake then. */
  settledBetween(from: number, to: number): readonly KeptSettlement[] {
    for (const number of this.resting.between(this.#shelves.resting.rows.first, from, to)) this.#wake(number);
    return this.awake(from, to);
  }

  /** Of those, the person's, to be looked at only: one at rest is not woken. */
  settledBy(person: string, from: number, to: number): KeptSettlement[] {
    return [...this.#awakeOf(person, from, to), ...this.#restingOf(person, from, to)].filter(
      (settlement) => settlement.person === person,
    );
  }

  /** Settlements with from ≤ at ≤ to, ms, that a check of that person, or of nobody known, may concern; in no order, and awake. */
  concernedBy(person: string | null, from: number, to: number): readonly KeptSettlement[] {
    if (person === null) return this.settledBetween(from, to);
    const key = endOf(person);
    const { rows } = this.#shelves.resting;
    for (const number of this.resting.matching(rows.first, from, to, SETTLED, key))
      if (this.#shelves.resting.isOf(number, person)) this.#wake(number);
    const any = this.#forAnyCheck.between(from, to);
    const own = this.#awakeOf(person, from, to);
    if (any.length + own.length === 0) return NOBODY;
    return [...any, ...own.filter((settlement) => !settlement.forAnyCheck && settlement.person === person)];
  }

  /** Whether a passed check that names the person covers the settlement, its terminal asked of `sameTerminal` where it names none itself. */
  isNamed(
    settlement: KeptSettlement,
    from: number,
    to: number,
    sameTerminal: (check: KeptCheck, settlement: KeptSettlement) => boolean,
  ): boolean {
    const { person, terminal } = settlement;
    const { named } = this.#shelves;
    const key = endOf(person);
    const wanted = named.terminal(terminal);
    const { list, stride, begin } = this.named;
    for (let i = this.named.behind(to) - stride; i >= begin && (list[i] as number) >= from; i -= stride) {
      if (list[i + CHECKED] !== key || (list[i + 1] as number) < named.rows.first) continue;
      const [number, told] = [list[i + 1] as number, list[i + TOLD] as number];
      if (!isPassed(told)) continue;
      const its = terminalNumber(told);
      if (terminal !== null && its !== wanted && (its !== 0 || !sameTerminal(named.read(number), settlement))) continue;
      if (named.isOf(number, person)) return true;
    }
    return false;
  }

  /** Checks with from ≤ at ≤ to, ms, to be looked at. @param which by what they told (named-checks.ts); default: all */
  checksBetween(from: number, to: number, which: (told: number) => boolean = () => true): KeptCheck[] {
    const { named } = this.#shelves;
    const found = this.#checks.between(from, to).filter(({ passed, skipped }) => which(toldOf(passed, skipped)));
    const { list, stride, begin } = this.named;
    for (let i = this.named.behind(to) - stride; i >= begin && (list[i] as number) >= from; i -= stride)
      if ((list[i + 1] as number) >= named.rows.first && which(list[i + TOLD] as number))
        found.push(named.read(list[i + 1] as number));
    return found;
  }

  /**
   * Checks with from ≤ at ≤ to, ms, that may say that somebody else than the settlement's person was there. Left out are passed ones whose
   * own customer is at rest at that terminal, as nearly all are, and failed ones of others.
   */
  doubtful(
    settlement: KeptSettlement,
    from: number,
    to: number,
    { beforeMs, afterMs }: { beforeMs: number; afterMs: number },
  ): KeptCheck[] {
    const { named } = this.#shelves;
    const wanted = named.terminal(settlement.terminal);
    const own = endOf(settlement.person);
    const found = [...this.#checks.between(from, to)];
    const customers = this.resting.newestBy(SETTLED, from - afterMs, to + beforeMs);
    const { list, stride, begin } = this.named;
    for (let i = this.named.behind(to) - stride; i >= begin && (list[i] as number) >= from; i -= stride) {
      const [at, number, told] = [list[i] as number, list[i + 1] as number, list[i + TOLD] as number];
      if (number < named.rows.first) continue;
      const [key, terminal] = [list[i + CHECKED] as number, terminalNumber(told)];
      if (settlement.terminal !== null && terminal !== 0 && terminal !== wanted) continue;
      const left = isPassed(told)
        ? terminal !== 0 && this.#restsWith(number, key, terminal, at - afterMs, at + beforeMs, customers.get(key))
        : key !== own;
      if (!left) found.push(named.read(number));
    }
    return found;
  }

  countChecks(from: number, to: number): number {
    const { first } = this.#shelves.named.rows;
    return this.#checks.between(from, to).length + this.named.between(first, from, to).length;
  }

  /** Checks that name the person, to be looked at. */
  checksOf(person: string, from = BEGINNING, to = END): KeptCheck[] {
    const { named } = this.#shelves;
    const key = endOf(person);
    const packed = this.named.matching(named.rows.first, from, to, CHECKED, key).map((number) => named.read(number));
    return [...this.#checks.matching(from, to, key, BY_PERSON), ...packed].filter((check) => check.person === person);
  }

  /** Checks kept as objects. */
  checks(): KeptCheck[] {
    return this.#checks.all();
  }

  /** Takes out the named check of that document; whether there was one. */
  removeNamed(key: string): boolean {
    const { named } = this.#shelves;
    for (const number of this.named.between(named.rows.first, BEGINNING, END)) {
      const check = named.read(number);
      if (check.key !== key) continue;
      this.named.remove(check.at, number);
      named.rows.remove(number);
      return true;
    }
    return false;
  }

  /**
   * Whether a settlement at rest at that terminal, or at none it names, is of the person whom the check names.
   * @param newest place of the newest row with that key, at or behind `to`
   */
  #restsWith(check: number, key: number, terminal: number, from: number, to: number, newest = -1): boolean {
    const { named, resting } = this.#shelves;
    const { list, stride, begin } = this.resting;
    for (let i = newest; i >= begin && (list[i] as number) >= from; i -= stride) {
      const number = list[i + 1] as number;
      if (list[i + SETTLED] !== key || (list[i] as number) > to || number < resting.rows.first) continue;
      const its = list[i + TERMINAL] as number;
      if ((its === 0 || its === terminal) && named.isOfSame(check, resting, number)) return true;
    }
    return false;
  }

  #awakeOf(person: string, from: number, to: number): readonly KeptSettlement[] {
    return this.#settlements.matching(from, to, endOf(person), BY_PERSON);
  }

  #restingOf(person: string, from: number, to: number): KeptSettlement[] {
    const { resting } = this.#shelves;
    const numbers = this.resting.matching(resting.rows.first, from, to, SETTLED, endOf(person));
    return numbers.map((number) => resting.read(number));
  }

  #wakeThose(column: number, key: number, are: (settlement: KeptSettlement) => boolean): KeptSettlement[] {
    const { resting } = this.#shelves;
    return this.resting
      .matching(resting.rows.first, BEGINNING, END, column, key)
      .filter((number) => are(resting.read(number)))
      .map((number) => this.#wake(number));
  }

  #wake(number: number): KeptSettlement {
    const { resting, woken } = this.#shelves;
    const settlement = resting.read(number);
    this.resting.remove(settlement.at, number);
    resting.rows.remove(number);
    woken(settlement);
    this.add(settlement);
    return settlement;
  }

  /** Lets go of rows that are forgotten. */
  trim(): void {
    this.named.trim(this.#shelves.named.rows.first);
    this.resting.trim(this.#shelves.resting.rows.first);
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
