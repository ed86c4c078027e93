// A box from purchase to sale: its code's lane records as one list in which each sale stands once, with what became of it.
import {
  type BoxEvent,
  type CodeReversed,
  type CodeSale,
  isoShanghai,
  type LaneEvent,
  type Trace,
} from '@yunjian/contracts';
import { netSales } from '@yunjian/detectors/net-sales';
import type { Placed } from './paging.ts';

export interface Box {
  /** The drug that it was last said to be. */
  item: string | null;
  netSales: number;
  events: Placed<BoxEvent>[];
}

/** @param documents the code's history, one event per document */
export function boxOf(documents: readonly LaneEvent[]): Box {
  const counted = netSales(documents);
  const settled = documents.filter((d): d is CodeSale => d.kind === 'codeSale');
  const uploads = documents.filter((d): d is Trace => d.kind === 'trace');
  const told = documents.filter((d): d is CodeReversed => d.kind === 'codeReversed');
  const reversals = told.filter(({ voided }) => voided === null);
  const become = fatesOf(new Set(counted.map(({ document }) => document)), told);
  const uploaded = new Map(uploads.filter(isOfSettlement).map((upload) => [settlementOf(upload), upload]));
  const billed = new Set(settled.map(settlementOf));
  const alone = uploads.filter((upload) => !(isOfSettlement(upload) && billed.has(settlementOf(upload))));
  return {
    item: settled.at(-1)?.lines[0]?.item ?? uploads.at(-1)?.item ?? null,
    netSales: counted.length,
    events: [
      ...settled.map((sale) => placed(sale, saleOf(sale, uploaded.get(settlementOf(sale)), become(sale)))),
      ...alone.map((upload) => placed(upload, uploadOf(upload, become))),
      ...reversals.map((reversal) => placed(reversal, reversalOf(reversal))),
    ],
  };
}

type Fate = Pick<BoxEvent, 'status' | 'counterpart'>;

/** What becomes of a sale, as trace-repeated counts it. */
function fatesOf(
  counted: ReadonlySet<string>,
  told: readonly CodeReversed[],
): (sale: CodeSale | (Trace & { action: 'sale' })) => Fate {
  const reversedBy = new Map<string, string>();
  const voided = new Set<string>();
  for (const each of told)
    if (each.voided === null) reversedBy.set(settlementOf(each), each.reversalId);
    else voided.add(settlementOf(each));
  return (sale) => {
    const reversal = reversedBy.get(settlementOf(sale));
    if (reversal !== undefined) return { status: 'reversed', counterpart: reversal };
    if (counted.has(sale.document)) return { status: 'counted', counterpart: null };
    // Another document of its settlement has won; else a return has cancelled it.
    const lost = sale.kind === 'codeSale' && voided.has(settlementOf(sale));
    return { status: lost ? 'superseded' : 'returned', counterpart: null };
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
    ...(isSale(upload) ? become(upload) : NO_FATE),
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

function isSale(upload: Trace): upload is Trace & { action: 'sale' } {
  return upload.action === 'sale';
}

function isOfSettlement(upload: Trace): boolean {
  return isSale(upload) && upload.settlementId !== null;
}

function settlementOf({ institution, settlementId }: { institution: string; settlementId: string | null }): string {
  return `${institution}|${settlementId}`;
}

function placed(event: LaneEvent, value: BoxEvent): Placed<BoxEvent> {
  return { at: event.eventTime, key: `${event.kind} ${event.document}`, value };
}
