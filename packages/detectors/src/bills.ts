// Settlements as windowed rules keep them: for 48 hours, so that what comes late judges them again, and those on which an alert rests for as
// long as reversals are taken.
import { DAY_MS, type EvidenceRef, isoShanghai, type Settlement } from '@yunjian/contracts';
import {
  type Codec,
  type DetectorHost,
  type DocumentNews,
  EVIDENCE_KEPT_MS,
  type ReversalRef,
  type Table,
} from '@yunjian/detection';
import { TimeIndex } from './time-index.ts';

/** Reversals are taken this long (contract), ms. */
const STANDING_KEPT_MS = 400 * DAY_MS;
/** An hour more than the evidence is promised: the clock may run ahead of a record that is being read. */
const KEPT_MS = EVIDENCE_KEPT_MS + 3_600_000;

export interface Bill {
  readonly institution: string;
  readonly id: string;
  readonly messageId: string | null;
  /** Event time, ms. */
  readonly at: number;
  readonly arrival: number;
  readonly person: string;
  readonly terminal: string | null;
  /** fen */
  readonly fund: number;
  /** med_type */
  readonly type: string;
  readonly byAgent: boolean;
  /** An order by e-voucher without a terminal. */
  readonly remote: boolean;
  /** What was said of it, in the detector's own terms (a level, a place); 0: nothing stands. */
  told: number;
  /** An alert about something larger rests on it. */
  held: boolean;
  /** What the detector needs of its cold part; '' where that is nothing. */
  readonly note: string;
  /** Arrival of the last record that touched its window, ms. */
  touched: number;
  /** By device: arrival of the record that showed its deadline, ms. */
  shown: Record<string, number> | null;
}

type Packed = [
  messageId: string | null,
  at: number,
  arrived: number,
  person: string,
  terminal: string | null,
  fund: number,
  type: string,
  flags: number,
  told?: number,
  touched?: number,
  shown?: Bill['shown'],
  note?: string,
];

const codec: Codec<Bill> = {
  pack: (bill) => {
    const { messageId, at, arrival, person, terminal, fund, type, byAgent, remote, held } = bill;
    const { told, touched, shown, note } = bill;
    const flags = (byAgent ? 1 : 0) | (remote ? 2 : 0) | (held ? 4 : 0);
    const plain: Packed = [messageId, at, arrival - at, person, terminal, fund, type, flags];
    if (told === 0 && touched === arrival && shown === null && note === '') return plain;
    return [...plain, told, touched - arrival, shown, note];
  },
  unpack: (packed, key) => {
    const [messageId, at, arrived, person, terminal, fund, type, flags, ...more] = packed as Packed;
    const [told = 0, touched = 0, shown = null, note = ''] = more;
    const bar = key.indexOf('|');
    const arrival = at + arrived;
    return {
      institution: key.slice(0, bar),
      id: key.slice(bar + 1),
      messageId,
      at,
      arrival,
      person,
      terminal,
      fund,
      type,
      byAgent: (flags & 1) !== 0,
      remote: (flags & 2) !== 0,
      held: (flags & 4) !== 0,
      told,
      touched: arrival + touched,
      shown,
      note,
    };
  },
};

export class BillBook {
  readonly #bills: Table<Bill>;
  readonly #byInstitution = new Map<string, TimeIndex<Bill>>();
  readonly #byMessage = new Map<string, Bill>();
  /** In order of arrival: what is forgotten after 48 hours, and what an alert rests on. */
  #expiry: Bill[] = [];
  #standing: Bill[] = [];
  readonly #forgotten: (bill: Bill) => void;

  /** @param forgotten told of every bill that is dropped for its age */
  constructor(host: Pick<DetectorHost<never>, 'table'>, forgotten: (bill: Bill) => void = () => undefined) {
    this.#bills = host.table('bill', { codec });
    this.#forgotten = forgotten;
  }

