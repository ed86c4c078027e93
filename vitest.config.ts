// Tests: 'unit' beside the sources, 'integration' under test/ on one shared broker and one shared ClickHouse.
import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // One more than the cores of the smallest machine: half of the integration tests wait for somebody.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'packages/*/{src,docs}/**/*.test.ts',
            'services/*/**/*.test.{ts,tsx}',
            'infra/**/*.test.ts',
            'test/{oracle,simulation}/**/*.test.ts',
          ],
          exclude: [...configDefaults.exclude],
          setupFiles: ['test/support/properties.ts'],
          // Limits against hanging, wide enough for properties on a loaded machine; no test measures speed.
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, 'test/{bench,chaos,oracle,simulation}/**'],
          globalSetup: ['test/support/global-setup.ts'],
          setupFiles: ['test/support/properties.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
