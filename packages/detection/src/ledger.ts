// Ledger rules: pure functions over one subject's whole history. No state, no order of arrival: the rows decide.
import { compareDocuments, type Drug, type Institution, type LaneEvent } from '@yunjian/contracts';
import type { z } from 'zod';
import type { DetectorDefinition, Raise } from './define.ts';
import type { PersonOutline } from './outline.ts';

/** A row of a subject's history: the event, and the lane position at which it was read. */
export interface LedgerRow {
  position: number;
  event: LaneEvent;
}

export type DrugFacts = Pick<Drug, 'prescriptionDrug' | 'packSize' | 'maxDays' | 'prefixes'>;
export type InstitutionFacts = Pick<Institution, 'category' | 'level' | 'grid' | 'longitude' | 'latitude'>;

/** A drug to which a code prefix belongs, and the level of packing that it marks: 1 the pack that is sold, 2 and 3 what holds several. */
export interface CodeOwner {
  item: string;
  level: number;
}

/** What may become known later: another month of which an institution has uploaded purchases, or that it has stock of a drug without codes. */
export type LedgerFact =
  | { kind: 'purchases'; institution: string }
  | { kind: 'uncoded'; institution: string; item: string };

/** Reference as of a lane position. */
export interface LedgerReference {
  /** What the catalogue says of that drug; null when it does not know it. */
  drug(item: string): DrugFacts | null;
  /** The registration of the institution that holds at an instant; null before the first. @param at ms; without it the newest */
  institution(code: string, at?: number): InstitutionFacts | null;
  /** Whose code it is by the longest prefix that the catalogue knows; several drugs may share a prefix, none: unknown. */
  codeOwners(code: string): readonly CodeOwner[];
  /** Whether the institution has uploaded a purchase dated in that month, `yyyy-MM` of Asia/Shanghai. */
  purchasesSeen(institution: string, month: string): boolean;
  /** The earliest instant from which the institution has declared stock of that drug without codes by a stocktake, ms; null: never. */
  uncodedSince(institution: string, item: string): number | null;
  /** Arrival up to which everything of the settlement and the trace feed has been read, ms; -Infinity before the marks tell. */
  clock(): number;
}

/** Reference of which only a part matters: the rest is as if nothing were known. */
export function ledgerReference(known: Partial<LedgerReference> = {}): LedgerReference {
  return {
    drug: () => null,
    institution: () => null,
    codeOwners: () => [],
    purchasesSeen: () => false,
    uncodedSince: () => null,
    clock: () => Number.NEGATIVE_INFINITY,
    ...known,
  };
}

/** A document that may have sold a coded box: of an institution that uploads no purchases. Times in ms. */
export interface MonthSale {
  at: number;
  arrival: number;
  /** setl_id, else the document. */
  ref: string;
  channel: 'settlement' | 'upload';
  code: string;
  reversal: { id: string; at: number } | null;
}

/** What an institution sold with codes in a month, the earliest sales first, and whether it uploads purchases. */
export interface SalesMonth {
  institution: string;
  /** `yyyy-MM`, Asia/Shanghai. */
  month: string;
  sales: readonly MonthSale[];
  /** Whether a purchase dated in that month was uploaded. */
  purchasesSeen(month: string): boolean;
  /** As LedgerReference.clock, ms. */
  clock: number;
}

/** Since when an institution has uploaded purchases without a gap, and until which month. */
export interface Uploading {
  /** Local midnight of the first purchase's day, ms. */
  from: number;
  /** A stocktake from then on says what there was when it was made, ms; of one before, too much has been bought since that nobody knows. */
  stocktakesFrom: number;
  /** `yyyy-MM` of the latest purchase, Asia/Shanghai. */
  until: string;
}

