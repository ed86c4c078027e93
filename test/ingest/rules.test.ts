// rules.yaml under a running router: what is written to it stands in every partition of every lane, and what is wrong in none.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeLane, LANES } from '@yunjian/contracts';
import { until } from '@yunjian/infra/local/until.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { IngestWorld, PARTITIONS } from './world.ts';

let world: IngestWorld;
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'yunjian-rules-'));
});
afterEach(async () => {
  await world.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Rules laid, in order, by lane partition. */
async function laid(): Promise<Map<string, unknown[]>> {
  const found = new Map<string, unknown[]>();
  for (const lane of LANES) {
    for (let partition = 0; partition < PARTITIONS; partition++) found.set(`${lane}/${partition}`, []);
    for (const { value, partition } of await world.read(world.names.lane(lane))) {
      const record = decodeLane(value as Buffer);
      if (record.kind === 'ruleChange') found.get(`${lane}/${partition}`)?.push(record.rules);
    }
  }
  return found;
}

async function everywhere(rules: unknown[]): Promise<void> {
  const wanted = JSON.stringify(rules);
  await until(
    async () => [...(await laid()).values()].every((each) => JSON.stringify(each) === wanted),
    20_000,
    () => `not every lane partition has ${wanted}`,
  );
}

test('a change is laid into every lane partition without a restart; a wrong file is told and laid nowhere', async () => {
  const path = join(directory, 'rules.yaml');
  const off = { detectors: { 'large-amount': { enabled: false } } };
  const on = { detectors: { 'trace-repeated': { enabled: true } } };
  writeFileSync(path, JSON.stringify(off));
  world = await IngestWorld.open();
  const ingest = await world.start({ YJ_RULES: path });
  await everywhere([off]);
  writeFileSync(path, 'detectors:\n  no-such:\n    enabled: false\n');
  const valid = async () => /^yunjian_rules_valid(?:\{[^}]*\})? (\d)/m.exec(await text(`${ingest.url}/metrics`))?.[1];
  await until(
    async () => (await valid()) === '0',
    20_000,
    () => 'the wrong file is not noticed',
  );
  expect(await text(`${ingest.url}/readyz`)).toContain('no-such');
  expect(world.lastLog().match(/"reason":"[^"]*no-such/g)).toHaveLength(1);
  writeFileSync(path, 'detectors:\n  trace-repeated:\n    enabled: true\n');
  await everywhere([off, on]);
  expect(await valid()).toBe('1');
});

const text = async (url: string): Promise<string> => (await fetch(url)).text();
