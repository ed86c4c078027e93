// What the identity judgement remembers of an institution for 48 hours: settlements and checks, and indexes over them.
import { DAY_MS } from '@yunjian/contracts';
import { type DetectorHost, ObjectRows } from '@yunjian/detection';
import { TimeIndex } from '../time-index.ts';
import { checkCodec, type KeptCheck, type KeptSettlement, settlementCodec } from './kept.ts';

/** How long what stands waits for a reversal, which excuses whenever it arrives: as long as reversals are taken (contract: 400 days). */
const STANDING_KEPT_MS = 400 * DAY_MS;
/** Of a person's name in the key of a search: 6 characters of 64 are more than 32 bits. */
const KEY_CHARACTERS = 6;

export class House {
  /** Settlements by id. */
  readonly settlements = new Map<string, KeptSettlement>();
  readonly byTime = new TimeIndex<KeptSettlement>();
  readonly checksByTime = new TimeIndex<KeptCheck>(({ person }) => personKey(person));
  readonly nameless = new TimeIndex<KeptCheck>();
  /** Uncovered settlements by device they rest on. */
  readonly open = new Map<string, OpenSettlements>();
  /** Number of settlements about which an identity-mismatch stands. */
  mismatched = 0;

  /** Passed and failed checks of that person with from ≤ at ≤ to, ms; others whose keys are the same may be among them. */
  checksOf(person: string, from: number, to: number): readonly KeptCheck[] {
    return this.checksByTime.matching(from, to, personKey(person));
  }
}

/** Uncovered settlements that rest on one device. */
export class OpenSettlements {
  readonly all = new TimeIndex<KeptSettlement>();
  /** Of those, which wait for a record of the device at or behind their deadline. */
  readonly unshown = new TimeIndex<KeptSettlement>();

  delete(settlement: KeptSettlement): void {
    this.all.delete(settlement);
    this.unshown.delete(settlement);
  }
}

export class IdentityBook {
  readonly #settlements: ObjectRows<KeptSettlement>;
  readonly #checks: ObjectRows<KeptCheck>;
  readonly #houses = new Map<string, House>();
  /** Settlements behind the evidence kept, about which something stands. */
  readonly #standing = new Map<string, KeptSettlement>();
  readonly #settled = new Queue<KeptSettlement>();
  readonly #checked = new Queue<KeptCheck>();

