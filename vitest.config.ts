// Tests, in groups that follow one another: 'unit' beside the sources, 'integration' under test/ on one shared broker and one shared
// ClickHouse, 'faults', whose parts are killed, frozen, told to stop or taken away and which wait for them, and 'product', which starts all of
// it as a user would: whatever ran beside that would starve on two cores.
import { configDefaults, defineConfig } from 'vitest/config';

const FAULTS = ['test/**/{deaths,group-faults,harness,kills,lost-join,orderly,outage,stages,waits}.test.ts'];
const PRODUCT = ['test/chain/newcomer.test.ts', 'test/stack/start.test.ts'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          sequence: { groupOrder: 0 },
          maxWorkers: 2,
          include: [
            'packages/*/{src,docs}/**/*.test.ts',
            'services/*/**/*.test.{ts,tsx}',
            'infra/**/*.test.ts',
            'test/{oracle,simulation}/**/*.test.ts',
          ],
          exclude: [...configDefaults.exclude],
          setupFiles: ['test/support/properties.ts'],
          // Limits against hanging, wide enough for properties on a loaded machine; no test measures speed.
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          sequence: { groupOrder: 1 },
          // One more than the cores of the smallest machine: half of these tests wait for somebody.
          maxWorkers: 3,
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, 'test/{bench,chaos,oracle,simulation}/**', ...FAULTS, ...PRODUCT],
          globalSetup: ['test/support/global-setup.ts'],
          setupFiles: ['test/support/properties.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'faults',
          sequence: { groupOrder: 2 },
          maxWorkers: 3,
          include: FAULTS,
          globalSetup: ['test/support/global-setup.ts'],
          setupFiles: ['test/support/properties.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'product',
          sequence: { groupOrder: 3 },
          maxWorkers: 1,
          include: PRODUCT,
          testTimeout: 180_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
