// A world of boxes and stocks for the oracle of the traceability rules: as raw records, as lanes, and judged by both ledgers.
import {
  createPseudonymiser,
  decodeLane,
  encodeLane,
  type Finding,
  type LaneEvent,
  type Mark,
  parseRawEvent,
  toModel,
  type YunjianEvent,
} from '@yunjian/contracts';
import type { LedgerRule } from '@yunjian/detection';
import { ledgerRules } from '@yunjian/detectors';
import { route } from '@yunjian/service-ingest';
import { InstitutionPartition, LedgerPartition, MemoryBooks, MemoryHistory } from '@yunjian/service-ledger';
import fc from 'fast-check';
import { boxOracle } from './boxes.ts';

const pseudonymiser = createPseudonymiser('oracle');
/** Six days before a month ends. */
const BASE = Date.parse('2026-10-26T10:00:00+08:00');
const HOUR = 3_600_000;
const LAST_HOUR = 400;
export const DETECTORS = ['trace-product-mismatch', 'trace-not-purchased', 'trace-missing', 'stock-mismatch'] as const;

const shop = fc.constantFrom('P32110000001', 'P32110000002', 'P32110000003');
const drug = fc.constantFrom('XR05CBA198A001010100863', 'XN02BEA001A001010100001');
const code = fc.constantFrom('81234560000000000001', '81234560000000000002', '81299990000000000003');
const maybeCode = fc.option(code, { freq: 2 });
const hours = fc.integer({ min: 0, max: LAST_HOUR });
const id = fc.integer({ min: 1, max: 5 });
const packs = fc.integer({ min: 1, max: 9 });
const batch = fc.integer({ min: 1, max: 3 });
const prefix = fc.record({
  prefix: fc.constantFrom('812', '8123456', '81299'),
  level: fc.constantFrom(1, 1, 2),
});

const settlement = fc.record({
  kind: fc.constant('settlement' as const),
  shop,
  id,
  hours,
  lines: fc.array(fc.record({ drug, packs, codes: fc.array(code, { maxLength: 2 }), split: fc.boolean() }), {
    minLength: 1,
    maxLength: 2,
  }),
});
const reversal = fc.record({ kind: fc.constant('reversal' as const), shop, id, hours, byMessage: fc.boolean() });
const moved = fc.record({
  kind: fc.constant('trace' as const),
  action: fc.constantFrom(
    'purchase' as const,
    'purchase' as const,
    'purchase_return' as const,
    'sale' as const,
    'sale_return' as const,
    'adjust' as const,
    'stocktake' as const,
  ),
  // The third shop hardly ever uploads a purchase.
  shop,
  hours,
  drug,
  code: maybeCode,
  packs,
  batch,
  split: fc.boolean(),
  settlement: fc.option(id),
  selfPaid: fc.boolean(),
});
const known = fc.record({
  kind: fc.constant('drug' as const),
  hours,
  drug,
  pack: fc.constantFrom(2, 5),
  prefixes: fc.array(prefix, { maxLength: 2 }),
});
/** One thing that happens. */
export const happening = fc.oneof(
  { weight: 5, arbitrary: settlement },
  { weight: 2, arbitrary: reversal },
  { weight: 6, arbitrary: moved },
  { weight: 1, arbitrary: known },
);
export type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

