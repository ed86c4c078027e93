// A world of sales, returns, reversals and drugs for the oracle of trace-repeated: as raw records, as the code lane, and judged.
import {
  createPseudonymiser,
  decodeLane,
  type Finding,
  type LaneEvent,
  parseRawEvent,
  toModel,
  type YunjianEvent,
} from '@yunjian/contracts';
import { ledgerRules } from '@yunjian/detectors';
import { route } from '@yunjian/service-ingest';
import { type LedgerHistory, LedgerPartition } from '@yunjian/service-ledger';
import fc from 'fast-check';
import { traceOracle } from './trace.ts';

const pseudonymiser = createPseudonymiser('oracle');
const BASE = Date.parse('2026-11-01T10:00:00+08:00');
const HOUR = 3_600_000;
const DRUG = 'XR05CBA198A001010100863';
/** Distinct instants: which of two sales at one instant is the latest is nobody's claim. */
const iso = (hours: number, n: number) => new Date(BASE + hours * HOUR + n * 1000).toISOString();
const shop = fc.constantFrom('P32110000001', 'P32110000002');
const code = fc.constantFrom('81234567890123456789', '81234567890123456780');
const hours = fc.integer({ min: 0, max: 400 });
const id = fc.integer({ min: 1, max: 8 });

/** One thing that happens at one of two shops to one of two boxes. */
export const item = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('settlement' as const),
      shop,
      id,
      hours,
      codes: fc.array(code, { maxLength: 2 }),
      /** Whether lines have numbers of their own; else a line is written twice. */
      numbered: fc.constantFrom(true, true, true, false),
      split: fc.boolean(),
      count: fc.constantFrom(1, 5, 10),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('reversal' as const), shop, id, hours, byMessage: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('sale' as const),
      shop,
      id: fc.option(id),
      hours,
      code,
      n: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('return' as const),
      shop,
      hours,
      code,
      n: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drug' as const), hours, pack: fc.constantFrom(10, 20) }) },
);
export type Item = typeof item extends fc.Arbitrary<infer T> ? T : never;

function raw(each: Item, n: number): Record<string, unknown> {
  const base = {
    event_id: `e${n}`,
    source: 'x',
    event_time: iso(each.hours, n),
    fixmedins_code: 'shop' in each ? each.shop : 'BUREAU',
  };
  switch (each.kind) {
    case 'settlement':
      return {
        ...base,
        event_type: 'settlement',
        setl_id: `S${each.id}`,
        msgid: `M${each.id}`,
        psn_no: 'p',
        mdtrt_cert_type: '02',
        med_type: '41',
        medfee_sumamt: 1,
        fund_pay_sumamt: 1,
        feedetl: each.codes.map((c, i) => ({
          feedetl_sn: each.numbered ? String(i) : '0',
          med_list_codg: DRUG,
          cnt: each.split ? each.count : 1,
          pric: 1,
          det_item_fee_sumamt: 1,
          trdn_flag: each.split ? 1 : 0,
          drug_trac_info: [{ drug_trac_codg: c }],
        })),
      };
    case 'reversal':
      return {
        ...base,
        event_type: 'settlement_reversal',
        setl_id: `R${n}`,
        psn_no: 'p',
        medfee_sumamt: -1,
        fund_pay_sumamt: -1,
        ...(each.byMessage ? { omsgid: `M${each.id}` } : { orig_setl_id: `S${each.id}` }),
      };
    case 'sale':
      return {
        ...base,
        event_type: 'trace',
        action: 'sale',
        med_list_codg: DRUG,
        cnt: 1,
        drug_trac_codg: each.code,
        ...(each.id === null ? { fixmedins_bchno: `B${each.n}` } : { setl_id: `S${each.id}` }),
      };
    case 'return':
      return {
        ...base,
        event_type: 'trace',
        action: 'sale_return',
        med_list_codg: DRUG,
        cnt: 1,
        drug_trac_codg: each.code,
        fixmedins_bchno: `B${each.n}`,
      };
    case 'drug':
      return { ...base, event_type: 'drug', med_list_codg: DRUG, name: 'd', pack_size: each.pack };
  }
}

