// Every windowed detector with a shadow that has its own parameters: however much it takes over and whenever, the two say the same.
import { detectors } from '@yunjian/detectors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { modelled, type Raw, run, world } from './institution-world.ts';

const windowed = detectors.filter(({ kind }) => kind === 'windowed').map(({ id }) => id);
const shadowing = (shadow: object) => ({ detectors: Object.fromEntries(windowed.map((id) => [id, { shadow }])) });
const said = ({ findings }: ReturnType<typeof run>) =>
  findings.map(({ cause: _, ...finding }) => finding).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

test('a shadow that knows what the real detector knows gains and loses nothing, and nothing of it is told', () => {
  let both = 0;
  fc.assert(
    fc.property(
      world,
      fc.integer({ min: 1, max: 400 }),
      fc.option(fc.integer({ min: 3, max: 60 })),
      (raws: Raw[], at, every) => {
        const events = modelled(raws);
        const options = { markMs: 20_000, ...(every === null ? {} : { restartEvery: every }) };
        const shadowed = run(events, { ...options, rules: { at, rules: shadowing({}) } });
        // A world may be over before the rules come.
        fc.pre(shadowed.shadows.length > 0);
        expect(shadowed.shadows.map(({ detector }) => detector).sort()).toEqual([...windowed].sort());
        for (const { failed, outcomes } of shadowed.shadows) {
          expect({ failed, ...outcomes }).toMatchObject({ failed: null, gained: 0, lost: 0 });
          both += outcomes.both;
        }
        expect(said(shadowed)).toEqual(said(run(events, options)));
      },
    ),
    { numRuns: 30 },
  );
  expect(both).toBeGreaterThan(0);
});