function raw(each: Happening, n: number): Record<string, unknown> {
  const base = {
    event_id: `e${n}`,
    source: 'x',
    // Distinct instants: which of two things at one instant is the later is nobody's claim.
    event_time: new Date(BASE + each.hours * HOUR + n * 1000).toISOString(),
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
        feedetl: each.lines.map(({ drug: item, packs: cnt, codes, split }, i) => ({
          feedetl_sn: String(i),
          med_list_codg: item,
          cnt,
          pric: 30,
          det_item_fee_sumamt: cnt * 30,
          trdn_flag: split ? 1 : 0,
          drug_trac_info: codes.map((drug_trac_codg) => ({ drug_trac_codg })),
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
    case 'trace': {
      const ofSale = each.action === 'sale' || each.action === 'sale_return';
      const uploads = each.shop !== 'P32110000003' || each.action !== 'purchase' || each.hours % 8 === 0;
      return {
        ...base,
        event_type: 'trace',
        action: uploads ? each.action : 'sale',
        med_list_codg: each.drug,
        cnt: each.action === 'adjust' && each.batch === 1 ? -each.packs : each.packs,
        fixmedins_bchno: `B${each.batch}`,
        ...(each.code === null ? {} : { drug_trac_codg: each.code }),
        ...(ofSale && each.settlement !== null ? { setl_id: `S${each.settlement}` } : {}),
        ...(ofSale ? { trdn_flag: each.split ? 1 : 0, ...(each.selfPaid ? { mdtrt_setl_type: 2 } : {}) } : {}),
      };
    }
    case 'drug':
      return {
        ...base,
        event_type: 'drug',
        med_list_codg: each.drug,
        name: 'd',
        pack_size: each.pack,
        prefixes: each.prefixes,
      };
  }
}

/** Raw records in the order in which they arrive, within the 48 h in which a drug record judges sales again. */
export function arriving(happened: readonly Happening[], repeated: number) {
  const offsets = new Map<string, number>();
  const sent = happened.map(raw);
  const again = sent.slice(0, repeated).map((event) => ({ ...event, event_id: `again-${event.event_id}` }));
  return [...sent, ...again].map((event, n) => {
    const value = Buffer.from(JSON.stringify(event));
    const arrival = BASE + (LAST_HOUR + 1) * HOUR + n * 7_000;
    const parsed = parseRawEvent(value, { arrival, replay: true, feed: null });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    const offset = offsets.get(parsed.feed) ?? 0;
    offsets.set(parsed.feed, offset + 1);
    return { feed: parsed.feed, partition: 0, offset, arrival, value };
  });
}
export type Arrived = ReturnType<typeof arriving>;

export function mark(arrival: number): Buffer {
  const entries: Mark['entries'] = (['settlement', 'trace'] as const).map((feed) => ({
    feed,
    partition: 0,
    next: 0,
    arrival,
    lastEvent: null,
  }));
  return encodeLane({ kind: 'mark', entries, partitions: { settlement: 1, surveillance: 1, trace: 1, reference: 1 } });
}

/** Past every deadline of such a world. */
export function end(records: Arrived): number {
  return (records.at(-1)?.arrival ?? BASE) + 100 * HOUR;
}

/** Each lane's values of one partition, a mark behind every third record and some beyond the end. */
export function lanesOf(records: Arrived): { institution: Buffer[]; code: Buffer[] } {
  const lanes = { institution: [] as Buffer[], code: [] as Buffer[] };
  for (const [n, record] of records.entries()) {
    const routed = route(record, { pseudonymiser, lanePartitions: 1, replay: true });
    if (!routed.ok) throw new Error(routed.reason);
    for (const { lane, value } of routed.outputs) if (lane !== 'person') lanes[lane].push(value);
    if (n % 3 === 2) for (const lane of Object.values(lanes)) lane.push(mark(record.arrival));
  }
  for (const after of [1, 30, 60, 73, 99, 100])
    for (const lane of Object.values(lanes)) lane.push(mark(end(records) + (after - 100) * HOUR));
  return lanes;
}

/** What outlives a ledger's process. */
export const kept = () => ({
  institution: { history: new MemoryHistory(), books: new MemoryBooks() },
  code: { history: new MemoryHistory() },
});
export type Kept = ReturnType<typeof kept>;

const OURS: readonly LedgerRule[] = ledgerRules.filter(({ id }) => (DETECTORS as readonly string[]).includes(id));

/** Judges a lane by a partition that has just been assigned, in batches of these sizes, over and over, from a position on. */
export async function judgeLane(
  lane: 'institution' | 'code',
  values: readonly Buffer[],
  sizes: readonly number[],
  keep: Kept,
  from = 0,
  rules: readonly LedgerRule[] = OURS,
): Promise<{ findings: Finding[]; told: Buffer[] }> {
  const partition =
    lane === 'institution'
      ? new InstitutionPartition({ partition: 0, ...keep.institution, rules, lanePartitions: 1 })
      : new LedgerPartition({ lane, partition: 0, ...keep.code, rules: rules.filter((rule) => rule.lane === 'code') });
  await partition.open((value) => decodeLane(value) as LaneEvent);
  const all: { findings: Finding[]; told: Buffer[] } = { findings: [], told: [] };
  for (let at = from, n = 0; at < values.length; n++) {
    const to = Math.min(values.length, at + (sizes[n % sizes.length] as number));
    const inputs = values.slice(at, to).map((value, i) => ({ position: at + i, event: decodeLane(value), value }));
    const { findings, reversed, poisoned } = await partition.process(inputs);
    for (const { error } of poisoned) throw error;
    all.findings.push(...findings);
    all.told.push(...reversed.map(({ value }) => value));
    at = to;
  }
  return all;
}

/** The code lane as both ledgers leave it: what they tell it goes in behind what was there, before the last marks. */
export async function codeLaneWith(code: readonly Buffer[], told: readonly Buffer[], sizes: readonly number[]) {
  const lane = [...code.slice(0, -6), ...told];
  for (let before = -1; before !== lane.length; ) {
    before = lane.length;
    const more = (await judgeLane('code', lane, sizes, kept())).told;
    const have = new Set(lane.map(String));
    lane.push(...more.filter((value) => !have.has(String(value))));
  }
  return [...lane, ...code.slice(-6)];
}

/** What stands after all findings: the last of each alert, if it is a raise. */
export function standing(findings: readonly Finding[]): string[] {
  const last = new Map(findings.map((finding) => [finding.alert_id, finding]));
  return [...last.values()]
    .filter(({ action }) => action === 'raise')
    .map(({ detector, fixmedins_code, subject }) => `${detector} ${fixmedins_code} ${subject.ref}`)
    .sort();
}

/** What the oracle makes of the same records. */
export function expected(records: Arrived): string[] {
  const events = records.map((record): YunjianEvent => {
    const parsed = parseRawEvent(record.value, { arrival: record.arrival, replay: true, feed: null });
    if (!parsed.ok) throw new Error('refused');
    const origin = { feed: record.feed, partition: 0, offset: record.offset, index: 0 };
    return toModel(parsed.event, { arrival: record.arrival, origin }, pseudonymiser);
  });
  return boxOracle(events)
    .map(({ detector, institution, subject }) => `${detector} ${institution} ${subject}`)
    .sort();
}