/** An institution's stock of one drug, summed over what happened behind `from`. Quantities in ten-thousandths of a pack. */
export interface StockBalance {
  institution: string;
  item: string;
  uploading: Uploading | null;
  /** ms: the last stocktake, else since when the institution has uploaded purchases. */
  from: number;
  /** What the last stocktake counted; null: none, or purchases were uploaded only later. */
  opening: number | null;
  purchased: number;
  purchaseReturned: number;
  /** Signed. */
  adjusted: number;
  /** Sold outside the fund. */
  sold: number;
  /** Brought back by customers, where no reversal says so. */
  returned: number;
  settled: number;
  /** fen, of what is settled. */
  settledAmount: number;
  /** The latest settlement by event time, ms; null: none. */
  last: { at: number; settlement: string } | null;
}

/** What a rule of lane.institution says of sums instead of documents. */
export interface StockRule<P> {
  /** Whether a stock of that item is kept at all: of services it is not. */
  isKept(line: { item: string; name: string | null }, params: P): boolean;
  /** @param purchases the earliest day of purchases of each month, local midnight in ms, by month ascending; null: it uploads none */
  uploading(purchases: readonly { month: string; day: number }[], params: P): Uploading | null;
  claim(stock: StockBalance, params: P): Raise | null;
}

export interface LedgerRule<P extends z.ZodObject = z.ZodObject> extends DetectorDefinition<P> {
  kind: 'ledger';
  /**
   * Every claim about the subject that its history supports, each in full; none of them twice. What stands is what is said last.
   * @param documents the subject's history with one row per document, the first of each, in order of documents
   * @param params those of the institutions that `about` accepts, where `when` tells institutions apart: of what a rule claims only what
   * names one of these is taken, by the institution of the document that completes it
   * @param about to be asked by a rule that sums up documents of several institutions in one claim, of each document that completes one;
   * without it every institution has these parameters
   */
  claims(
    documents: readonly LaneEvent[],
    reference: LedgerReference,
    params: z.output<P>,
    about?: (institution: string) => boolean,
  ): Raise[];
  /**
   * Kinds of documents of which one more never takes away the last claim: where nothing is claimed with it, nothing was without it, by
   * the same reference and parameters. Then what was said before need not be asked.
   */
  growsWith?: readonly LaneEvent['kind'][];
  /**
   * Of a rule about persons: whether it is sure to claim nothing of a person with this outline, nor with any part of it, whatever else was
   * said of the person. It may say no where nothing is claimed: then the whole history is read.
   */
  isSilent?(person: PersonOutline, reference: LedgerReference, params: z.output<P>): boolean;
  /**
   * Of a rule that waits: the instants of the reference's clock, ms, at which these documents may say something else, past ones included.
   * The subject is judged again when the clock reaches one.
   */
  due?(documents: readonly LaneEvent[], reference: LedgerReference, params: z.output<P>): number[];
  /** Facts not known yet with which these documents may say something else: the subject is judged again when one becomes known. */
  awaits?(documents: readonly LaneEvent[], reference: LedgerReference, params: z.output<P>): LedgerFact[];
  /** Judged on lane.institution beside the rule's own lane; `due`: the instant of the clock at which it may say something else. */
  month?(month: SalesMonth, params: z.output<P>): { claim: Raise | null; due: number | null };
  /** Judged on lane.institution, per institution and drug. */
  stock?: StockRule<z.output<P>>;
}

export function defineLedgerRule<P extends z.ZodObject>(rule: Omit<LedgerRule<P>, 'kind'>): LedgerRule<P> {
  return { kind: 'ledger', ...rule };
}

/** What a document is known by within a subject: one event may enter a lane as records of several kinds. */
export function documentKey(event: LaneEvent): string {
  return `${event.kind}|${event.document}`;
}

/** One event per document: the lowest of those that share an identity, in order of documents. */
export function firstOfEach(rows: readonly LedgerRow[]): LaneEvent[] {
  const first = new Map<string, LaneEvent>();
  for (const { event } of rows) {
    const key = documentKey(event);
    const known = first.get(key);
    if (known === undefined || compareDocuments(event, known) < 0) first.set(key, event);
  }
  return [...first.values()].sort(compareDocuments);
}
