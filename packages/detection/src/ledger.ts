// Ledger rules: pure functions over one subject's whole history. No state, no order of arrival: the rows decide.
import { compareDocuments, type Drug, type Institution, type LaneEvent } from '@yunjian/contracts';
import type { z } from 'zod';
import type { DetectorDefinition, Raise } from './define.ts';

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

/** Reference as of a lane position. */
export interface LedgerReference {
  /** What the catalogue says of that drug; null when it does not know it. */
  drug(item: string): DrugFacts | null;
  /** The institution's newest registration; null before the first. */
  institution(code: string): InstitutionFacts | null;
  /** Whose code it is by the longest prefix that the catalogue knows; several drugs may share a prefix, none: unknown. */
  codeOwners(code: string): readonly CodeOwner[];
  /** Whether the institution has uploaded a purchase dated in that month, `yyyy-MM` of Asia/Shanghai. */
  purchasesSeen(institution: string, month: string): boolean;
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
    clock: () => Number.NEGATIVE_INFINITY,
    ...known,
  };
}

export interface LedgerRule<P extends z.ZodObject = z.ZodObject> extends DetectorDefinition<P> {
  kind: 'ledger';
  /**
   * Every claim about the subject that its history supports, each in full; none of them twice. What stands is what is said last.
   * @param documents the subject's history with one row per document, the first of each, in order of documents
   */
  claims(documents: readonly LaneEvent[], reference: LedgerReference, params: z.output<P>): Raise[];
  /**
   * Of a rule that waits: the instants of the reference's clock, ms, at which these documents may say something else, past ones included.
   * The subject is judged again when the clock reaches one.
   */
  due?(documents: readonly LaneEvent[], reference: LedgerReference, params: z.output<P>): number[];
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
