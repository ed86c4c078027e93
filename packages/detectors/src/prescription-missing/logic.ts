// A settlement's lines against its prescription number; a later document, a reversal or the catalogue judges again.
import type { Drug, LaneEvent, Reversal, Settlement } from '@yunjian/contracts';
import type { DetectorHost, DocumentNews, Raise, WindowedLogic } from '@yunjian/detection';
import { type Bill, billEvidence, excuses } from '../bill.ts';
import { type Bills, billsOf } from '../bills.ts';
import { Marks } from '../marks.ts';
import type { PrescriptionParams } from './params.ts';
import { type DrugLine, type DrugSales, drugSalesOf, saleFacts } from './sales.ts';

interface Mark {
  /** What was said of it: its drugs; null: nothing stands. Behind 48 hours what the catalogue said stays. */
  told: readonly DrugLine[] | null;
  /** Prescription number that a later document of this settlement brought. */
  brought: string | null;
  /** Its documents contradict each other in whether there is a prescription: nothing is claimed. */
  doubtful: boolean;
}

export class PrescriptionLogic implements WindowedLogic {
  readonly #host: DetectorHost<PrescriptionParams>;
  readonly #bills: Bills;
  readonly #sales: DrugSales;
  readonly #marks: Marks<Mark>;
  readonly on: WindowedLogic['on'];

  constructor(host: DetectorHost<PrescriptionParams>) {
    this.#host = host;
    this.#bills = billsOf(host);
    this.#sales = drugSalesOf(host);
    this.#marks = new Marks<Mark>(host, this.#bills, {
      codec: {
        pack: ({ told, brought, doubtful }) => [told, brought, doubtful],
        unpack: (packed) => {
          const [told, brought, doubtful] = packed as [Mark['told'], string | null, boolean];
          return { told, brought, doubtful };
        },
      },
      fresh: () => ({ told: null, brought: null, doubtful: false }),
      isFresh: ({ told, brought, doubtful }) => told === null && brought === null && !doubtful,
      holds: ({ told }) => told !== null,
    });
    this.on = {
      settlement: (event, news) => this.#settle(event, news),
      reversal: (event) => this.#reverse(event),
      drug: (event) => this.#describe(event),
    };
  }

  restore(): void {
    this.#marks.restore();
  }

  /** The document that is refused does not count; that there is a prescription is known all the same. */
  contradicted(event: LaneEvent): void {
    if (event.kind !== 'settlement' || event.prescription === null) return;
    const bill = this.#bills.get(event.institution, event.settlementId);
    if (bill === undefined || !this.#isKept(bill) || (this.#marks.of(bill)?.brought ?? null) !== null) return;
    this.#bring(bill, event.prescription);
  }

  #settle(event: Settlement, { replaces }: DocumentNews): void {
    const { bill, before } = this.#bills.taken(event);
    if (before === undefined && replaces === null) {
      if (!bill.prescribed && bill.notes !== null) this.#judge(bill, false);
      return;
    }
    // What was replaced and is not kept named a prescription, or no such drug: nothing is claimed of what contradicts itself.
    const wasKept = before !== undefined && (this.#isKept(before) || (this.#marks.of(bill)?.told ?? null) !== null);
    if (event.prescription !== null) {
      if (wasKept) this.#bring(bill, event.prescription);
    } else if (wasKept) this.#judge(bill, true);
    else if (this.#sales.lines(bill).length > 0) {
      this.#marks.make(bill).doubtful = true;
      this.#marks.changed(bill);
    }
  }

  #bring(bill: Bill, prescription: string): void {
    this.#marks.make(bill).brought = prescription;
    this.#marks.changed(bill);
    this.#judge(bill, false);
  }

  #reverse(event: Reversal): void {
    for (const bill of this.#bills.named(event)) this.#judge(bill, true);
  }

  #describe({ item, arrival }: Drug): void {
    for (const bill of this.#sales.asking(item, arrival)) this.#judge(bill, true);
  }

  /** @param changed what is said of it changed, though it stands as before */
  #judge(bill: Bill, changed: boolean): void {
    const mark = this.#marks.of(bill);
    const before = mark?.told ?? null;
    const known = this.#sales.prescribed(bill);
    if (before === null && (known.length === 0 || !this.#isKept(bill))) return;
    const drugs = before === null || this.#bills.isRecent(bill) ? known : before;
    const brought = mark?.brought ?? null;
    const { institution, id, at, fund } = bill;
    const reversal = this.#bills.reversalOf(bill);
    const told = drugs.length > 0 && brought === null && !excuses(reversal, at);
    if (!told && before === null) return;
    const claim = (reason: string): Raise => ({
      subject: { kind: 'settlement', ref: id },
      institution,
      anchor: id,
      window: { start: at, end: at },
      eventTime: at,
      amount: fund,
      facts: { prescription: brought, ...saleFacts(drugs, reversal) },
      evidence: billEvidence(id, reversal),
      reason,
    });
    if (!told)
      this.#host.withdraw(
        claim(
          brought !== null
            ? 'a later document brought the prescription'
            : excuses(reversal, at)
              ? 'the settlement was reversed in time'
              : 'the catalogue says that it is no prescription drug',
        ),
      );
    else if (before === null) this.#host.raise(claim('a prescription drug without a prescription number'));
    else if (changed)
      this.#host.raise(claim(reversal === null ? 'what is known of the drugs changed' : 'a reversal was received'));
    this.#marks.make(bill).told = told ? drugs : null;
    this.#marks.changed(bill);
  }

  /** Whether a claim could be made of it: it may hold such drugs, and names no prescription. */
  #isKept(bill: Bill): boolean {
    if (bill.prescribed || this.#sales.lines(bill).length === 0 || this.#marks.of(bill)?.doubtful === true)
      return false;
    if (!this.#bills.isRecent(bill) && this.#marks.of(bill) === undefined) return false;
    return !this.#host.params(bill.institution).exempt.includes(bill.type);
  }
}
