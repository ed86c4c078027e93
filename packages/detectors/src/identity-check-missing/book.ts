// What the identity judgement remembers of an institution for 48 hours: settlements, checks, reversals, and indexes over them.
import { DAY_MS } from '@yunjian/contracts';
import type { DetectorHost, Table } from '@yunjian/detection';
import { checkCodec, type KeptCheck, type KeptReversal, type KeptSettlement, settlementCodec } from './kept.ts';
import { TimeIndex } from './time-index.ts';

/** How long what stands waits for a reversal, which excuses whenever it arrives: as long as reversals are taken (contract: 400 days). */
const STANDING_KEPT_MS = 400 * DAY_MS;

export class House {
  /** Settlements by id. */
  readonly settlements = new Map<string, KeptSettlement>();
  readonly byPerson = new Map<string, KeptSettlement[]>();
  readonly byTime = new TimeIndex<KeptSettlement>();
  /** Named checks by person. */
  readonly checks = new Map<string, KeptCheck[]>();
  readonly checksByTime = new TimeIndex<KeptCheck>();
  readonly nameless = new TimeIndex<KeptCheck>();
  /** Uncovered settlements by device they rest on. */
  readonly open = new Map<string, Set<KeptSettlement>>();
  /** Number of settlements about which an identity-mismatch stands. */
  mismatched = 0;
}

export class IdentityBook {
  readonly #settlements: Table<KeptSettlement>;
  readonly #checks: Table<KeptCheck>;
  readonly #reversals: Table<KeptReversal>;
  readonly #houses = new Map<string, House>();
  /** Settlements behind the evidence kept, about which something stands. */
  readonly #standing = new Map<string, KeptSettlement>();
  readonly #settled = new Queue<KeptSettlement>();
  readonly #checked = new Queue<KeptCheck>();
  readonly #reversed = new Queue<{ key: string; arrival: number }>();

  constructor(host: Pick<DetectorHost<never>, 'table'>) {
    this.#settlements = host.table('settlement', { codec: settlementCodec });
    this.#checks = host.table('check', { codec: checkCodec });
    this.#reversals = host.table('reversal');
  }

