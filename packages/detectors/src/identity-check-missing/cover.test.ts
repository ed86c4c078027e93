// The cover of settlements by nameless checks against brute force: as few uncovered as possible, and of equals the earliest covered first.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CoverRule, fits, inOrder, judgeComponent, judgeEach } from './cover.ts';
import { House } from './house.ts';
import { type KeptSettlement, newlyKept } from './kept.ts';
import type { KeptCheck } from './kept-check.ts';
import { Terminals } from './lane-bytes.ts';
import { NamedChecks } from './named-checks.ts';
import { Resting } from './resting.ts';

const rule: CoverRule = { beforeMs: 3, afterMs: 2, mayWatch: () => true, competes: () => true };

function world(
  settlements: { at: number; terminal: string | null }[],
  checks: { at: number; terminal: string | null }[],
) {
  const terminals = new Terminals();
  const house = new House({ named: new NamedChecks(terminals), resting: new Resting(terminals), woken: () => {} });
  const kept = settlements.map(
    ({ at, terminal }, i): KeptSettlement =>
      newlyKept({
        institution: 'P',
        id: `S${i}`,
        messageId: null,
        at,
        arrival: at,
        person: `p${i}`,
        terminal,
        byAgent: false,
        remote: false,
        fund: 1,
      }),
  );
  const seen = checks.map(
    ({ at, terminal }, i): KeptCheck => ({
      institution: 'P',
      key: `C${i}`,
      at,
      arrived: 0,
      device: 'd',
      terminal,
      person: null,
      passed: true,
      skipped: false,
      text: '',
      dirty: false,
      gone: false,
    }),
  );
  for (const s of kept) {
    house.add(s);
  }
  for (const c of seen) {
    house.addCheck(c);
  }
  return { house, kept, seen };
}

/** Every way to give checks to settlements; the best is the most, then the earliest in order. */
function bruteForce(kept: readonly KeptSettlement[], seen: readonly KeptCheck[]): string {
  const order = [...kept].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  let best = '';
  const better = (a: string, b: string) => {
    const count = (s: string) => [...s].filter((c) => c === '1').length;
    return count(a) - count(b) || (a > b ? 1 : a < b ? -1 : 0);
  };
  const assign = (i: number, used: ReadonlySet<KeptCheck>, sofar: string): void => {
    if (i === order.length) {
      if (best === '' || better(sofar, best) > 0) best = sofar;
      return;
    }
    const settlement = order[i] as KeptSettlement;
    for (const check of seen)
      if (!used.has(check) && fits(check, settlement, rule)) assign(i + 1, new Set([...used, check]), `${sofar}1`);
    assign(i + 1, used, `${sofar}0`);
  };
  assign(0, new Set(), '');
  return best;
}

const item = fc.record({ at: fc.integer({ min: 0, max: 10 }), terminal: fc.constantFrom('D1', 'D2', null) });

test('the cover found is the best there is', () => {
  fc.assert(
    fc.property(
      fc.array(item, { minLength: 1, maxLength: 6 }),
      fc.array(item, { maxLength: 5 }),
      (settlements, checks) => {
        const { house, kept, seen } = world(settlements, checks);
        const verdicts = judgeComponent(kept, house, rule);
        const order = [...kept].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
        expect(order.map((s) => (verdicts.get(s) === true ? '1' : '0')).join('')).toBe(bruteForce(kept, seen));
      },
    ),
    { numRuns: 300 },
  );
});

test('looking at one settlement finds all that compete with it', () => {
  fc.assert(
    fc.property(
      fc.array(item, { minLength: 2, maxLength: 8 }),
      fc.array(item, { maxLength: 6 }),
      (settlements, checks) => {
        const { house, kept } = world(settlements, checks);
        const whole = judgeComponent(kept, house, rule);
        for (const one of kept)
          for (const [s, covered] of judgeComponent([one], house, rule)) expect(covered).toBe(whole.get(s));
      },
    ),
    { numRuns: 200 },
  );
});

test('one after another gives what each alone gives, those that make no claim included', () => {
  const someCompete: CoverRule = { ...rule, competes: ({ terminal }) => terminal !== 'D2' };
  fc.assert(
    fc.property(
      fc.array(item, { minLength: 1, maxLength: 8 }),
      fc.array(item, { maxLength: 6 }),
      (settlements, checks) => {
        const { house, kept } = world(settlements, checks);
        const isCovered = judgeEach();
        for (const one of kept)
          expect(isCovered(one, house, someCompete)).toBe(judgeComponent([one], house, someCompete).get(one));
      },
    ),
    { numRuns: 200 },
  );
});

test('a component is worked out once, however many belong to it', () => {
  const many = Array.from({ length: 400 }, (_, i) => ({ at: i, terminal: null }));
  const { house, kept } = world(many, many);
  let asked = 0;
  const counting: CoverRule = { ...rule, competes: () => ++asked > 0 };
  const isCovered = judgeEach();
  for (const one of kept) isCovered(one, house, counting);
  expect(asked).toBe(kept.length);
});

test.each([
  ['as many checks', 1000, 1000],
  ['fewer checks', 1000, 750],
])('a rush hour at one counter covers as many as there are checks, with %s', (_, settlements, checks) => {
  const at = (count: number) => Array.from({ length: count }, () => ({ at: 0, terminal: null }));
  const { house, kept } = world(at(settlements), at(checks));
  const covered = [...judgeComponent(kept, house, rule)].filter(([, isCovered]) => isCovered);
  const earliest = [...kept].sort(inOrder).slice(0, checks);
  expect(new Set(covered.map(([settlement]) => settlement))).toEqual(new Set(earliest));
});
