// A settlement against the limit of its kind of institution, and a person's day, of settlements that are within the limit each by itself.
import {
  type Institution,
  localDate,
  localDay,
  localMidnight,
  type Reversal,
  type Settlement,
  yuan,
} from '@yunjian/contracts';
import { type DetectorHost, EVIDENCE_KEPT_MS, type Raise, type Table, type WindowedLogic } from '@yunjian/detection';
import { type Bill, billEvidence, excuses, inOrder, ofPerson, reversalFacts } from '../bill.ts';
import { type Bills, billsOf } from '../bills.ts';
import { type Mark, Marks, PLAIN } from '../marks.ts';
import type { LargeAmountParams } from './params.ts';

/** The moment at which a day went above its limit. */
interface Crossing {
  at: number;
  /** fen */
  sum: number;
  limit: number;
  bills: Bill[];
}

const CHRONIC = '14';

export class LargeAmountLogic implements WindowedLogic {
  readonly #host: DetectorHost<LargeAmountParams>;
  readonly #bills: Bills;
  readonly #marks: Marks<Mark>;
  /** Days of which an alert stands: the highest sum said, fen. */
  readonly #told: Table<number>;
  readonly on: WindowedLogic['on'];

  constructor(host: DetectorHost<LargeAmountParams>) {
    this.#host = host;
    this.#bills = billsOf(host);
    this.#marks = new Marks(host, this.#bills, PLAIN);
    this.#told = host.table('day');
    this.on = {
      settlement: (event) => this.#settle(event),
      reversal: (event) => this.#reverse(event),
      institution: (event) => this.#register(event),
    };
  }

  restore(): void {
    this.#marks.restore();
  }