  restore(): void {
    for (const [, bill] of [...this.#bills.entries()].sort(([, a], [, b]) => byArrival(a, b))) {
      this.#index(bill);
      this.#expiry.push(bill);
    }
  }

  /** The settlement as kept, and the one whose place it takes, if its document replaces another. */
  take(event: Settlement, { replaces }: DocumentNews, note = ''): { bill: Bill; before: Bill | undefined } {
    const { institution, settlementId: id, messageId, eventTime: at, arrival, person, terminal, fund, byAgent } = event;
    const before = replaces === null ? undefined : this.get(institution, id);
    const bill: Bill = {
      institution,
      id,
      messageId,
      at,
      arrival,
      person,
      terminal,
      fund,
      type: event.medicalType,
      byAgent,
      remote: event.certificate === '01' && terminal === null,
      told: before?.told ?? 0,
      held: before?.held ?? false,
      touched: arrival,
      shown: null,
      note,
    };
    if (before !== undefined) this.#unindex(before);
    this.#bills.set(`${institution}|${id}`, bill);
    this.#index(bill);
    this.#expiry.push(bill);
    return { bill, before };
  }

  /** What is kept of it was changed in place. */
  changed(bill: Bill): void {
    this.#bills.set(`${bill.institution}|${bill.id}`, bill);
  }

  get(institution: string, id: string): Bill | undefined {
    return this.#bills.get(`${institution}|${id}`);
  }

  /** The bill that a reversal names. */
  named(institution: string, id: string | null, messageId: string | null): Bill | undefined {
    return id === null ? this.#byMessage.get(`${institution}|${messageId}`) : this.get(institution, id);
  }

  /** Bills of an institution with from ≤ at ≤ to, ms, in order of time and id. */
  between(institution: string, from: number, to: number): Bill[] {
    return this.roughly(institution, from, to).toSorted(inOrder);
  }

  /** The same, those of one instant in no order that may decide anything. */
  roughly(institution: string, from: number, to: number): readonly Bill[] {
    return this.#byInstitution.get(institution)?.between(from, to) ?? [];
  }

  /** Everything kept, in order. */
  all(): Bill[] {
    return [...this.#bills.entries()].map(([, bill]) => bill).sort(inOrder);
  }

  /** @param clock arrival clock of the slower feed, ms */
  prune(clock: number): void {
    this.#expiry = this.#drop(this.#expiry, clock - KEPT_MS, (bill) => bill.told > 0 || bill.held);
    this.#standing = this.#drop(this.#standing, clock - STANDING_KEPT_MS, () => false);
  }

  #drop(queue: Bill[], before: number, stands: (bill: Bill) => boolean): Bill[] {
    if (queue[0] === undefined || queue[0].arrival >= before) return queue;
    let gone = 0;
    for (const bill of queue) {
      if (bill.arrival >= before) break;
      gone++;
      const key = `${bill.institution}|${bill.id}`;
      if (this.#bills.get(key) !== bill) continue;
      if (stands(bill)) this.#standing.push(bill);
      else {
        this.#bills.delete(key);
        this.#unindex(bill);
        this.#forgotten(bill);
      }
    }
    return queue.slice(gone);
  }

  #index(bill: Bill): void {
    const { institution, messageId } = bill;
    let times = this.#byInstitution.get(institution);
    if (times === undefined) {
      times = new TimeIndex();
      this.#byInstitution.set(institution, times);
    }
    times.add(bill);
    if (messageId !== null) this.#byMessage.set(`${institution}|${messageId}`, bill);
  }

  #unindex(bill: Bill): void {
    this.#byInstitution.get(bill.institution)?.delete(bill);
    if (bill.messageId !== null) this.#byMessage.delete(`${bill.institution}|${bill.messageId}`);
  }
}

/** By event time, then by setl_id: an order that arrival does not decide. */
export function inOrder(a: Bill, b: Bill): number {
  return a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function byArrival(a: Bill, b: Bill): number {
  return (
    a.arrival - b.arrival || (a.institution < b.institution ? -1 : a.institution > b.institution ? 1 : inOrder(a, b))
  );
}

/** A reversal excuses what it undoes when its event time is not after the deadline, ms (detectors.md, introduction). */
export function excuses(reversal: ReversalRef | null, deadline: number): boolean {
  return reversal !== null && reversal.at <= deadline;
}

export function reversalFacts(reversal: ReversalRef | null): Record<string, unknown> {
  return reversal === null ? {} : { reversed_by: reversal.id, reversed_at: isoShanghai(reversal.at) };
}

export function billEvidence(id: string, reversal: ReversalRef | null): EvidenceRef[] {
  return [
    { kind: 'settlement', ref: id },
    ...(reversal === null ? [] : [{ kind: 'settlement' as const, ref: reversal.id }]),
  ];
}
