// Sales with lines that are prescription drugs, or may turn out to be: kept for 48 hours, so that a late record of the catalogue judges
// them again, and what stands for as long as reversals are taken.
import { DAY_MS, type EvidenceRef, type FeeLine, isoShanghai, type Settlement } from '@yunjian/contracts';
import { type DetectorHost, EVIDENCE_KEPT_MS, type ReversalRef, type Table } from '@yunjian/detection';

/** Reversals are taken this long (contract), ms. */
const STANDING_KEPT_MS = 400 * DAY_MS;
/** An hour more than the evidence is promised: the clock may run ahead of a record that is being read. */
const KEPT_MS = EVIDENCE_KEPT_MS + 3_600_000;

/** [feedetl_sn, national drug code, name, who says that it is on prescription: the bill, the catalogue as of then; null: ask the catalogue] */
export type DrugLine = [line: string, item: string, name: string | null, said: 'bill' | 'catalogue' | null];

export interface Sale {
  institution: string;
  id: string;
  messageId: string | null;
  /** Event time, ms. */
  at: number;
  arrival: number;
  /** fen */
  fund: number;
  /** Lines that are a prescription drug, or whose bill does not say. */
  lines: DrugLine[];
  /** Whether an alert stands. */
  told: boolean;
}

type Ports = Pick<DetectorHost<never>, 'table' | 'catalogue'>;

export class SaleBook<S extends Sale> {
  readonly #sales: Table<S>;
  readonly #catalogue: Ports['catalogue'];
  /** Sales of the last 48 hours that ask the catalogue about a drug. */
  readonly #byItem = new Map<string, Set<S>>();
  readonly #byMessage = new Map<string, S>();
  readonly #byInstitution = new Map<string, Set<S>>();
  /** Keys in order of arrival, which are forgotten after 48 hours. */
  #expiry: { arrival: number; key: string }[] = [];
  /** Keys of what stands for longer, in order of arrival. */
  readonly #standing = new Map<string, number>();

  constructor(host: Ports) {
    this.#sales = host.table('sale');
    this.#catalogue = host.catalogue;
  }