  restore(): void {
    for (const [, settlement] of this.#settlements.entries()) {
      this.#index(settlement);
      this.#settled.add(settlement);
    }
    for (const [, check] of this.#checks.entries()) {
      this.#indexCheck(check);
      this.#checked.add(check);
    }
    for (const [key, { arrival }] of this.#reversals.entries()) this.#reversed.add({ key, arrival });
    this.#settled.sort();
    this.#checked.sort();
    this.#reversed.sort();
  }

  house(institution: string): House {
    let house = this.#houses.get(institution);
    if (house === undefined) {
      house = new House();
      this.#houses.set(institution, house);
    }
    return house;
  }

  all(): IterableIterator<[string, KeptSettlement]> {
    return this.#settlements.entries();
  }

  settlement(institution: string, id: string): KeptSettlement | undefined {
    return this.#settlements.get(`${institution}|${id}`);
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
    const key = keyOf(settlement);
    if (before !== undefined) {
      this.#unindex(before);
      this.#standing.delete(key);
    }
    this.#settlements.set(key, settlement);
    this.#index(settlement);
    this.#settled.add(settlement);
  }

  /** Something is said of a settlement, or was learnt about it, that a checkpoint must know. */
  changed(settlement: KeptSettlement): void {
    this.#settlements.set(keyOf(settlement), settlement);
  }

  setMismatch(house: House, settlement: KeptSettlement, checks: number): void {
    if (house.settlements.get(settlement.id) === settlement)
      house.mismatched += Number(checks > 0) - Number(settlement.mismatch > 0);
    settlement.mismatch = checks;
  }

  keepCheck(check: KeptCheck): House {
    const before = this.#checks.get(check.key);
    if (before !== undefined) this.#unindexCheck(before);
    this.#checks.set(check.key, check);
    this.#checked.add(check);
    return this.#indexCheck(check);
  }

  /** A reversal under the settlement or message that it names; the earliest by event time counts. */
  keepReversal(institution: string, by: 's' | 'm', ref: string, reversal: KeptReversal): void {
    const key = `${institution}|${by}|${ref}`;
    const known = this.#reversals.get(key);
    if (known !== undefined && known.at <= reversal.at) return;
    this.#reversals.set(key, reversal);
    this.#reversed.add({ key, arrival: reversal.arrival });
  }

  reversalOf(institution: string, id: string, messageId: string | null): KeptReversal | null {
    if (this.#reversals.size === 0) return null;
    const named = this.#reversals.get(`${institution}|s|${id}`);
    const meant = messageId === null ? undefined : this.#reversals.get(`${institution}|m|${messageId}`);
    if (named === undefined || meant === undefined) return named ?? meant ?? null;
    return named.at <= meant.at ? named : meant;
  }

  /** Forgets what arrived before, ms; of what stands only the evidence. */
  prune(before: number): void {
    this.#settled.takeBefore(before, (settlement) => {
      const key = keyOf(settlement);
      if (this.#settlements.get(key) !== settlement) return;
      this.#unindex(settlement);
      if (settlement.told > 0) this.#standing.set(key, settlement);
      else this.#settlements.delete(key);
    });
    this.#checked.takeBefore(before, (check) => {
      if (this.#checks.get(check.key) !== check) return;
      this.#unindexCheck(check);
      this.#checks.delete(check.key);
    });
    this.#reversed.takeBefore(before, ({ key, arrival }) => {
      if (this.#reversals.get(key)?.arrival === arrival) this.#reversals.delete(key);
    });
    for (const [key, settlement] of this.#standing) {
      if (settlement.told > 0 && settlement.arrival >= before - STANDING_KEPT_MS) break;
      this.#standing.delete(key);
      this.#settlements.delete(key);
    }
  }

  #index(settlement: KeptSettlement): void {
    const house = this.house(settlement.institution);
    house.settlements.set(settlement.id, settlement);
    addTo(house.byPerson, settlement.person, settlement);
    house.byTime.add(settlement);
    if (settlement.mismatch > 0) house.mismatched++;
  }

  #unindex(settlement: KeptSettlement): void {
    const house = this.house(settlement.institution);
    if (house.settlements.get(settlement.id) === settlement) {
      house.settlements.delete(settlement.id);
      if (settlement.mismatch > 0) house.mismatched--;
    }
    removeFrom(house.byPerson, settlement.person, settlement);
    house.byTime.delete(settlement);
    for (const camera of settlement.openAt ?? []) house.open.get(camera)?.delete(settlement);
    settlement.openAt = null;
  }

  #indexCheck(check: KeptCheck): House {
    const house = this.house(check.institution);
    house.checksByTime.add(check);
    if (check.person === null) house.nameless.add(check);
    else addTo(house.checks, check.person, check);
    return house;
  }

  #unindexCheck(check: KeptCheck): void {
    const house = this.house(check.institution);
    house.checksByTime.delete(check);
    if (check.person === null) house.nameless.delete(check);
    else removeFrom(house.checks, check.person, check);
  }
}

function keyOf({ institution, id }: KeptSettlement): string {
  return `${institution}|${id}`;
}

/** Things in the order in which they came, to be forgotten in that order. */
class Queue<T extends { arrival: number }> {
  #items: T[] = [];
  #first = 0;

  add(item: T): void {
    this.#items.push(item);
  }

  /** By arrival, as they came before a restart. */
  sort(): void {
    this.#items.sort((a, b) => a.arrival - b.arrival);
  }

  takeBefore(arrival: number, forget: (item: T) => void): void {
    const items = this.#items;
    while (this.#first < items.length && (items[this.#first] as T).arrival < arrival) forget(items[this.#first++] as T);
    if (this.#first * 2 <= items.length) return;
    this.#items = items.slice(this.#first);
    this.#first = 0;
  }
}

function addTo<V>(index: Map<string, V[]>, key: string, value: V): void {
  const list = index.get(key);
  if (list === undefined) index.set(key, [value]);
  else list.push(value);
}

function removeFrom<V>(index: Map<string, V[]>, key: string, value: V): void {
  const list = index.get(key);
  if (list === undefined) return;
  const at = list.indexOf(value);
  if (at >= 0) list.splice(at, 1);
  if (list.length === 0) index.delete(key);
}
