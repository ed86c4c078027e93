// A code's net sales: every document line a sale, both channels one, returns and reversals taken off (domain.md §2).
import { type CodeReversed, type CodeSale, compareDocuments, type LaneEvent, type Trace } from '@yunjian/contracts';

export interface Sale {
  institution: string;
  /** ms */
  at: number;
  /** setl_id, or null for a self-paid sale. */
  settlement: string | null;
  line: string | null;
  item: string;
  /** Ten-thousandths. */
  count: number;
  split: boolean;
  channel: 'settlement' | 'upload';
  document: string;
}

/** @param documents the code's history, one event per document */
export function netSales(documents: readonly LaneEvent[]): Sale[] {
  const told = documents.filter((d): d is CodeReversed => d.kind === 'codeReversed');
  const reversed = new Set(
    told.filter(({ voided }) => voided === null).map((d) => `${d.institution}|${d.settlementId}`),
  );
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
  for (const { institution, settlementId, eventTime, document, lines } of settled) {
    if (reversed.has(`${institution}|${settlementId}`)) continue;
    for (const { line, item, count, split } of lines)
      sales.push({
        institution,
        at: eventTime,
        settlement: settlementId,
        line,
        item,
        count,
        split,
        channel: 'settlement',
        document,
      });
  }
  for (const { action, institution, settlementId, eventTime, document, item, count, split } of uploads) {
    if (action !== 'sale') continue;
    const key = `${institution}|${settlementId}`;
    if (settlementId !== null && (billed.has(key) || reversed.has(key))) continue;
    sales.push({
      institution,
      at: eventTime,
      settlement: settlementId,
      line: null,
      item,
      count,
      split,
      channel: 'upload',
      document,
    });
  }
  sales.sort(inOrder);
  const returns = uploads
    .filter(({ action }) => action === 'sale_return')
    .sort((a, b) => a.eventTime - b.eventTime || (a.document < b.document ? -1 : 1));
  for (const { institution, eventTime, settlementId } of returns) {
    if (settlementId !== null && reversed.has(`${institution}|${settlementId}`)) continue;
    const cancelled = sales.findLastIndex((sale) => sale.institution === institution && sale.at <= eventTime);
    if (cancelled >= 0) sales.splice(cancelled, 1);
  }
  return sales;
}

function inOrder(a: Sale, b: Sale): number {
  return (
    a.at - b.at ||
    (a.document < b.document ? -1 : a.document > b.document ? 1 : 0) ||
    (a.line ?? '').localeCompare(b.line ?? '')
  );
}

const ONE = 10_000;

/**
 * How often the box was sold: whole sales, plus the packs that split sales add up to.
 * @param packSize smallest units in a pack; null: split quantities are in packs
 */
export function timesSold(sales: readonly Sale[], packSize: (item: string) => number | null): number {
  const split = sales.filter((sale) => sale.split);
  const whole = sales.length - split.length;
  if (split.length === 0) return whole;
  const pack = Math.round((packSize((split[0] as Sale).item) ?? 1) * ONE);
  const units = split.reduce((sum, { count }) => sum + count, 0);
  return whole + Math.ceil(units / Math.max(pack, 1));
}
