// The simulator notices defects: each is put in through a port, and found within a few seeds.
import { expect, test } from 'vitest';
import { simulate } from './simulate.ts';
import type { Ports } from './world.ts';

const MOST = 60;

/** Seeds tried until one failed, and what it said. */
async function noticed(ports: Ports): Promise<{ seeds: number; failures: string[] }> {
  for (let seed = 0; seed < MOST; seed++) {
    const { failures } = await simulate(seed, { settings: { faultRate: 0.05, processes: 2, ports } });
    if (failures.length > 0) return { seeds: seed + 1, failures };
  }
  return { seeds: MOST, failures: [] };
}

test('without a defect the same worlds are sound', async () => {
  expect(await noticed({})).toEqual({ seeds: MOST, failures: [] });
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
  expect((await noticed({ telling: async () => {} })).failures).not.toEqual([]);
});

test('a reader that does not drop repeated causes', async () => {
  const forgetful: Ports = {
    finding: (value, offset) => {
      const finding = JSON.parse(value.toString('utf8'));
      return Buffer.from(
        JSON.stringify({ ...finding, cause: { ...finding.cause, offset: finding.cause.offset, index: offset } }),
      );
    },
  };
  expect((await noticed(forgetful)).failures).not.toEqual([]);
});

test('a router that marks and commits before its records are acknowledged', async () => {
  expect((await noticed({ marksAhead: true })).failures).not.toEqual([]);
});

test('a coordinator that takes commits from members it has expelled', async () => {
  expect((await noticed({ unfenced: true })).failures).not.toEqual([]);
});
