// quarterly-spend against the oracle over random quarters: budgets and excuses that come late, reversals, repeats, tiers crossed twice.
import {
  type AlertRecord,
  createPseudonymiser,
  FEEDS,
  type Finding,
  parseRawEvent,
  toModel,
  type YunjianEvent,
} from '@yunjian/contracts';
import { InstitutionLane } from '@yunjian/detection';
import { detectors } from '@yunjian/detectors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quarterlyOracle } from './quarterly.ts';

const pseudonymiser = createPseudonymiser('oracle');
const DAY = 86_400_000;
const START = Date.parse('2026-10-01T00:00:00+08:00');
/** When everything is judged at last, days: at noon, when some justifications have ended that day and others have not. */
const END = 71.5;
const iso = (ms: number) => new Date(ms).toISOString();
const hospital = fc.constantFrom('H32110000001', 'H32110000002', 'P32110000001');
const at = fc.integer({ min: -20 * 24, max: 60 * 24 }).map((hours) => START + hours * 3_600_000);

const event = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      event_type: fc.constant('settlement'),
      at,
      fixmedins_code: hospital,
      id: fc.integer({ min: 1, max: 40 }),
      fund: fc.integer({ min: 0, max: 250 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      event_type: fc.constant('settlement_reversal'),
      at,
      fixmedins_code: hospital,
      id: fc.integer({ min: 1, max: 40 }),
      fund: fc.integer({ min: 0, max: 250 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      event_type: fc.constant('budget'),
      at,
      fixmedins_code: hospital,
      quarter: fc.constantFrom(3, 4),
      amount: fc.constantFrom(0, 100, 300, 920),
      weighted: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      event_type: fc.constant('justification'),
      at,
      fixmedins_code: hospital,
      quarter: fc.constantFrom(3, 4),
      days: fc.option(fc.oneof(fc.integer({ min: -10, max: 40 }), fc.constantFrom(END - 0.1, END, END + 0.1))),
    }),
  },
);

function raw(item: Record<string, unknown> & { at: number }, n: number): Record<string, unknown> {
  const base = {
    event_id: `e${n}`,
    source: 'x',
    event_time: iso(item.at),
    fixmedins_code: item.fixmedins_code,
    event_type: item.event_type,
  };
  const fund = item.fund as number;
  switch (item.event_type) {
    case 'settlement':
      return {
        ...base,
        setl_id: `S${item.id}`,
        psn_no: 'p',
        mdtrt_cert_type: '02',
        med_type: '11',
        medfee_sumamt: fund,
        fund_pay_sumamt: fund,
      };
    case 'settlement_reversal':
      return {
        ...base,
        setl_id: `R${item.id}`,
        orig_setl_id: `S${item.id}`,
        psn_no: 'p',
        medfee_sumamt: -fund,
        fund_pay_sumamt: -fund,
      };
    case 'budget':
      return {
        ...base,
        year: 2026,
        quarter: item.quarter,
        amount: item.amount,
        ...(item.weighted === true ? { weights: [0.5, 0.3, 0.2] } : {}),
      };
    default:
      return {
        ...base,
        year: 2026,
        quarter: item.quarter,
        reason: 'r',
        approved_by: 'a',
        ...(item.days === null ? {} : { valid_until: iso(START + (item.days as number) * DAY) }),
      };
  }
}

function events(
  items: readonly (Record<string, unknown> & { at: number })[],
  arrivals: readonly number[],
): YunjianEvent[] {
  const offsets = new Map<string, number>();
  return items
    .map((item, i) => ({ item, i, arrival: arrivals[i % arrivals.length] as number }))
    .sort((a, b) => a.arrival - b.arrival)
    .map(({ item, i, arrival }) => {
      const parsed = parseRawEvent(Buffer.from(JSON.stringify(raw(item, i))), {
        arrival: START + 100 * DAY,
        replay: true,
        feed: null,
      });
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
      const offset = offsets.get(parsed.feed) ?? 0;
      offsets.set(parsed.feed, offset + 1);
      return toModel(
        parsed.event,
        { arrival, origin: { feed: parsed.feed, partition: 0, offset, index: 0 } },
        pseudonymiser,
      );
    });
}

function run(list: readonly YunjianEvent[], end: number): Map<string, Finding> {
  const lane = new InstitutionLane({ partition: 0, detectors });
  lane.restore();
  let offset = 0;
  const last = new Map<string, Finding>();
  const step = (record: Parameters<InstitutionLane['step']>[0]) => {
    lane.step(record, offset++);
    for (const finding of lane.takeEffects().findings) last.set(finding.alert_id, finding);
  };
  const mark = (arrival: number) =>
    step({
      kind: 'mark',
      entries: FEEDS.map((feed) => ({ feed, partition: 0, next: 0, arrival, lastEvent: arrival })),
      partitions: { settlement: 1, surveillance: 1, trace: 1, reference: 1 },
    });
  for (const each of list) {
    mark(each.arrival - 1);
    step(each);
  }
  mark(end);
  return last;
}

const stands = (findings: Map<string, Finding>) =>
  [...findings.values()]
    .filter((f) => f.detector === 'quarterly-spend' && f.action === 'raise')
    .map((f) => ({ subject: f.subject.ref, tier: f.facts.tier as number, level: f.level as AlertRecord['level'] }));
const sorted = <T extends { subject: string; tier: number }>(list: T[]) =>
  list.sort((a, b) => (a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : a.tier - b.tier));

describe('quarterly-spend', () => {
  test('what stands at the end is what the oracle sums from everything at once', () => {
    let stood = 0;
    fc.assert(
      fc.property(
        fc.array(event, { minLength: 5, maxLength: 60 }),
        fc.array(
          fc.integer({ min: 0, max: 70 * 24 }).map((h) => START + h * 3_600_000),
          { minLength: 5, maxLength: 30 },
        ),
        (items, arrivals) => {
          const list = events(items as never, arrivals);
          const end = START + END * DAY;
          const expected = sorted(
            quarterlyOracle(list, end).map(({ subject, tier, level }) => ({
              subject,
              tier: tier as number,
              level: level as number,
            })),
          );
          stood += expected.length;
          expect(sorted(stands(run(list, end)))).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
    expect(stood).toBeGreaterThan(50);
  });

  test('exactly 10 % ahead is silent, a fen more speaks; exactly a tenth of the days speaks', () => {
    const first = Date.parse('2026-01-01T00:00:00+08:00');
    const judge = (fund: number, day: number) => {
      const list = events(
        [
          {
            event_type: 'budget',
            at: first,
            fixmedins_code: 'H32110000001',
            quarter: 1,
            amount: 9000,
            weighted: false,
          },
          { event_type: 'settlement', at: first + 3_600_000, fixmedins_code: 'H32110000001', id: 1, fund },
        ],
        [first + 4_000_000],
      );
      return stands(run(list, first + (day - 1) * DAY + 43_200_000)).map(({ tier }) => tier);
    };
    expect(judge(990, 9)).toEqual([]);
    expect(judge(990.01, 9)).toEqual([10]);
    expect(judge(1080, 9)).toEqual([10]);
    expect(judge(1080.01, 9)).toEqual([10, 20]);
    expect(judge(5000, 8)).toEqual([]);
  });
});