/** Raw records in the order in which they arrive, one raw partition a feed; the first `repeated` are sent again. */
export function arriving(items: readonly Item[], repeated: number) {
  const offsets = new Map<string, number>();
  const sent = items.map((each, n) => raw(each, n));
  const again = sent.slice(0, repeated).map((event) => ({ ...event, event_id: `again-${event.event_id}` }));
  return [...sent, ...again].map((event, n) => {
    const value = Buffer.from(JSON.stringify(event));
    const parsed = parseRawEvent(value, { arrival: BASE + 500 * HOUR, replay: true, feed: null });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    const offset = offsets.get(parsed.feed) ?? 0;
    offsets.set(parsed.feed, offset + 1);
    // Everything arrives within the 48 h in which a drug record judges sales again.
    return { feed: parsed.feed, partition: 0, offset, arrival: BASE + 401 * HOUR + n * 1000, value };
  });
}

export type Arrived = ReturnType<typeof arriving>;

/** The code lane as the router lays it, with this many partitions. */
export function codeRecords(records: Arrived, lanePartitions: number): { partition: number; value: Buffer }[] {
  return records.flatMap((record) => {
    const routed = route(record, { pseudonymiser, lanePartitions, replay: true });
    return routed.ok ? routed.outputs.filter(({ lane }) => lane === 'code') : [];
  });
}

/** The values of a code lane of one partition. */
export function codeLane(records: Arrived): Buffer[] {
  return codeRecords(records, 1).map(({ value }) => value);
}

/**
 * Judges a lane from its beginning by a partition that has just been assigned, in batches of these sizes, over and over.
 * @param telling whether what the ledger sends into its own lane is appended to it; else it is in `lane` already
 */
export async function judgeLane(
  lane: Buffer[],
  borders: readonly number[],
  history: LedgerHistory,
  telling: boolean,
): Promise<{ findings: Finding[]; told: Buffer[] }> {
  const partition = new LedgerPartition({
    lane: 'code',
    partition: 0,
    history,
    rules: ledgerRules.filter(({ id }) => id === 'trace-repeated'),
  });
  await partition.open((value) => decodeLane(value) as LaneEvent);
  const all: { findings: Finding[]; told: Buffer[] } = { findings: [], told: [] };
  for (let from = 0, n = 0; from < lane.length; n++) {
    const to = Math.min(lane.length, from + (borders[n % borders.length] as number));
    const inputs = lane
      .slice(from, to)
      .map((value, i) => ({ position: from + i, event: decodeLane(value) as LaneEvent, value }));
    const { findings, reversed, poisoned } = await partition.process(inputs);
    for (const { error } of poisoned) throw error;
    all.findings.push(...findings);
    all.told.push(...reversed.map(({ value }) => value));
    if (telling) lane.push(...reversed.map(({ value }) => value));
    from = to;
  }
  return all;
}

const bySubject = <T extends { subject: string }>(list: T[]) => list.sort((a, b) => (a.subject < b.subject ? -1 : 1));

/** What stands after all findings: the last of each alert, if it is a raise. */
export function standing(findings: readonly Finding[]) {
  const last = new Map(findings.map((finding) => [finding.alert_id, finding]));
  return bySubject(
    [...last.values()]
      .filter(({ action }) => action === 'raise')
      .map(({ subject, level, fixmedins_code, facts }) => ({
        subject: subject.ref,
        level: level as number,
        institution: fixmedins_code,
        suspicion: facts.suspicion,
      })),
  );
}

/** What the oracle makes of the same records. */
export function expected(records: Arrived) {
  const events = records.map((record): YunjianEvent => {
    const parsed = parseRawEvent(record.value, { arrival: record.arrival, replay: true, feed: null });
    if (!parsed.ok) throw new Error('refused');
    return toModel(
      parsed.event,
      { arrival: record.arrival, origin: { feed: record.feed, partition: 0, offset: record.offset, index: 0 } },
      pseudonymiser,
    );
  });
  return bySubject(
    traceOracle(events).map(({ subject, level, institution, facts }) => ({
      subject,
      level: level as number,
      institution,
      suspicion: facts?.suspicion,
    })),
  );
}
