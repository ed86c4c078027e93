// A code's sales from its history: every document line one, by its feedetl_sn, both channels one, with what undid it (domain.md §2).
import { type CodeReversed, type CodeSale, compareDocuments, type LaneEvent, type Trace } from '@yunjian/contracts';

export interface Sale {
  institution: string;
  /** ms */
  at: number;
  /** When the document reached us, ms. */
  arrival: number;
  /** setl_id, or null for a self-paid sale. */
  settlement: string | null;
  line: string | null;
  item: string;
  /** Ten-thousandths. */
  count: number;
  split: boolean;
  channel: 'settlement' | 'upload';
  document: string;
  /** The earliest reversal of its settlement; event time in ms. */
  reversal: { id: string; at: number } | null;
  /** Event time of the return that cancels it, ms: each return the latest earlier sale at its institution that is not undone. */
  returnedAt: number | null;
}

/** Several rules read one history: what was read out of a list is kept as long as the list is. */
const read = new WeakMap<readonly LaneEvent[], readonly Sale[]>();

/** In order of event time. @param documents the code's history, one event per document; not changed afterwards */
export function allSales(documents: readonly LaneEvent[]): readonly Sale[] {
  let sales = read.get(documents);
  if (sales === undefined) {
    sales = readSales(documents);
    read.set(documents, sales);
  }
  return sales;
}

function readSales(documents: readonly LaneEvent[]): Sale[] {
  const told = documents.filter((d): d is CodeReversed => d.kind === 'codeReversed');
  const reversals = new Map<string, { id: string; at: number }>();
  for (const { voided, institution, settlementId, reversalId: id, eventTime: at } of told) {
    const key = `${institution}|${settlementId}`;
    const known = reversals.get(key);
    if (voided === null && (known === undefined || at < known.at)) reversals.set(key, { id, at });
  }
  const winners = new Map(
    told.filter(({ voided }) => voided !== null).map((d) => [`${d.institution}|${d.settlementId}`, d]),
  );
  const lost = (sale: CodeSale): boolean => {
    const winner = winners.get(`${sale.institution}|${sale.settlementId}`);
    return winner !== undefined && winner.voided !== sale.content && compareDocuments(sale, winner) > 0;
  };
  const uploads = documents.filter((d): d is Trace => d.kind === 'trace');
  const settled = documents.filter((d): d is CodeSale => d.kind === 'codeSale' && !lost(d));
  const billed = new Set(settled.map((d) => `${d.institution}|${d.settlementId}`));
  const sales: Sale[] = [];
  for (const { institution, settlementId, eventTime, arrival, document, lines } of settled) {
    const reversal = reversals.get(`${institution}|${settlementId}`) ?? null;
    const counted = new Set<string>();
    for (const { line, item, count, split } of lines) {
      if (counted.has(line)) continue;
      counted.add(line);
      sales.push({
        institution,
        at: eventTime,
        arrival,
        settlement: settlementId,
        line,
        item,
        count,
        split,
        channel: 'settlement',
        document,
        reversal,
        returnedAt: null,
      });
    }
  }
  for (const { action, institution, settlementId, eventTime, arrival, document, item, count, split } of uploads) {
    const key = `${institution}|${settlementId}`;
    if (action !== 'sale' || (settlementId !== null && billed.has(key))) continue;
    sales.push({
      institution,
      at: eventTime,
      arrival,
      settlement: settlementId,
      line: null,
      item,
      count,
      split,
      channel: 'upload',
      document,
      reversal: settlementId === null ? null : (reversals.get(key) ?? null),
      returnedAt: null,
    });
  }
  sales.sort(inOrder);
  const returns = uploads
    .filter(({ action }) => action === 'sale_return')
    .sort((a, b) => a.eventTime - b.eventTime || (a.document < b.document ? -1 : 1));
  for (const { institution, eventTime, settlementId } of returns) {
    if (settlementId !== null && reversals.has(`${institution}|${settlementId}`)) continue;
    const cancelled = sales.findLast((sale) => sale.institution === institution && sale.at <= eventTime && isNet(sale));
    if (cancelled !== undefined) cancelled.returnedAt = eventTime;
  }
  return sales;
}

/** Neither reversed nor returned. */
export function isNet({ reversal, returnedAt }: Sale): boolean {
  return reversal === null && returnedAt === null;
}

/** The code that a history is about. */
export function codeOf(documents: readonly LaneEvent[]): string {
  for (const event of documents) {
    if (event.kind === 'codeSale' || event.kind === 'codeReversed') return event.code;
    if (event.kind === 'trace' && event.code !== null) return event.code;
  }
  throw new Error('a code’s history holds no event that names it');
}

/** `^8\d{19}$` is the one form whose meaning is published; another is no fault (domain.md §2). */
export function isVerifiedForm(code: string): boolean {
  return /^8\d{19}$/.test(code);
}

function inOrder(a: Sale, b: Sale): number {
  return (
    a.at - b.at ||
    (a.document < b.document ? -1 : a.document > b.document ? 1 : 0) ||
    (a.line ?? '').localeCompare(b.line ?? '')
  );
}