  constructor(host: Pick<DetectorHost<never>, 'attach'>) {
    this.#settlements = new ObjectRows({ keyOf, codec: settlementCodec, all: () => this.all() });
    this.#checks = new ObjectRows({ keyOf: ({ key }) => key, codec: checkCodec, all: () => this.#allChecks() });
    host.attach('settlement', this.#settlements);
    host.attach('check', this.#checks);
  }

  restore(): void {
    for (const settlement of this.#settlements.takeLoaded()) {
      this.#index(settlement);
      this.#settled.add(settlement);
    }
    for (const check of this.#checks.takeLoaded()) {
      this.#indexCheck(check);
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
    for (const house of this.#houses.values()) yield* house.settlements.values();
    yield* this.#standing.values();
  }

  settlement(institution: string, id: string): KeptSettlement | undefined {
    return this.house(institution).settlements.get(id) ?? this.#standing.get(`${institution}|${id}`);
  }

  byMessage(institution: string, messageId: string): KeptSettlement | undefined {
    for (const settlement of this.house(institution).settlements.values())
      if (settlement.messageId === messageId) return settlement;
    for (const settlement of this.#standing.values())
      if (settlement.messageId === messageId && settlement.institution === institution) return settlement;
    return undefined;
  }

  /** Keeps a settlement, in the place of another document of it where there was one. */
  keep(settlement: KeptSettlement, before: KeptSettlement | undefined): void {
    if (before !== undefined) {
      this.#unindex(before);
      this.#standing.delete(keyOf(before));
    }
    this.#settlements.add(settlement, before);
    this.#index(settlement);
    this.#settled.add(settlement);
  }

  /** Something is said of a settlement, or was learnt about it, that a checkpoint must know. */
  changed(settlement: KeptSettlement): void {
    this.#settlements.changed(settlement);
  }

  setMismatch(house: House, settlement: KeptSettlement, checks: number): void {
    if (house.settlements.get(settlement.id) === settlement)
      house.mismatched += Number(checks > 0) - Number(settlement.mismatch > 0);
    settlement.mismatch = checks;
  }

  /** @param replaces whether the check takes the place of another document under its identity */
  keepCheck(check: KeptCheck, replaces: boolean): House {
    const before = replaces ? this.#checkOf(check.institution, check.key) : undefined;
    if (before !== undefined) this.#unindexCheck(before);
    this.#checks.add(check, before);
    this.#checked.add(check);
    return this.#indexCheck(check);
  }

  /** Forgets what arrived before, ms; of what stands only the evidence. */
  prune(before: number): void {
    this.#settled.takeBefore(before, (settlement) => {
      this.#unindex(settlement);
      if (settlement.told > 0) this.#standing.set(keyOf(settlement), settlement);
      else this.#settlements.remove(settlement);
    });
    this.#checked.takeBefore(before, (check) => {
      this.#unindexCheck(check);
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
    for (const house of this.#houses.values()) yield* house.checksByTime.all();
  }

  #checkOf(institution: string, key: string): KeptCheck | undefined {
    return this.house(institution)
      .checksByTime.all()
      .find((check) => check.key === key);
  }

  #index(settlement: KeptSettlement): void {
    const house = this.house(settlement.institution);
    house.settlements.set(settlement.id, settlement);
    house.byTime.add(settlement);
    if (settlement.mismatch > 0) house.mismatched++;
  }

  #unindex(settlement: KeptSettlement): void {
    const house = this.house(settlement.institution);
    if (house.settlements.get(settlement.id) === settlement) {
      house.settlements.delete(settlement.id);
      if (settlement.mismatch > 0) house.mismatched--;
    }
    house.byTime.delete(settlement);
    for (const camera of settlement.openAt ?? []) house.open.get(camera)?.delete(settlement);
    settlement.openAt = null;
  }

  #indexCheck(check: KeptCheck): House {
    const house = this.house(check.institution);
    house.checksByTime.add(check);
    if (check.person === null) house.nameless.add(check);
    return house;
  }

  #unindexCheck(check: KeptCheck): void {
    const house = this.house(check.institution);
    house.checksByTime.delete(check);
    if (check.person === null) house.nameless.delete(check);
  }
}

function keyOf({ institution, id }: KeptSettlement): string {
  return `${institution}|${id}`;
}

/** The end of a name as a number: names are pseudonyms, so their ends differ. */
function personKey(person: string | null): number {
  if (person === null) return 0;
  let key = 1;
  for (let i = Math.max(0, person.length - KEY_CHARACTERS); i < person.length; i++)
    key = (Math.imul(key, 31) + person.charCodeAt(i)) | 0;
  return key;
}

/** Things in the order in which they came, to be forgotten in that order. */
class Queue<T extends { arrival: number; gone: boolean }> {
  /** What has been taken is held no longer. */
  #items: (T | undefined)[] = [];
  #first = 0;

  add(item: T): void {
    this.#items.push(item);
  }

  /** By arrival, as they came before a restart. */
  sort(): void {
    (this.#items as T[]).sort((a, b) => a.arrival - b.arrival);
  }

  takeBefore(arrival: number, forget: (item: T) => void): void {
    const items = this.#items;
    while (this.#first < items.length && (items[this.#first] as T).arrival < arrival) {
      const item = items[this.#first] as T;
      items[this.#first++] = undefined;
      if (!item.gone) forget(item);
    }
    if (this.#first * 2 <= items.length) return;
    this.#items = items.slice(this.#first);
    this.#first = 0;
  }
}
