// A settlement as windowed rules keep it, what is kept of its institution, and what every claim about one says.
import { type EvidenceRef, isoShanghai } from '@yunjian/contracts';
import type { ReversalRef, RowObject } from '@yunjian/detection';
import { TimeIndex } from './time-index.ts';

export interface Bill extends RowObject {
  readonly house: House;
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
  /** It names a prescription. */
  readonly prescribed: boolean;
  /** By number of the note, what a rule needs of its cold part; null: nothing. */
  readonly notes: unknown[] | null;
  /** By number of the marks; of most settlements nobody has anything to say. Shared with what took its place. */
  marks: unknown[] | null;
  /** A reversal may name it. Learnt anew on restore. */
  reversed: boolean;
  /** The one before of that person there, as they came. After a restart known once the house was asked for anything but times. */
  earlier: Bill | null;
}

/** What is kept of an institution. */
export class House {
  readonly institution: string;
  readonly byTime = new TimeIndex<Bill>();
  readonly #byId = new Map<string, Bill>();
  readonly #byMessage = new Map<string, Bill>();
  /** Two settlements bore one message: a reversal of it means both. */
  #messagesShared = false;
  /** The last of each person. */
  readonly #byPerson = new Map<string, Bill>();
  /** What a restart brought, in the order in which it came, until something is asked of it that the order of time does not tell. */
  #unindexed: Bill[] = [];

  constructor(institution: string) {
    this.institution = institution;
  }

  /** After a restart, those of the house in the order in which they came. */
  restore(bill: Bill): void {
    this.byTime.add(bill);
    this.#unindexed.push(bill);
  }

  add(bill: Bill): void {
    this.#catchUp();
    this.byTime.add(bill);
    this.#index(bill);
  }

  get(id: string): Bill | undefined {
    this.#catchUp();
    return this.#byId.get(id);
  }

  /** The last of the person. */
  lastOf(person: string): Bill | undefined {
    this.#catchUp();
    return this.#byPerson.get(person);
  }

  /** Those that bore the message, in order: one or none, unless two bore one. */
  ofMessage(messageId: string | null): readonly Bill[] {
    this.#catchUp();
    if (this.#messagesShared)
      return this.byTime
        .all()
        .filter((bill) => bill.messageId === messageId)
        .toSorted(inOrder);
    const bill = this.#byMessage.get(messageId as string);
    return bill === undefined ? [] : [bill];
  }

  #catchUp(): void {
    if (this.#unindexed.length === 0) return;
    for (const bill of this.#unindexed) this.#index(bill);
    this.#unindexed = [];
  }

  #index(bill: Bill): void {
    const { id, messageId, person } = bill;
    this.#byId.set(id, bill);
    bill.earlier = this.#byPerson.get(person) ?? null;
    this.#byPerson.set(person, bill);
    if (messageId === null) return;
    this.#messagesShared ||= this.#byMessage.has(messageId);
    this.#byMessage.set(messageId, bill);
  }

  remove(bill: Bill): void {
    const { id, messageId } = bill;
    this.#catchUp();
    this.byTime.delete(bill);
    if (this.#byId.get(id) === bill) this.#byId.delete(id);
    if (messageId !== null && this.#byMessage.get(messageId) === bill) this.#byMessage.delete(messageId);
    this.#unchain(bill);
  }

  /** Bills with from ≤ at ≤ to, ms, in order of time and id. */
  between(from: number, to: number): Bill[] {
    return this.byTime.between(from, to).toSorted(inOrder);
  }

  #unchain(bill: Bill): void {
    const { person, earlier } = bill;
    const last = this.#byPerson.get(person) ?? null;
    if (last === bill) {
      if (earlier === null) this.#byPerson.delete(person);
      else this.#byPerson.set(person, earlier);
      return;
    }
    for (let later = last; later !== null; later = later.earlier)
      if (later.earlier === bill) {
        later.earlier = earlier;
        return;
      }
  }
}

/** All of the person at the institution that are kept, itself too, in no order that may decide anything. */
export function ofPerson({ house, person }: Bill): Bill[] {
  const bills: Bill[] = [];
  for (let bill = house.lastOf(person) ?? null; bill !== null; bill = bill.earlier) bills.push(bill);
  return bills;
}

/** By event time, then by setl_id: an order that arrival does not decide. */
export function inOrder(a: Bill, b: Bill): number {
  return a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
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
