// The four rules about boxes and stocks through router and ledgers against the oracle: any order of arrival, batch borders, restarts.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  arriving,
  codeLaneWith,
  DETECTORS,
  expected,
  type Happening,
  happening,
  judgeLane,
  kept,
  lanesOf,
  standing,
} from './boxes-world.ts';

const happenings = fc.array(happening, { minLength: 3, maxLength: 25 });
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
const repeated = fc.integer({ min: 0, max: 4 });

async function judged(happened: readonly Happening[], again: number, batches: readonly number[]) {
  const records = arriving(happened, again);
  const lanes = lanesOf(records);
  const institution = await judgeLane('institution', lanes.institution, batches, kept());
  const code = await codeLaneWith(lanes.code, institution.told, batches);
  const boxes = await judgeLane('code', code, batches, kept());
  return { records, lanes: { ...lanes, code }, findings: [...institution.findings, ...boxes.findings] };
}

describe('boxes and stocks', () => {
  test('what stands at the end is what the oracle makes of everything at once, whatever the batch borders', async () => {
    const stood = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(happenings, repeated, sizes, async (happened, again, batches) => {
        const { records, findings } = await judged(happened, again, batches);
        const wanted = expected(records);
        for (const each of wanted) {
          const detector = each.slice(0, each.indexOf(' '));
          stood.set(detector, (stood.get(detector) ?? 0) + 1);
        }
        expect(standing(findings)).toEqual(wanted);
      }),
      { numRuns: 150 },
    );
    for (const detector of DETECTORS) expect([detector, (stood.get(detector) ?? 0) > 3]).toEqual([detector, true]);
  });

  test('the order in which things arrive changes nothing that stands at the end', async () => {
    await fc.assert(
      fc.asyncProperty(happenings, sizes, fc.infiniteStream(fc.nat()), async (happened, batches, dice) => {
        // The same documents: event times are told by the place in the list, so each keeps its own.
        const records = arriving(happened, 0);
        const lanes = lanesOf(records);
        const shuffled = (values: readonly Buffer[], tail: number) => {
          const head = values.slice(0, values.length - tail);
          for (let n = head.length - 1; n > 0; n--) {
            const other = (dice.next().value as number) % (n + 1);
            [head[n], head[other]] = [head[other] as Buffer, head[n] as Buffer];
          }
          return [...head, ...values.slice(values.length - tail)];
        };
        const institution = await judgeLane('institution', shuffled(lanes.institution, 6), batches, kept());
        const code = await codeLaneWith(shuffled(lanes.code, 6), institution.told, batches);
        const boxes = await judgeLane('code', code, batches, kept());
        expect(standing([...institution.findings, ...boxes.findings])).toEqual(expected(records));
      }),
      { numRuns: 60 },
    );
  });

  test('after a restart anywhere, in other batches, every position says the same', async () => {
    await fc.assert(
      fc.asyncProperty(happenings, sizes, sizes, fc.nat(), async (happened, batches, others, pick) => {
        const { lanes } = await judged(happened, 2, batches);
        for (const lane of ['institution', 'code'] as const) {
          const values = lanes[lane];
          const keep = kept();
          const once = await judgeLane(lane, values, batches, keep);
          const border = borders(values.length, batches)[pick % borders(values.length, batches).length] as number;
          expect(await judgeLane(lane, values, others, kept())).toEqual(once);
          const again = await judgeLane(lane, values, others, keep, border);
          expect(again.findings).toEqual(once.findings.filter(({ cause }) => cause.offset >= border));
        }
      }),
      { numRuns: 40 },
    );
  });
});

/** Where batches of these sizes begin: where a restart may begin. */
function borders(length: number, batches: readonly number[]): number[] {
  const found: number[] = [];
  for (let at = 0, n = 0; at < length; n++) {
    found.push(at);
    at += batches[n % batches.length] as number;
  }
  return found;
}
