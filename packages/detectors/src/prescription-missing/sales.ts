// Lines of settlements that are prescription drugs, or may turn out to be: a late record of the catalogue judges those of 48 hours again.
import { isoShanghai } from '@yunjian/contracts';
import {
  type CommonHost,
  type CommonLogic,
  type DetectorHost,
  EVIDENCE_KEPT_MS,
  type ReversalRef,
  type WindowedLogic,
} from '@yunjian/detection';
import type { Bill } from '../bill.ts';
import { type Bills, billsOf, type Note } from '../bills.ts';
import type { LineHead } from '../fee-lines.ts';

/** [feedetl_sn, national drug code, name, who says that it is on prescription: the bill, the catalogue as of then; null: ask the catalogue] */
export type DrugLine = [line: string, item: string, name: string | null, said: 'bill' | 'catalogue' | null];

const ALONE_REMEMBERED = 20_000;
const NO_LINES: readonly DrugLine[] = [];
/** Bills that ask about a drug are looked through for those that are gone when there are so many, and twice as many as were left. */
const ASKING_LEAST = 64;

interface Asking {
  bills: Bill[];
  sweepAt: number;
}

export class DrugSales implements CommonLogic {
  readonly #bills: Bills;
  readonly #catalogue: CommonHost['catalogue'];
  readonly #lines: Note<DrugLine[]>;
  /** A drug sold alone is noted alike nearly every time: by national drug code, how it was last. */
  readonly #alone = new Map<string, [DrugLine]>();
  /** By national drug code. */
  readonly #asking = new Map<string, Asking>();
  /** A restart has brought bills that nobody has asked about since. */
  #behind = false;
  readonly on: WindowedLogic['on'];

  constructor(host: Pick<CommonHost, 'common' | 'catalogue'>) {
    this.#bills = billsOf(host);
    this.#catalogue = host.catalogue;
    this.#lines = this.#bills.note('drugs', (lines) => this.#note(lines));
    this.on = {
      settlement: (event) => {
        if (!this.#behind) this.#index(this.#bills.taken(event).bill);
      },
    };
  }

  restore(): void {
    this.#behind = true;
  }

  /** Those that are on prescription or do not say. */
  lines(bill: Bill): readonly DrugLine[] {
    return this.#lines.of(bill) ?? NO_LINES;
  }

  /** Lines that are prescription drugs as far as is known now. */
  prescribed(bill: Bill): readonly DrugLine[] {
    const lines = this.lines(bill);
    if (!lines.some((line) => this.#isPrescribed(line))) return NO_LINES;
    return lines
      .filter((line) => this.#isPrescribed(line))
      .map(([line, item, name, said]) => [line, item, name, said ?? 'catalogue']);
  }

  #note(lines: readonly LineHead[]): DrugLine[] | null {
    const [first, second] = lines;
    if (first === undefined) return null;
    if (second !== undefined) {
      if (lines.every(({ prescriptionDrug }) => prescriptionDrug === false)) return null;
      return lines.filter(({ prescriptionDrug }) => prescriptionDrug !== false).map(toDrugLine);
    }
    if (first.prescriptionDrug === false) return null;
    const known = this.#alone.get(first.item);
    if (known !== undefined && isOf(known[0], first)) return known;
    const alone: [DrugLine] = [toDrugLine(first)];
    if (this.#alone.size >= ALONE_REMEMBERED) this.#alone.clear();
    this.#alone.set(first.item, alone);
    return alone;
  }

  #isPrescribed([, item, , said]: DrugLine): boolean {
    return said !== null || this.#catalogue.prescriptionDrug(item) === true;
  }

  /** Those received in the 48 hours before the instant, ms, that ask the catalogue about the drug, in order. */
  asking(item: string, arrival: number): Bill[] {
    this.#catchUp();
    const bills = this.#asking.get(item)?.bills ?? [];
    return bills.filter((bill) => !bill.gone && arrival - bill.arrival <= EVIDENCE_KEPT_MS).sort(asReceived);
  }

  #catchUp(): void {
    if (!this.#behind) return;
    this.#behind = false;
    for (const { byTime } of this.#bills.houses())
      for (const bill of byTime.all()) if (this.#bills.isRecent(bill)) this.#index(bill);
  }

  #index(bill: Bill): void {
    for (const [, item, , said] of this.lines(bill)) {
      if (said !== null) continue;
      let asking = this.#asking.get(item);
      if (asking === undefined) {
        asking = { bills: [], sweepAt: ASKING_LEAST };
        this.#asking.set(item, asking);
      }
      if (asking.bills.at(-1) === bill) continue;
      asking.bills.push(bill);
      if (asking.bills.length < asking.sweepAt) continue;
      asking.bills = asking.bills.filter((one) => !one.gone && this.#bills.isRecent(one));
      asking.sweepAt = Math.max(ASKING_LEAST, asking.bills.length * 2);
    }
  }
}

/** Of the lane, for both rules about prescription drugs. */
export function drugSalesOf(host: Pick<DetectorHost<never>, 'common'>): DrugSales {
  return host.common('drugs', (own) => new DrugSales(own));
}

function toDrugLine({ line, item, name, prescriptionDrug }: LineHead): DrugLine {
  return [line, item, name, prescriptionDrug === true ? 'bill' : null];
}

function isOf([line, , name, said]: DrugLine, head: LineHead): boolean {
  return line === head.line && name === head.name && (said === 'bill') === (head.prescriptionDrug === true);
}

/** What every claim about such a sale says: the drugs, and the reversal that came after. */
export function saleFacts(drugs: readonly DrugLine[], reversal: ReversalRef | null): Record<string, unknown> {
  return {
    drugs: drugs.map(([line, item, name, said]) => ({ line, item, name, prescription_by: said })),
    ...(reversal === null ? {} : { reversed_by: reversal.id, reversed_at: isoShanghai(reversal.at) }),
  };
}

/** In an order of their own: a finding must bear the same cause when the partition is taken up again. */
function asReceived(a: Bill, b: Bill): number {
  return a.arrival - b.arrival || (`${a.institution}|${a.id}` < `${b.institution}|${b.id}` ? -1 : 1);
}
