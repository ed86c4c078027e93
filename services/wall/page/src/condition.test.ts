import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionOf } from './condition.ts';
import type { SourceState } from './wire.ts';

const source = (state: SourceState['state']): SourceState => ({
  name: 'x',
  state,
  last_event_at: null,
  clock_at: null,
});
const arbitrary = fc.record({
  phase: fc.constantFrom('connecting', 'syncing', 'live', 'offline', 'refused') as fc.Arbitrary<'live'>,
  age: fc.constantFrom(0, 9999, 10_001),
  gateway: fc.constantFrom<'live' | 'stale'>('live', 'stale'),
  sources: fc.array(fc.constantFrom<SourceState['state']>('live', 'stale', 'never'), { maxLength: 3 }),
  open: fc.nat(2),
  heard: fc.boolean(),
});

describe('conditionOf', () => {
  it('says normal exactly when socket, gateway and every source are live and nothing is open', () => {
    fc.assert(
      fc.property(arbitrary, ({ phase, age, gateway, sources, open, heard }) => {
        const value = { sources: sources.map(source), gateway: { state: gateway, behind: 0, current_at: null } };
        const health = heard ? { at: 1000 - age, value } : null;
        const { kind } = conditionOf({ status: { phase }, health, open, now: 1000 });
        const fresh =
          heard &&
          phase === 'live' &&
          age <= 10_000 &&
          gateway === 'live' &&
          sources.length > 0 &&
          sources.every((s) => s === 'live');
        expect(kind).toBe(fresh ? (open > 0 ? 'open' : 'normal') : 'stale');
      }),
    );
  });
});
