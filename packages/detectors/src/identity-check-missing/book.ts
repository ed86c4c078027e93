// What the identity judgement remembers of an institution for 48 hours: settlements, checks, reversals, and indexes over them.
import { DAY_MS } from '@yunjian/contracts';
import type { DetectorHost, Table } from '@yunjian/detection';
import { TimeIndex } from './time-index.ts';

/** How long what stands waits for a reversal, which excuses whenever it arrives: as long as reversals are taken (contract: 400 days). */
const STANDING_KEPT_MS = 400 * DAY_MS;

/** What stands for a settlement: 0 nothing, 1 verification-unavailable, 2 identity-check-missing. */
export type Verdict = 0 | 1 | 2;

export interface KeptSettlement {
  institution: string;
  id: string;
  messageId: string | null;
  /** Event time, ms. */
  at: number;
  arrival: number;
  person: string;
  terminal: string | null;
  byAgent: boolean;
  /** An order by e-voucher without a terminal: no claim. */
  remote: boolean;
  /** fen */
  fund: number;
  told: Verdict;
  /** Number of checks that identity-mismatch rests on; 0: it does not stand. */
  mismatch: number;
  /** Arrival of the last record that touched the window. */
  touched: number;
  /** By device: arrival of the record that showed the deadline. */
  shown: Record<string, number>;
  reversal: { id: string; at: number } | null;
}

export interface KeptCheck {
  institution: string;
  key: string;
  at: number;
  arrival: number;
  device: string;
  /** As the check names it; else the registration tells. */
  terminal: string | null;
  person: string | null;
  passed: boolean;
  /** Neither passed nor failed: it was skipped. */
  skipped: boolean;
  similarity: number | null;
  uri: string | null;
  sha256: string | null;
}

interface KeptReversal {
  id: string;
  at: number;
  arrival: number;
}

export class House {
  /** Settlements by id. */
  readonly settlements = new Map<string, KeptSettlement>();
  readonly byPerson = new Map<string, Set<KeptSettlement>>();
  readonly byTime = new TimeIndex<KeptSettlement>();
  /** Named checks by person. */
  readonly checks = new Map<string, Set<KeptCheck>>();
  readonly checksByTime = new TimeIndex<KeptCheck>();
  readonly nameless = new TimeIndex<KeptCheck>();
  /** Uncovered settlements by device they rest on. */
  readonly open = new Map<string, Set<KeptSettlement>>();
}

export class IdentityBook {
  readonly #settlements: Table<KeptSettlement>;
  readonly #checks: Table<KeptCheck>;
  readonly #reversals: Table<KeptReversal>;
  readonly #houses = new Map<string, House>();
  /** Settlements behind the evidence kept, about which something stands. */
  readonly #standing = new Map<string, KeptSettlement>();
  #expiry: { arrival: number; table: Table<unknown>; key: string }[] = [];

  constructor(host: Pick<DetectorHost<never>, 'table'>) {
    this.#settlements = host.table('settlement');
    this.#checks = host.table('check');
    this.#reversals = host.table('reversal');
  }

  restore(): void {
    for (const [key, settlement] of this.#settlements.entries()) {
      this.#index(settlement);
      this.#expiry.push({ arrival: settlement.arrival, table: this.#settlements, key });
    }
    for (const [key, check] of this.#checks.entries()) {
      this.#indexCheck(check);
      this.#expiry.push({ arrival: check.arrival, table: this.#checks, key });
    }
    for (const [key, reversal] of this.#reversals.entries())
      this.#expiry.push({ arrival: reversal.arrival, table: this.#reversals, key });
    this.#expiry.sort((a, b) => a.arrival - b.arrival);
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

  keep(settlement: KeptSettlement): void {
    const key = `${settlement.institution}|${settlement.id}`;
    const before = this.#settlements.get(key);
    if (before !== undefined && before !== settlement) {
      this.#unindex(before);
      this.#standing.delete(key);
    }
    this.#settlements.set(key, settlement);
    if (before === settlement) return;
    this.#index(settlement);
    this.#expiry.push({ arrival: settlement.arrival, table: this.#settlements, key });
  }

  keepCheck(check: KeptCheck): void {
    const before = this.#checks.get(check.key);
    if (before !== undefined) this.#unindexCheck(before);
    this.#checks.set(check.key, check);
    this.#indexCheck(check);
    this.#expiry.push({ arrival: check.arrival, table: this.#checks, key: check.key });
  }

  /** A reversal under the settlement or message that it names; the earliest by event time counts. */
  keepReversal(institution: string, by: 's' | 'm', ref: string, reversal: KeptReversal): void {
    const key = `${institution}|${by}|${ref}`;
    const known = this.#reversals.get(key);
    if (known !== undefined && known.at <= reversal.at) return;
    this.#reversals.set(key, reversal);
    this.#expiry.push({ arrival: reversal.arrival, table: this.#reversals, key });
  }

  reversalOf(institution: string, id: string, messageId: string | null): KeptReversal | null {
    const named = this.#reversals.get(`${institution}|s|${id}`);
    const meant = messageId === null ? undefined : this.#reversals.get(`${institution}|m|${messageId}`);
    if (named === undefined || meant === undefined) return named ?? meant ?? null;
    return named.at <= meant.at ? named : meant;
  }

  /** Forgets what arrived before, ms; of what stands only the evidence. */
  prune(before: number): void {
    let gone = 0;
    for (const { arrival, table, key } of this.#expiry) {
      if (arrival >= before) break;
      gone++;
      const row = table.get(key) as { arrival: number } | undefined;
      if (row === undefined || row.arrival >= before) continue;
      if ((table as unknown) === this.#settlements) {
        const settlement = row as KeptSettlement;
        this.#unindex(settlement);
        if (settlement.told > 0) {
          this.#standing.set(key, settlement);
          continue;
        }
      } else if ((table as unknown) === this.#checks) this.#unindexCheck(row as KeptCheck);
      table.delete(key);
    }
    if (gone > 0) this.#expiry.splice(0, gone);
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
  }

  #unindex(settlement: KeptSettlement): void {
    const house = this.house(settlement.institution);
    if (house.settlements.get(settlement.id) === settlement) house.settlements.delete(settlement.id);
    removeFrom(house.byPerson, settlement.person, settlement);
    house.byTime.delete(settlement);
    for (const open of house.open.values()) open.delete(settlement);
  }

  #indexCheck(check: KeptCheck): void {
    const house = this.house(check.institution);
    house.checksByTime.add(check);
    if (check.person === null) house.nameless.add(check);
    else addTo(house.checks, check.person, check);
  }

  #unindexCheck(check: KeptCheck): void {
    const house = this.house(check.institution);
    house.checksByTime.delete(check);
    house.nameless.delete(check);
    if (check.person !== null) removeFrom(house.checks, check.person, check);
  }
}

function addTo<K, V>(index: Map<K, Set<V>>, key: K, value: V): void {
  const set = index.get(key);
  if (set === undefined) index.set(key, new Set([value]));
  else set.add(value);
}

function removeFrom<K, V>(index: Map<K, Set<V>>, key: K, value: V): void {
  const set = index.get(key);
  if (set?.delete(value) === true && set.size === 0) index.delete(key);
}