  /** @param clock arrival clock of the slower feed at the last mark, ms */
  restore(clock: number): void {
    const sales = [...this.#sales.entries()].sort(([, a], [, b]) => inOrder(a, b));
    for (const [key, sale] of sales)
      if (sale.arrival < clock - KEPT_MS) this.#stand(key, sale);
      else {
        this.#index(sale);
        this.#expiry.push({ arrival: sale.arrival, key });
      }
  }

  get(institution: string, id: string): S | undefined {
    return this.#sales.get(`${institution}|${id}`);
  }

  named(institution: string, id: string | null, messageId: string | null): S | undefined {
    return id === null ? this.#byMessage.get(`${institution}|${messageId}`) : this.get(institution, id);
  }

  /** Everything kept, in order. */
  all(): S[] {
    return [...this.#sales.entries()].map(([, sale]) => sale).sort(inOrder);
  }

  /** All of the last 48 hours at the institution, in order. */
  of(institution: string): S[] {
    return [...(this.#byInstitution.get(institution) ?? [])].sort(inOrder);
  }

  /** Those received in the 48 hours before the instant, ms, that ask the catalogue about the drug, in order. */
  asking(item: string, arrival: number): S[] {
    return [...(this.#byItem.get(item) ?? [])]
      .filter((sale) => arrival - sale.arrival <= EVIDENCE_KEPT_MS)
      .sort(inOrder);
  }

  keep(sale: S): void {
    const key = `${sale.institution}|${sale.id}`;
    const before = this.#sales.get(key);
    this.#sales.set(key, sale);
    if (before === sale) return;
    if (before !== undefined) this.#unindex(before);
    this.#index(sale);
    this.#expiry.push({ arrival: sale.arrival, key });
  }

  forget(sale: S): void {
    this.#sales.delete(`${sale.institution}|${sale.id}`);
    this.#unindex(sale);
  }

  /** Lines that are prescription drugs as far as is known now. */
  prescribed({ lines }: S): DrugLine[] {
    return lines.flatMap((entry): DrugLine[] => {
      const [line, item, name, said] = entry;
      if (said !== null) return [entry];
      return this.#catalogue.prescriptionDrug(item) === true ? [[line, item, name, 'catalogue']] : [];
    });
  }

  /** @param clock arrival clock of the slower feed, ms. */
  prune(clock: number): void {
    const before = clock - KEPT_MS;
    let gone = 0;
    for (const { arrival, key } of this.#expiry) {
      if (arrival >= before) break;
      gone++;
      const sale = this.#sales.get(key);
      if (sale === undefined || sale.arrival >= before) continue;
      if (sale.told) this.#close(key, sale);
      else this.forget(sale);
    }
    if (gone > 0) this.#expiry.splice(0, gone);
    for (const [key, arrival] of this.#standing) {
      if (arrival >= clock - STANDING_KEPT_MS) break;
      this.#standing.delete(key);
      const sale = this.#sales.get(key);
      if (sale !== undefined) this.forget(sale);
    }
  }

  /** From now on only a reversal matters, or a prescription: what the catalogue said stays. */
  #close(key: string, sale: S): void {
    this.#unindex(sale);
    sale.lines = this.prescribed(sale);
    this.#sales.set(key, sale);
    this.#stand(key, sale);
  }

  #stand(key: string, sale: S): void {
    this.#standing.set(key, sale.arrival);
    if (sale.messageId !== null) this.#byMessage.set(`${sale.institution}|${sale.messageId}`, sale);
  }

  #index(sale: S): void {
    const { institution, messageId, lines } = sale;
    if (messageId !== null) this.#byMessage.set(`${institution}|${messageId}`, sale);
    addTo(this.#byInstitution, institution, sale);
    for (const [, item, , said] of lines) if (said === null) addTo(this.#byItem, item, sale);
  }

  #unindex(sale: S): void {
    const { institution, messageId, lines } = sale;
    if (messageId !== null) this.#byMessage.delete(`${institution}|${messageId}`);
    removeFrom(this.#byInstitution, institution, sale);
    for (const [, item, , said] of lines) if (said === null) removeFrom(this.#byItem, item, sale);
  }
}

/** Lines of a bill that are on prescription or do not say; parses the cold part where it may hold any. */
export function drugLines(event: Settlement): DrugLine[] {
  const { cold } = event;
  if (!cold.mayHold('"prescriptionDrug":true') && !cold.mayHold('"prescriptionDrug":null')) return [];
  const { lines } = cold.get();
  return lines.filter(({ prescriptionDrug }) => prescriptionDrug !== false).map(toDrugLine);
}

function toDrugLine({ line, item, name, prescriptionDrug }: FeeLine): DrugLine {
  return [line, item, name, prescriptionDrug === true ? 'bill' : null];
}

/** A reversal excuses what it undoes when it is not later than the settlement itself (detectors.md, introduction). */
export function excuses(reversal: ReversalRef | null, { at }: Pick<Sale, 'at'>): boolean {
  return reversal !== null && reversal.at <= at;
}

/** What every claim about such a sale says: the drugs, and the reversal that came after. */
export function saleFacts(drugs: readonly DrugLine[], reversal: ReversalRef | null): Record<string, unknown> {
  return {
    drugs: drugs.map(([line, item, name, said]) => ({ line, item, name, prescription_by: said })),
    ...(reversal === null ? {} : { reversed_by: reversal.id, reversed_at: isoShanghai(reversal.at) }),
  };
}

export function saleEvidence({ id }: Pick<Sale, 'id'>, reversal: ReversalRef | null): EvidenceRef[] {
  return [
    { kind: 'settlement', ref: id },
    ...(reversal === null ? [] : [{ kind: 'settlement' as const, ref: reversal.id }]),
  ];
}

/** In an order of their own: a finding must bear the same cause when the partition is taken up again. */
function inOrder(a: Sale, b: Sale): number {
  return a.arrival - b.arrival || (`${a.institution}|${a.id}` < `${b.institution}|${b.id}` ? -1 : 1);
}

function addTo<V>(index: Map<string, Set<V>>, key: string, value: V): void {
  const set = index.get(key);
  if (set === undefined) index.set(key, new Set([value]));
  else set.add(value);
}

function removeFrom<V>(index: Map<string, Set<V>>, key: string, value: V): void {
  const set = index.get(key);
  if (set?.delete(value) === true && set.size === 0) index.delete(key);
}
