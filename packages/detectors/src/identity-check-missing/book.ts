// What the identity judgement remembers of an institution for 48 hours: settlements and checks, house by house.
import { DAY_MS } from '@yunjian/contracts';
import { type DetectorHost, ObjectRows } from '@yunjian/detection';
import { House } from './house.ts';
import { type KeptSettlement, settlementCodec } from './kept.ts';
import { checkCodec, type KeptCheck } from './kept-check.ts';

/** How long what stands waits for a reversal, which excuses whenever it arrives: as long as reversals are taken (contract: 400 days). */
const STANDING_KEPT_MS = 400 * DAY_MS;

export class IdentityBook {
  readonly #settlements: ObjectRows<KeptSettlement>;
  readonly #checks: ObjectRows<KeptCheck>;
  readonly #houses = new Map<string, House>();
  /** Settlements behind the evidence kept, about which something stands. */
  readonly #standing = new Map<string, KeptSettlement>();
  readonly #settled = new Queue<KeptSettlement>(({ arrival }) => arrival);
  readonly #checked = new Queue<KeptCheck>(({ at, arrived }) => at + arrived);

  constructor(host: Pick<DetectorHost<never>, 'attach'>) {
    this.#settlements = new ObjectRows({ keyOf, codec: settlementCodec, all: () => this.all() });
    this.#checks = new ObjectRows({ keyOf: ({ key }) => key, codec: checkCodec, all: () => this.#allChecks() });
    host.attach('settlement', this.#settlements);
    host.attach('check', this.#checks);
  }

  restore(): void {
    for (const settlement of this.#settlements.takeLoaded()) {
      this.house(settlement.institution).add(settlement);
      this.#settled.add(settlement);
    }
    for (const check of this.#checks.takeLoaded()) {
      this.house(check.institution).addCheck(check);
      this.#checked.add(check);
    }
    this.#settled.sort();
    this.#checked.sort();
  }

  house(institution: string): House {
    let house = this.#houses.get(institution);
    if (house === undefined) {
      house = new House();
      this.#houses.set(institution, house);
    }
    return house;
  }

  *all(): IterableIterator<KeptSettlement> {
    for (const house of this.#houses.values()) yield* house.settlements();
    yield* this.#standing.values();
  }

  settlement(institution: string, id: string): KeptSettlement | undefined {
    return this.house(institution).settlement(id) ?? this.#standing.get(`${institution}|${id}`);
  }

  byMessage(institution: string, messageId: string): KeptSettlement | undefined {
    for (const settlement of this.house(institution).settlements())
      if (settlement.messageId === messageId) return settlement;
    for (const settlement of this.#standing.values())
      if (settlement.messageId === messageId && settlement.institution === institution) return settlement;
    return undefined;
  }

  /** Keeps a settlement, in the place of another document of it where there was one. */
  keep(settlement: KeptSettlement, before: KeptSettlement | undefined): void {
    if (before !== undefined) {
      this.house(before.institution).delete(before);
      this.#standing.delete(keyOf(before));
    }
    this.#settlements.add(settlement, before);
    this.house(settlement.institution).add(settlement);
    this.#settled.add(settlement);
  }

  /** Something is said of a settlement, or was learnt about it, that a checkpoint must know. */
  changed(settlement: KeptSettlement): void {
    this.#settlements.changed(settlement);
  }

  setMismatch(house: House, settlement: KeptSettlement, checks: number): void {
    if (settlement.housed) house.mismatched += Number(checks > 0) - Number(settlement.mismatch > 0);
    settlement.mismatch = checks;
  }

  /** @param replaces whether the check takes the place of another document under its identity */
  keepCheck(check: KeptCheck, replaces: boolean): House {
    const house = this.house(check.institution);
    const before = replaces ? house.check(check.key) : undefined;
    if (before !== undefined) house.deleteCheck(before);
    this.#checks.add(check, before);
    this.#checked.add(check);
    house.addCheck(check);
    return house;
  }

  /** Forgets what arrived before, ms; of what stands only the evidence. */
  prune(before: number): void {
    this.#settled.takeBefore(before, (settlement) => {
      this.house(settlement.institution).delete(settlement);
      if (settlement.told > 0) this.#standing.set(keyOf(settlement), settlement);
      else this.#settlements.remove(settlement);
    });
    this.#checked.takeBefore(before, (check) => {
      this.house(check.institution).deleteCheck(check);
      this.#checks.remove(check);
    });
    for (const [key, settlement] of this.#standing) {
      if (settlement.told > 0 && settlement.arrival >= before - STANDING_KEPT_MS) break;
      this.#standing.delete(key);
      this.#settlements.remove(settlement);
    }
  }

  /** A house at a time, as it is when it is come to. */
  *#allChecks(): IterableIterator<KeptCheck> {
    for (const house of this.#houses.values()) yield* house.checks();
  }
}

function keyOf({ institution, id }: KeptSettlement): string {
  return `${institution}|${id}`;
}

/** Things in the order in which they came, to be forgotten in that order. */
class Queue<T extends { gone: boolean }> {
  /** What has been taken is held no longer. */
  #items: (T | undefined)[] = [];
  #first = 0;
  readonly #arrivalOf: (item: T) => number;

  constructor(arrivalOf: (item: T) => number) {
    this.#arrivalOf = arrivalOf;
  }

  add(item: T): void {
    this.#items.push(item);
  }

  /** By arrival, as they came before a restart. */
  sort(): void {
    (this.#items as T[]).sort((a, b) => this.#arrivalOf(a) - this.#arrivalOf(b));
  }

  takeBefore(arrival: number, forget: (item: T) => void): void {
    const items = this.#items;
    while (this.#first < items.length && this.#arrivalOf(items[this.#first] as T) < arrival) {
      const item = items[this.#first] as T;
      items[this.#first++] = undefined;
      if (!item.gone) forget(item);
    }
    if (this.#first * 2 <= items.length) return;
    this.#items = items.slice(this.#first);
    this.#first = 0;
  }
}
