// What the identity judgement remembers of an institution for 48 hours: settlements and checks, house by house.
import { DAY_MS, type IdentityCheck, type Reversal, type Settlement } from '@yunjian/contracts';
import { type DetectorHost, ObjectRows } from '@yunjian/detection';
import { House, type Shelves } from './house.ts';
import { type KeptSettlement, settlementCodec } from './kept.ts';
import { checkCodec, type KeptCheck, keptCheck } from './kept-check.ts';
import { Terminals } from './lane-bytes.ts';
import { NamedChecks } from './named-checks.ts';
import { Resting } from './resting.ts';

/** How long what stands waits for a reversal, which excuses whenever it arrives: as long as reversals are taken (contract: 400 days). */
const STANDING_KEPT_MS = 400 * DAY_MS;
/** A mark lets go of what this share of the houses has forgotten. */
const TRIMMED_SHARE = 64;

export class IdentityBook {
  readonly #settlements: ObjectRows<KeptSettlement>;
  readonly #checks: ObjectRows<KeptCheck>;
  readonly #houses = new Map<string, House>();
  #trimming: Iterator<House> | null = null;
  readonly #shelves: Shelves;
  /** Settlements behind the evidence kept, about which something stands. */
  readonly #standing = new Map<string, KeptSettlement>();
  readonly #settled = new Queue<KeptSettlement>(({ arrival }) => arrival);
  readonly #checked = new Queue<KeptCheck>(({ at, arrived }) => at + arrived);

  constructor(host: Pick<DetectorHost<never>, 'attach'>) {
    const terminals = new Terminals();
    this.#shelves = {
      named: new NamedChecks(terminals),
      resting: new Resting(terminals),
      woken: (settlement) => {
        this.#settlements.add(settlement);
        this.#settled.add(settlement);
      },
    };
    this.#settlements = new ObjectRows({ keyOf, codec: settlementCodec, all: () => this.all() });
    this.#checks = new ObjectRows({ keyOf: ({ key }) => key, codec: checkCodec, all: () => this.#allChecks() });
    host.attach('settlement', this.#settlements);
    host.attach('check', this.#checks);
    host.attach('named', this.#shelves.named.rows);
    host.attach('resting', this.#shelves.resting.rows);
  }

  /** @param before what arrived before it is forgotten, ms */
  restore(before: number): void {
    this.#shelves.named.settle((institution) => this.house(institution).named);
    this.#shelves.resting.settle((institution) => this.house(institution).resting);
    const settlements = this.#settlements.takeLoaded();
    for (const settlement of settlements) this.house(settlement.institution).add(settlement);
    this.#settled.restore(settlements);
    const checks = this.#checks.takeLoaded();
    for (const check of checks) this.house(check.institution).addCheck(check);
    this.#checked.restore(checks);
    this.#pruneRows(before);
  }

  house(institution: string): House {
    let house = this.#houses.get(institution);
    if (house === undefined) {
      house = new House(this.#shelves);
      this.#houses.set(institution, house);
    }
    return house;
  }

  /** Settlements that are awake. */
  *all(): IterableIterator<KeptSettlement> {
    for (const house of this.#houses.values()) yield* house.awake();
    yield* this.#standing.values();
  }

  settlement(institution: string, id: string): KeptSettlement | undefined {
    return this.house(institution).settlement(id) ?? this.#standing.get(`${institution}|${id}`);
  }

  /** Those that a reversal names, in order of their ids: one or none, unless several bore its message. */
  named({ institution, originalId, originalMessageId }: Reversal): KeptSettlement[] {
    if (originalId !== null) {
      const settlement = this.settlement(institution, originalId);
      return settlement === undefined ? [] : [settlement];
    }
    const messageId = originalMessageId as string;
    const standing = [...this.#standing.values()].filter(
      (settlement) => settlement.messageId === messageId && settlement.institution === institution,
    );
    return [...this.house(institution).byMessage(messageId), ...standing].sort((a, b) => (a.id < b.id ? -1 : 1));
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

  /** Keeps a settlement of which nothing is said; false, and nothing kept, where it cannot be kept at rest. */
  rest(event: Settlement, house: House): boolean {
    return this.#shelves.resting.add(event, house.resting);
  }

  /** @param replaces whether the check takes the place of another document under its identity */
  keepCheck(event: IdentityCheck, replaces: boolean): House {
    const house = this.house(event.institution);
    const before = replaces && !house.removeNamed(event.document) ? this.#checkOf(house, event.document) : undefined;
    if (before !== undefined) house.deleteCheck(before);
    if (event.person !== null && this.#shelves.named.add(event, house.named)) {
      if (before !== undefined) this.#checks.remove(before);
      return house;
    }
    const check = keptCheck(event);
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
    this.#pruneRows(before);
    for (const [key, settlement] of this.#standing) {
      if (settlement.told > 0 && settlement.arrival >= before - STANDING_KEPT_MS) break;
      this.#standing.delete(key);
      this.#settlements.remove(settlement);
    }
  }

  #pruneRows(before: number): void {
    this.#shelves.named.rows.prune(before);
    this.#shelves.resting.rows.prune(before);
    for (let left = Math.ceil(this.#houses.size / TRIMMED_SHARE); left > 0; left--) {
      this.#trimming ??= this.#houses.values();
      const next = this.#trimming.next();
      if (next.done === true) this.#trimming = null;
      else next.value.trim();
    }
  }

  #checkOf(house: House, key: string): KeptCheck | undefined {
    return house.checks().find((check) => check.key === key);
  }

  /** A house at a time, as it is when it is come to. */
  *#allChecks(): IterableIterator<KeptCheck> {
    for (const house of this.#houses.values()) yield* house.checks();
  }
}

function keyOf({ institution, id }: KeptSettlement): string {
  return `${institution}|${id}`;
}

/** Things in order of their arrival, to be forgotten in that order. */
class Queue<T extends { gone: boolean }> {
  /** What has been taken is held no longer. */
  #items: (T | undefined)[] = [];
  #first = 0;
  readonly #arrivalOf: (item: T) => number;

  constructor(arrivalOf: (item: T) => number) {
    this.#arrivalOf = arrivalOf;
  }

  /** Nearly all come last. */
  add(item: T): void {
    const items = this.#items;
    const arrival = this.#arrivalOf(item);
    if (items.length === this.#first || this.#arrivalOf(items.at(-1) as T) <= arrival) {
      items.push(item);
      return;
    }
    let [low, high] = [this.#first, items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#arrivalOf(items[middle] as T) <= arrival) low = middle + 1;
      else high = middle;
    }
    items.splice(low, 0, item);
  }

  /** What came before a restart. */
  restore(items: T[]): void {
    this.#items = items.sort((a, b) => this.#arrivalOf(a) - this.#arrivalOf(b));
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
