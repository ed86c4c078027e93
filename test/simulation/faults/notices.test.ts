// The simulator notices defects: each is put in through a port, and found within a few seeds.
import { expect, test } from 'vitest';
import { simulate } from './simulate.ts';
import type { Ports } from './world.ts';

const MOST = 200;

/** Seeds tried until one failed, and what it said. */
async function noticed(ports: Ports, most = MOST): Promise<{ seeds: number; failures: string[] }> {
  for (let seed = 0; seed < most; seed++) {
    const { failures } = await simulate(seed, { settings: { faultRate: 0.05, processes: 2, ports } });
    if (failures.length > 0) return { seeds: seed + 1, failures };
  }
  return { seeds: most, failures: [] };
}

test('without a defect the same worlds are sound', async () => {
  expect(await noticed({}, 20)).toEqual({ seeds: 20, failures: [] });
});

test('a checkpoint whose pointer does not wait for its records', async () => {
  const hasty: Ports = {
    checkpointLog: (log) => ({
      ...log,
      append: async (values) => {
        const { next } = await log.bounds();
        log.append(values).catch(() => {});
        return next;
      },
    }),
  };
  expect((await noticed(hasty)).failures).not.toEqual([]);
});

test('a checkpoint that does not wait for the findings below it', async () => {
  expect((await noticed({ tellsOnce: true })).failures).not.toEqual([]);
});

test('a reader that does not drop repeated causes', async () => {
  const forgetful: Ports = {
    finding: (value, offset) => {
      const finding = JSON.parse(value.toString('utf8'));
      return Buffer.from(
        JSON.stringify({ ...finding, cause: { ...finding.cause, lane: 'unknown', offset, index: 0 } }),
      );
    },
  };
  expect((await noticed(forgetful)).failures).not.toEqual([]);
});

test('a router whose marks bear the time of now, whatever it has merged', async () => {
  expect((await noticed({ marksNow: true })).failures).not.toEqual([]);
});
