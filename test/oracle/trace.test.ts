// trace-repeated through router and ledger against the oracle: any order of arrival, any batch borders, both channels, both ends of a reversal.
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
import { LedgerPartition, MemoryHistory } from '@yunjian/service-ledger';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
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

const item = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('settlement' as const),
      shop,
      id,
      hours,
      codes: fc.array(code, { minLength: 1, maxLength: 2 }),
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
type Item = typeof item extends fc.Arbitrary<infer T> ? T : never;

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
          feedetl_sn: String(i),
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

/** Raw records in the order in which they arrive, one raw partition a feed. */
function arriving(items: readonly Item[], repeated: number) {
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

async function ledger(records: ReturnType<typeof arriving>, borders: readonly number[]): Promise<Map<string, Finding>> {
  const partition = new LedgerPartition({
    lane: 'code',
    partition: 0,
    history: new MemoryHistory(),
    rules: ledgerRules,
  });
  const lane: Buffer[] = records.flatMap((record) => {
    const routed = route(record, { pseudonymiser, lanePartitions: 1, replay: true });
    return routed.ok ? routed.outputs.filter((output) => output.lane === 'code').map((output) => output.value) : [];
  });
  const last = new Map<string, Finding>();
  for (let from = 0, n = 0; from < lane.length; n++) {
    const to = Math.min(lane.length, from + (borders[n % borders.length] as number));
    const inputs = lane
      .slice(from, to)
      .map((value, i) => ({ position: from + i, event: decodeLane(value) as LaneEvent, value }));
    const { findings, reversed } = await partition.process(inputs);
    for (const finding of findings) last.set(finding.alert_id, finding);
    lane.push(...reversed.map(({ value }) => value));
    from = to;
  }
  return last;
}

const standing = (findings: Map<string, Finding>) =>
  [...findings.values()]
    .filter(({ action }) => action === 'raise')
    .map(({ subject, level, fixmedins_code, facts }) => ({
      subject: subject.ref,
      level,
      institution: fixmedins_code,
      suspicion: facts.suspicion,
    }));
const bySubject = <T extends { subject: string }>(list: T[]) => list.sort((a, b) => (a.subject < b.subject ? -1 : 1));

function expected(records: ReturnType<typeof arriving>) {
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

describe('trace-repeated', () => {
  test('what stands at the end is what the oracle makes of each code’s whole life, whatever the batch borders', async () => {
    let stood = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(item, { minLength: 2, maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 0, max: 4 }),
        async (items, borders, repeated) => {
          const records = arriving(items, repeated);
          const wanted = expected(records);
          stood += wanted.length;
          expect(bySubject(standing(await ledger(records, borders)))).toEqual(wanted);
        },
      ),
      { numRuns: 500 },
    );
    expect(stood).toBeGreaterThan(100);
  });
});