  #settle(event: Settlement): void {
    const { bill, before } = this.#bills.taken(event);
    this.#judge(bill, before !== undefined && this.#toldOf(bill) > 0, before === undefined);
    if (before !== undefined && dayOf(before) !== dayOf(bill)) this.#judgeDay(before, true);
  }

  #reverse(event: Reversal): void {
    for (const bill of this.#bills.named(event)) this.#judge(bill, true);
  }

  #register({ institution, eventTime, arrival }: Institution): void {
    const from = Math.max(eventTime, arrival - EVIDENCE_KEPT_MS);
    for (const bill of this.#bills.between(institution, from, Number.POSITIVE_INFINITY)) this.#judge(bill, true);
  }

  #toldOf(bill: Bill): number {
    return this.#marks.of(bill)?.told ?? 0;
  }

  /**
   * @param changed what is said of it changed, though it stands as before
   * @param isNew it was not known until now
   */
  #judge(bill: Bill, changed: boolean, isNew = false): void {
    const told = this.#toldOf(bill);
    const above = this.#isAbove(bill);
    const { institution, id, at, fund, person } = bill;
    const reversal = this.#bills.reversalOf(bill);
    const stands = above && !excuses(reversal, at);
    if (stands || told > 0) {
      const claim = (reason: string): Raise => ({
        subject: { kind: 'settlement', ref: id },
        institution,
        anchor: id,
        window: { start: at, end: at },
        eventTime: at,
        amount: fund,
        facts: {
          ...this.#facts(bill),
          person,
          fund: yuan(fund),
          chronic: bill.type === CHRONIC,
          ...reversalFacts(reversal),
        },
        evidence: billEvidence(id, reversal),
        reason,
      });
      if (stands && told === 0) this.#host.raise(claim('a settlement above the limit'));
      else if (stands && changed)
        this.#host.raise(claim(reversal === null ? 'what is known of it changed' : 'a reversal was received'));
      else if (!stands)
        this.#host.withdraw(claim(above ? 'the settlement was reversed in time' : 'it is within the limit after all'));
      this.#marks.make(bill).told = stands ? 3 : 0;
      this.#marks.changed(bill);
    }
    // Whoever comes alone has no day.
    if (isNew && bill.earlier === null) return;
    this.#judgeDay(bill, changed);
  }

  #judgeDay(of: Bill, changed: boolean): void {
    const key = dayOf(of);
    const day = localDay(of.at);
    const bills = ofPerson(of).filter(
      (bill) => localDay(bill.at) === day && (this.#bills.isRecent(bill) || this.#marks.of(bill) !== undefined),
    );
    const told = this.#told.get(key);
    if (bills.length < 2 && told === undefined) return;
    const crossing = this.#crossing(bills.sort(inOrder));
    if (crossing === null && told === undefined) return;
    const claim = (reason: string) => this.#dayClaim(of, crossing, reason);
    if (crossing === null) {
      this.#told.delete(key);
      this.#host.withdraw(claim('what counts of the day is within the limit'));
    } else {
      if (told === undefined) this.#host.raise(claim('the settlements of the day are together above the limit'));
      else if (told !== crossing.sum || changed) this.#host.raise(claim('what is known of the day changed'));
      if (told !== crossing.sum) this.#told.set(key, crossing.sum);
    }
    for (const bill of bills) {
      const held = crossing !== null;
      if ((this.#marks.of(bill)?.held ?? false) === held) continue;
      this.#marks.make(bill).held = held;
      this.#marks.changed(bill);
    }
  }

  /** The instant of the day at which most was paid and not taken back, if that is above the limit. */
  #crossing(bills: readonly Bill[]): Crossing | null {
    const counted = bills.flatMap((bill) => {
      const limit = this.#limit(bill);
      if (limit === null || bill.fund > limit.of) return [];
      return [{ bill, limit, reversal: this.#bills.reversalOf(bill) }];
    });
    // A settlement taken back by its own time raises nothing, and so widens nothing.
    const valid = counted.filter(({ bill, reversal }) => !excuses(reversal, bill.at));
    let highest: Crossing | null = null;
    for (const [last, { bill }] of counted.entries()) {
      const open = counted.slice(0, last + 1).filter(({ reversal }) => !excuses(reversal, bill.at));
      const sum = open.reduce((total, one) => total + one.bill.fund, 0);
      const limit = Math.max(0, ...valid.map((one) => one.limit.of));
      if (sum > limit && (highest === null || sum > highest.sum))
        highest = { at: bill.at, sum, limit, bills: open.map((one) => one.bill) };
    }
    return highest;
  }

  #dayClaim({ institution, person, at }: Bill, crossing: Crossing | null, reason: string): Raise {
    const day = localDay(at);
    const date = localDate(day);
    const bills = crossing?.bills ?? [];
    const reversals = bills.map((bill) => this.#bills.reversalOf(bill));
    return {
      subject: { kind: 'person', ref: person },
      institution,
      anchor: `${institution}/${date}`,
      window: { start: localMidnight(day), end: localMidnight(day + 1) - 1 },
      eventTime: crossing?.at ?? at,
      amount: crossing?.sum ?? null,
      title: { zh: '同日多笔结算合计大额', en: 'A large amount in one day' },
      facts: {
        date,
        fund: crossing === null ? null : yuan(crossing.sum),
        limit: crossing === null ? null : yuan(crossing.limit),
        settlements: bills.map((bill, i) => ({
          id: bill.id,
          fund: yuan(bill.fund),
          ...reversalFacts(reversals[i] ?? null),
        })),
      },
      evidence: bills.flatMap((bill, i) => billEvidence(bill.id, reversals[i] ?? null)),
      reason,
    };
  }

  #isAbove(bill: Bill): boolean {
    const limit = this.#limit(bill);
    return limit !== null && bill.fund > limit.of;
  }

  #facts(bill: Bill): Record<string, unknown> {
    const limit = this.#limit(bill);
    return { limit: limit === null ? null : yuan(limit.of), category: limit?.category ?? null };
  }

  /** fen; null where nothing is claimed: not registered by then, or no outpatient treatment. */
  #limit({ institution, at, type }: Bill): { of: number; category: Institution['category'] } | null {
    const params = this.#host.params(institution);
    if (params.exempt.includes(type)) return null;
    const category = this.#host.registry.at(institution, at)?.category;
    if (category === undefined) return null;
    return { of: params[category] * (type === CHRONIC ? params.chronic : 1), category };
  }
}

function dayOf({ institution, person, at }: Bill): string {
  return `${institution}|${person}|${localDay(at)}`;
}
