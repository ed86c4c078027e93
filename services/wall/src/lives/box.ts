// A box from purchase to sale: its code's lane records as one list in which each sale stands once, with what became of it.
import {
  type BoxEvent,
  type CodeReversed,
  type CodeSale,
  isoShanghai,
  type LaneEvent,
  type Trace,
} from '@yunjian/contracts';
import { allSales, isNet, type Sale } from '@yunjian/detectors';
import type { Placed } from './paging.ts';

export interface Box {
  /** The drug that it was last said to be. */
  item: string | null;
  netSales: number;
  events: Placed<BoxEvent>[];
}

/** @param documents the code's history, one event per document */
export function boxOf(documents: readonly LaneEvent[]): Box {
  const sales = allSales(documents);
  const become = fatesOf(sales);
  const settled = documents.filter((d): d is CodeSale => d.kind === 'codeSale');
  const uploads = documents.filter((d): d is Trace => d.kind === 'trace');
  const reversals = documents.filter((d): d is CodeReversed => d.kind === 'codeReversed' && d.voided === null);
  const uploaded = new Map(uploads.filter(isOfSettlement).map((upload) => [settlementOf(upload), upload]));
  const billed = new Set(settled.filter((sale) => become(sale).status !== 'superseded').map(settlementOf));
  const alone = uploads.filter((upload) => !(isOfSettlement(upload) && billed.has(settlementOf(upload))));
  return {
    item: settled.at(-1)?.lines[0]?.item ?? uploads.at(-1)?.item ?? null,
    netSales: sales.filter(isNet).length,
    events: [
      ...settled.map((sale) => placed(sale, saleOf(sale, uploaded.get(settlementOf(sale)), become(sale)))),
      ...alone.map((upload) => placed(upload, uploadOf(upload, become))),
      ...reversals.map((reversal) => placed(reversal, reversalOf(reversal))),
    ],
  };
}

type Fate = Pick<BoxEvent, 'status' | 'counterpart'>;

/** What becomes of a sale, as trace-repeated counts it. Of several lines one that counts is enough. */
function fatesOf(sales: readonly Sale[]): (sale: CodeSale | Trace) => Fate {
  const lines = new Map<string, Sale[]>();
  for (const sale of sales) lines.set(sale.document, [...(lines.get(sale.document) ?? []), sale]);
  return ({ document }) => {
    const own = lines.get(document);
    // It is none of the sales: another document of its settlement has won.
    if (own === undefined) return { status: 'superseded', counterpart: null };
    if (own.some(isNet)) return { status: 'counted', counterpart: null };
    const reversal = own.find((each) => each.reversal !== null)?.reversal ?? null;
    return reversal === null
      ? { status: 'returned', counterpart: null }
      : { status: 'reversed', counterpart: reversal.id };
  };
}

const NO_FATE: Fate = { status: null, counterpart: null };
const ONE = 10_000;

function saleOf(sale: CodeSale, upload: Trace | undefined, fate: Fate): BoxEvent {
  return {
    ...ofUpload(upload),
    event_time: isoShanghai(sale.eventTime),
    action: 'sale',
    fixmedins_code: sale.institution,
    setl_id: sale.settlementId,
    channels: upload === undefined ? ['settlement'] : ['settlement', 'upload'],
    lines: sale.lines.map(({ line, item, count, split }) => ({
      feedetl_sn: line,
      med_list_codg: item,
      cnt: count / ONE,
      trdn_flag: split ? 1 : 0,
    })),
    cnt: null,
    insured: true,
    ...fate,
  };
}

function uploadOf(upload: Trace, become: ReturnType<typeof fatesOf>): BoxEvent {
  return {
    ...ofUpload(upload),
    event_time: isoShanghai(upload.eventTime),
    action: upload.action,
    fixmedins_code: upload.institution,
    setl_id: upload.settlementId,
    channels: ['upload'],
    lines: [],
    cnt: upload.count / ONE,
    insured: upload.insured,
    ...(upload.action === 'sale' ? become(upload) : NO_FATE),
  };
}

function reversalOf({ eventTime, institution, reversalId, settlementId }: CodeReversed): BoxEvent {
  return {
    ...ofUpload(undefined),
    event_time: isoShanghai(eventTime),
    action: 'reversal',
    fixmedins_code: institution,
    setl_id: reversalId,
    channels: ['settlement'],
    lines: [],
    cnt: null,
    insured: null,
    status: null,
    counterpart: settlementId,
  };
}

function ofUpload(upload: Trace | undefined): Pick<BoxEvent, 'fixmedins_bchno' | 'manu_lotnum' | 'supplier'> {
  const { lot, supplier } = (upload?.cold.get() ?? {}) as { lot?: string | null; supplier?: string | null };
  return { fixmedins_bchno: upload?.batch ?? null, manu_lotnum: lot ?? null, supplier: supplier ?? null };
}

function isOfSettlement({ action, settlementId }: Trace): boolean {
  return action === 'sale' && settlementId !== null;
}

function settlementOf({ institution, settlementId }: { institution: string; settlementId: string | null }): string {
  return `${institution}|${settlementId}`;
}

function placed(event: LaneEvent, value: BoxEvent): Placed<BoxEvent> {
  return { at: event.eventTime, key: `${event.kind} ${event.document}`, value };
}
