// A settlement's lines against its prescription number; a later document, a reversal or the catalogue judges again.
import type { Drug, LaneEvent, Reversal, Settlement } from '@yunjian/contracts';
import type { DetectorHost, DocumentNews, Raise, WindowedLogic } from '@yunjian/detection';
import type { PrescriptionParams } from './params.ts';
import { drugLines, excuses, type Sale, SaleBook, saleEvidence, saleFacts } from './sales.ts';

interface Kept extends Sale {
  /** Prescription number that a later document of this settlement brought. */
  brought: string | null;
}

export class PrescriptionLogic implements WindowedLogic {
  readonly #host: DetectorHost<PrescriptionParams>;
  readonly #sales: SaleBook<Kept>;
  readonly on: WindowedLogic['on'];

  constructor(host: DetectorHost<PrescriptionParams>) {
    this.#host = host;
    this.#sales = new SaleBook(host);
    this.on = {
      settlement: (event, news) => this.#settle(event, news),
      reversal: (event) => this.#reverse(event),
      drug: (event) => this.#describe(event),
    };
  }

  restore(): void {
    this.#sales.restore(this.#host.clocks.at('observed'));
  }

  onMark(): void {
    this.#sales.prune(this.#host.clocks.at('observed'));
  }

  /** The document that is refused does not count; that there is a prescription is known all the same. */
  contradicted(event: LaneEvent): void {
    if (event.kind !== 'settlement' || event.prescription === null) return;
    const sale = this.#sales.get(event.institution, event.settlementId);
    if (sale === undefined || sale.brought !== null) return;
    sale.brought = event.prescription;
    this.#judge(sale, false);
  }

  #settle(event: Settlement, news: DocumentNews): void {
    const { institution, settlementId: id, messageId, eventTime: at, arrival, fund, prescription } = event;
    const before = news.replaces === null ? undefined : this.#sales.get(institution, id);
    if (prescription !== null) {
      if (before !== undefined) this.#judge(Object.assign(before, { brought: prescription }), false);
      return;
    }
    // What was replaced and is not kept named a prescription, or no such drug: nothing is claimed of what contradicts itself.
    if (news.replaces !== null && before === undefined) return;
    const exempt = this.#host.params(institution).exempt.includes(event.medicalType);
    const lines = exempt ? [] : drugLines(event);
    if (lines.length === 0) {
      if (before !== undefined) this.#drop(before);
      return;
    }
    const [told, brought] = [before?.told ?? false, before?.brought ?? null];
    this.#judge({ institution, id, messageId, at, arrival, fund, lines, told, brought }, told);
  }

  #drop(before: Kept): void {
    const emptied = { ...before, lines: [] };
    this.#judge(emptied, false);
    this.#sales.forget(emptied);
  }

  #reverse({ institution, originalId, originalMessageId }: Reversal): void {
    const sale = this.#sales.named(institution, originalId, originalMessageId);
    if (sale !== undefined) this.#judge(sale, sale.told);
  }

  #describe({ item, arrival }: Drug): void {
    for (const sale of this.#sales.asking(item, arrival)) this.#judge(sale, true);
  }

  /** @param changed what is said of it changed, though it stands as before */
  #judge(sale: Kept, changed: boolean): void {
    const drugs = this.#sales.prescribed(sale);
    const reversal = this.#host.reversals.of(sale.institution, sale.id, sale.messageId);
    const told = drugs.length > 0 && sale.brought === null && !excuses(reversal, sale);
    const claim = (reason: string): Raise => ({
      subject: { kind: 'settlement', ref: sale.id },
      institution: sale.institution,
      anchor: sale.id,
      window: { start: sale.at, end: sale.at },
      eventTime: sale.at,
      amount: sale.fund,
      facts: { prescription: sale.brought, ...saleFacts(drugs, reversal) },
      evidence: saleEvidence(sale, reversal),
      reason,
    });
    if (told && !sale.told) this.#host.raise(claim('a prescription drug without a prescription number'));
    else if (told && changed)
      this.#host.raise(claim(reversal === null ? 'what is known of the drugs changed' : 'a reversal was received'));
    else if (!told && sale.told)
      this.#host.withdraw(
        claim(
          sale.brought !== null
            ? 'a later document brought the prescription'
            : excuses(reversal, sale)
              ? 'the settlement was reversed in time'
              : 'the catalogue says that it is no prescription drug',
        ),
      );
    sale.told = told;
    this.#sales.keep(sale);
  }
}
