// Both ledgers of boxes and stocks on a real broker and engine, killed on the way: 72 hours of the feeds' clock pass, months without
// purchases are told, stocks are summed, and all of it is what an undisturbed ledger finds and the oracle expects.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeLane, type Finding, laneAlertRecord } from '@yunjian/contracts';
import { ledgerRules } from '@yunjian/detectors';
import { until } from '@yunjian/infra/local/until.ts';
import { closeAdmin, createProducer, groupOffsets, type KafkaSettings, watermarks } from '@yunjian/kafka';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Arrived,
  arriving,
  DETECTORS,
  expected,
  happening,
  judgeLane,
  kept,
  lanesOf,
  standing,
} from '../oracle/boxes-world.ts';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { kafkaBrokers, type Namespace, namespace } from '../support/stack.ts';
import { readAll } from './world.ts';

const LANES = ['institution', 'code'] as const;
type Lane = (typeof LANES)[number];
/** Marks at the end of each lane that let the time pass. */
const LAST_MARKS = 6;

/** Worlds that share no shop, no drug and no box, as they arrive side by side. */
function worlds(count: number, seed: number): Arrived {
  const happened = fc.sample(fc.array(happening, { minLength: 15, maxLength: 25 }), { numRuns: count, seed });
  return happened
    .flatMap((items, world) => {
      const own = String(world).padStart(2, '0');
      return arriving(items, 2).map((record) => ({
        ...record,
        offset: world * 1_000 + record.offset,
        value: Buffer.from(
          record.value
            .toString()
            .replaceAll('P321100', `P3211${own}`)
            .replaceAll('"812', `"8${own}2`)
            .replaceAll('"XR05CBA', `"XR05${own}`)
            .replaceAll('"XN02BEA', `"XN02${own}`)
            .replaceAll('"event_id":"', `"event_id":"${own}-`),
        ),
      }));
    })
    .sort((a, b) => a.arrival - b.arrival);
}

const directory = mkdtempSync(join(tmpdir(), 'yunjian-ledger-waits-'));
const settings: KafkaSettings = { brokers: kafkaBrokers(), clientId: 'ledger-waits-test' };
let space: Namespace;
let ledger: ServiceProcess;
let starts = 0;

const start = async () => {
  ledger = await startProcess('ledger', space.env, join(directory, `ledger-${starts++}.log`));
  await ledger.ready();
};

async function committed(lane: Lane): Promise<boolean> {
  const topic = space.topics.lane(lane);
  const [marks, offsets] = [
    await watermarks(settings, topic),
    await groupOffsets(settings, space.topics.group(`ledger.${lane}`), topic),
  ];
  return marks.every(({ partition, high }) => (offsets[partition] ?? 0) === high);
}

const drained = (lane: Lane) =>
  until(
    () => committed(lane),
    60_000,
    () => `lane.${lane} is not judged after 60 s: see ${directory}`,
  );

/** Findings as their readers take them: of each lane only what is above the last taken. */
async function taken(): Promise<Finding[]> {
  const last = new Map<string, [offset: number, index: number]>();
  const found: Finding[] = [];
  for (const { value } of await readAll(settings, space.topics.laneAlert, 0)) {
    const record = laneAlertRecord.parse(JSON.parse(value.toString()));
    if (record.type !== 'finding') continue;
    const { lane, offset, index } = record.cause;
    const [before, before2] = last.get(lane) ?? [-1, -1];
    if (offset < before || (offset === before && index <= before2)) continue;
    last.set(lane, [offset, index]);
    found.push(record);
  }
  return found;
}

beforeAll(async () => {
  space = await namespace({ partitions: 1, replay: true });
  await start();
});
afterAll(async () => {
  await ledger.stop();
  await closeAdmin(settings);
  rmSync(directory, { recursive: true, force: true });
});

test('what waits for 72 hours, for a purchase or for a stocktake outlives kills', { timeout: 180_000 }, async () => {
  const records = worlds(24, 11);
  const lanes = lanesOf(records);
  const producer = await createProducer(settings);
  const send = (lane: Lane, from: number, to?: number) =>
    producer.send(
      space.topics.lane(lane),
      lanes[lane].slice(from, to).map((value) => ({ value, partition: 0 })),
    );
  for (let n = 0; n < 4; n++) {
    for (const lane of LANES) {
      const portion = Math.ceil((lanes[lane].length - LAST_MARKS) / 4);
      await send(lane, n * portion, Math.min((n + 1) * portion, lanes[lane].length - LAST_MARKS));
    }
    if (n !== 1) continue;
    await until(
      async () => (await taken()).length > n * 10,
      30_000,
      () => `no findings after portion ${n}: see ${directory}`,
    );
    await ledger.kill();
    await start();
  }
  // What lane.institution tells of purchases and reversals is in the code lane before the time passes.
  await drained('institution');
  await drained('code');
  for (const lane of LANES) await send(lane, -LAST_MARKS, -3);
  await Promise.all(LANES.map(drained));
  await ledger.stop();
  await start();
  for (const lane of LANES) await send(lane, -3);
  await Promise.all(LANES.map(drained));
  await producer.close();

  const found = await taken();
  const ours = (list: readonly Finding[]) =>
    list.filter(({ detector }) => (DETECTORS as readonly string[]).includes(detector));
  expect(standing(ours(found))).toEqual(expected(records));
  for (const lane of LANES) {
    const values = (await readAll(settings, space.topics.lane(lane), 0)).map(({ value }) => value);
    const undisturbed = await judgeLane(lane, values, [17], kept(), 0, ledgerRules);
    expect(found.filter(({ cause }) => cause.lane === lane)).toEqual(undisturbed.findings);
    if (lane === 'institution') continue;
    const atMarks = undisturbed.findings.filter(
      ({ cause }) => decodeLane(values[cause.offset] as Buffer).kind === 'mark',
    );
    expect(atMarks.filter(({ detector }) => detector === 'trace-not-purchased').length).toBeGreaterThan(5);
  }
  for (const detector of DETECTORS)
    expect([detector, found.some((finding) => finding.detector === detector)]).toEqual([detector, true]);
});
