// Who is passed over by the outline is who would have said nothing: the findings are those of whole histories, whatever comes in between.
import { ColdPart, decodeLane, encodeLane, type Finding, type LaneRecord, type Reversal } from '@yunjian/contracts';
import type { LedgerRule } from '@yunjian/detection';
import { ledgerRules } from '@yunjian/detectors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryHistory } from './history.ts';
import { LedgerPartition } from './judge.ts';
import { drug, HOSPITAL, registered, rules, SHOP, settled } from './persons.testing.ts';

const RULES = (ledgerRules as readonly LedgerRule[]).filter(({ lane }) => lane === 'person');
const near = { longitude: 119.45, latitude: 32.2 };
const far = { longitude: 121.47, latitude: 31.23 };

/** Counts the persons whose records were read. */
class Counted extends MemoryHistory {
  asked = 0;
  override read(partition: number, subjects: readonly string[]) {
    this.asked += subjects.length;
    return super.read(partition, subjects);
  }
  override outlines(partition: number, subjects: readonly string[]) {
    this.asked -= subjects.length;
    return super.outlines(partition, subjects);
  }
}

async function judged(lane: readonly LaneRecord[], sizes: readonly number[], isWhole: boolean) {
  const history = new Counted();
  const options = { lane: 'person' as const, partition: 0, history, rules: RULES };
  // Whoever observes sees every judgement: nobody is passed over.
  const partition = new LedgerPartition(isWhole ? { ...options, observe: () => {} } : options);
  await partition.open(decodeLane);
  const found: Finding[] = [];
  for (let n = 0, batch = 0; n < lane.length; batch++) {
    const size = sizes[batch % sizes.length] as number;
    const inputs = lane.slice(n, n + size).map((event, i) => ({ position: n + i, event, value: encodeLane(event) }));
    n += size;
    const { findings, poisoned } = await partition.process(inputs);
    expect(poisoned).toEqual([]);
    found.push(...findings);
  }
  return { found, asked: history.asked };
}

function reversed(of: string, at: number, institution: string, person: string): Reversal {
  const { arrival, eventTime, origin, document, content } = registered(institution, at);
  const cold = ColdPart.of({ eventId: 'r', source: 's' });
  const base = { arrival, eventTime, origin, document, content, institution, cold };
  const named = { settlementId: `R${of}`, originalId: of, originalMessageId: null };
  return { ...base, ...named, kind: 'reversal', person, total: -1_000, fund: -700 };
}

const place = fc.constantFrom(SHOP, HOSPITAL);
const person = fc.constantFrom('p', 'q', 'r');
type Step = (n: number, at: number) => LaneRecord;
const visit = fc.tuple(place, fc.option(fc.integer({ min: 1, max: 9 })), person, fc.integer({ min: -30, max: 0 })).map(
  ([at, days, who, late]): Step =>
    (n, hour) =>
      settled(`S${n}`, hour + late, at, days, who),
);
const stay = fc.tuple(person, fc.integer({ min: 1, max: 90 })).map(
  ([who, hours]): Step =>
    (n, hour) => {
      const bill = settled(`S${n}`, hour, HOSPITAL, null, who);
      return {
        ...bill,
        medicalType: '21',
        begin: bill.eventTime - hours * 3_600_000,
        end: bill.eventTime,
        diagnosis: 'K80',
      };
    },
);
const undone = fc.tuple(fc.nat(20), place, person).map(
  ([of, at, who]): Step =>
    (n, hour) =>
      reversed(`S${Math.max(0, n - of)}`, hour, at, who),
);
const limit = fc.option(fc.constantFrom(3, 30)).map(
  (days): Step =>
    (_, hour) =>
      drug(hour, days),
);
const moved = fc.tuple(place, fc.constantFrom(near, far)).map(
  ([at, to]): Step =>
    (_, hour) =>
      registered(at, hour, to),
);
const changed = fc
  .constantFrom<Record<string, unknown>>(
    {},
    { 'excess-supply': { params: { days: 30 } } },
    { 'excess-supply': { when: [{ kind: 'pharmacy', params: { days: 3 } }] } },
    { 'frequent-purchase': { params: { times: 3 } } },
    { 'impossible-travel': { enabled: false } },
  )
  .map(
    (detectors): Step =>
      () =>
        rules(detectors),
  );
const step = fc.oneof(
  { weight: 12, arbitrary: visit },
  { weight: 2, arbitrary: stay },
  { weight: 2, arbitrary: undone },
  limit,
  moved,
  changed,
);
const lane = fc
  .array(fc.tuple(step, fc.integer({ min: 0, max: 200 })), { minLength: 5, maxLength: 40 })
  .map((steps) => {
    let hour = 0;
    return steps.map(([record, hours], n) => {
      hour += hours;
      return record(n, hour);
    });
  });
const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 });

test('findings are those of whole histories', async () => {
  let [findings, whole, outlined] = [0, 0, 0];
  await fc.assert(
    fc.asyncProperty(lane, sizes, async (records, cuts) => {
      const expected = await judged(records, cuts, true);
      const found = await judged(records, cuts, false);
      expect(found.found).toEqual(expected.found);
      findings += expected.found.length;
      whole += expected.asked;
      outlined += found.asked;
    }),
    { numRuns: 150 },
  );
  // Something was said, and somebody passed over.
  expect(findings).toBeGreaterThan(300);
  expect(outlined).toBeLessThan(0.9 * whole);
});
