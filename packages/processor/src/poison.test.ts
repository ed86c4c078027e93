// Our own code throws half-way: the record is set aside, the partition goes on, it is said once, and no crash or checkpoint in between
// changes what is told.
import { ColdPart, digest, encodeLane, FEEDS, type Finding, type LaneRecord } from '@yunjian/contracts';
import { defineWindowed, type Effects, InstitutionLane } from '@yunjian/detection';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type CheckpointLog, LanePartition, MemoryCheckpointLog } from './index.ts';

const words = { zh: '试', en: 'test' };
const START = Date.UTC(2026, 10, 20);

/** Keeps an index beside its table, and changes a row in place: whatever it has done when it throws is left undone elsewhere. */
const careless = defineWindowed({
  id: 'large-amount',
  lane: 'institution',
  inputs: ['settlement'],
  params: z.object({}),
  level: 3,
  claimsAbsence: false,
  texts: { title: words, explanation: words, measures: [words], basis: words, runbook: words },
  create(host) {
    const rows = host.table<{ amounts: number[] }>('rows');
    const index = new Map<string, number>();
    const fail = (total: number, at: string) => {
      if (FAILING[total] === at) throw new Error(`failed ${at}`);
    };
    return {
      on: {
        settlement({ settlementId: ref, institution, eventTime, total }) {
          const row = rows.get(institution) ?? { amounts: [] };
          index.set(institution, (index.get(institution) ?? 0) + 1);
          fail(total, 'with the index ahead');
          row.amounts.push(total);
          fail(total, 'with a row changed in place');
          rows.set(institution, row);
          fail(total, 'behind its work');
          host.raise({
            subject: { kind: 'settlement', ref },
            institution,
            anchor: ref,
            window: { start: eventTime, end: eventTime },
            eventTime,
            amount: total,
            facts: { index: index.get(institution), amounts: row.amounts.length },
            evidence: [],
            reason: 'counted',
          });
        },
      },
      restore() {
        for (const [institution, { amounts }] of rows.entries()) index.set(institution, amounts.length);
      },
    };
  },
});

const FAILING: Record<number, string> = {
  1: 'with the index ahead',
  2: 'with a row changed in place',
  3: 'behind its work',
};

type Step = { do: 'settle'; total: number } | { do: 'mark'; minutes: number } | { do: 'checkpoint' } | { do: 'crash' };

const settle = fc.record({ do: fc.constant('settle' as const), total: fc.constantFrom(100, 200, 1, 2, 3) });
const mark = fc.record({ do: fc.constant('mark' as const), minutes: fc.constantFrom(0.02, 0.5, 2) });
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: settle },
    { weight: 4, arbitrary: mark },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('checkpoint' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  ),
  { minLength: 5, maxLength: 80 },
) as fc.Arbitrary<Step[]>;

/** The lane that these steps make, one record each; null where a step is none. */
function laneOf(list: readonly Step[]): (Buffer | null)[] {
  let [offset, now] = [0, START];
  return list.map((step) => {
    if (step.do === 'settle') return encodeLane(settlement(offset++, now, step.total));
    if (step.do !== 'mark') return null;
    offset++;
    now += step.minutes * 60_000;
    return encodeLane({
      kind: 'mark',
      entries: FEEDS.map((feed) => ({ feed, partition: 0, next: 0, arrival: now, lastEvent: now })),
      partitions: { settlement: 1, surveillance: 1, trace: 1, reference: 1 },
    });
  });
}

function settlement(offset: number, at: number, total: number): LaneRecord {
  return {
    kind: 'settlement',
    settlementId: `S${offset}`,
    institution: `P3211000000${offset % 2}`,
    arrival: at,
    eventTime: at,
    origin: { feed: 'settlement', partition: 0, offset, index: 0 },
    document: digest(`S${offset}`),
    content: digest(`S${offset}`, 11),
    person: 'p',
    certificate: '02',
    medicalType: '41',
    total,
    fund: total,
    terminal: null,
    byAgent: false,
    messageId: null,
    prescription: null,
    begin: null,
    end: null,
    diagnosis: null,
    cold: ColdPart.of({ eventId: `S${offset}`, source: 'test', lines: [] }),
  } as unknown as LaneRecord;
}

async function opened(log: CheckpointLog, sent: Effects[], owner: string) {
  const partition = new LanePartition({
    where: 'test/0',
    owner,
    core: new InstitutionLane({ partition: 0, detectors: [careless] }),
    log,
    sink: async (effects) => void sent.push(effects),
    laneLow: 0,
  });
  await partition.open();
  return partition;
}

/** Everything told, as it came. @param interrupted whether checkpoints and crashes happen */
async function run(list: readonly Step[], interrupted: boolean): Promise<Effects[]> {
  const log = new MemoryCheckpointLog();
  const sent: Effects[] = [];
  const lane = laneOf(list).filter((value) => value !== null);
  let owners = 0;
  let partition = await opened(log.join(), sent, `o${owners}`);
  let reached = 0;
  for (const step of list) {
    if (step.do === 'checkpoint') {
      if (interrupted) await partition.checkpoint();
    } else if (step.do === 'crash') {
      if (interrupted) partition = await opened(log.join(), sent, `o${++owners}`);
    } else reached++;
    while (partition.next < reached)
      await partition.process([{ offset: partition.next, value: lane[partition.next] as Buffer }]);
  }
  await partition.close();
  return sent;
}

function asRead(sent: readonly Effects[]): Finding[] {
  let last = { offset: -1, index: -1 };
  return sent
    .flatMap(({ findings }) => findings)
    .filter(({ cause }) => {
      const above = cause.offset > last.offset || (cause.offset === last.offset && cause.index > last.index);
      if (above) last = cause;
      return above;
    });
}

describe('poison', () => {
  test('whatever it left half-changed, crashes and checkpoints change nothing of what is told', async () => {
    let [poisons, findings] = [0, 0];
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const through = await run(list, false);
        poisons += through.flatMap(({ poison }) => poison).length;
        findings += asRead(through).length;
        expect(asRead(await run(list, true))).toEqual(asRead(through));
      }),
      { numRuns: 80 },
    );
    expect(Math.min(poisons, findings)).toBeGreaterThan(500);
  });

  test('the record is set aside with its stack, and an operational alert is raised once a day', async () => {
    const sent = await run(
      [
        { do: 'settle', total: 1 },
        { do: 'settle', total: 100 },
        { do: 'settle', total: 2 },
        { do: 'mark', minutes: 60 * 24 },
        { do: 'settle', total: 3 },
      ],
      true,
    );
    expect(sent.flatMap(({ poison }) => poison).map(({ offset }) => offset)).toEqual([0, 2, 4]);
    expect(sent.flatMap(({ poison }) => poison)[0]?.stack).toMatch(/failed with the index ahead\n +at /);
    const alerts = asRead(sent).filter(({ detector }) => detector === 'record-poisoned');
    expect(alerts.map(({ cause, subject, facts }) => [cause.offset, subject.ref, facts.detector])).toEqual([
      [0, 'institution/0', 'large-amount'],
      [4, 'institution/0', 'large-amount'],
    ]);
    expect(new Set(alerts.map(({ alert_id }) => alert_id)).size).toBe(2);
  });

  test('a lane record that cannot be read is set aside too, and checkpoints go on behind the next stretch of marks', async () => {
    const log = new MemoryCheckpointLog();
    const sent: Effects[] = [];
    const partition = await opened(log.join(), sent, 'o');
    const lane = laneOf([
      { do: 'mark', minutes: 1 },
      { do: 'mark', minutes: 0.02 },
      { do: 'mark', minutes: 2 },
    ]);
    await partition.process([
      { offset: 0, value: lane[0] as Buffer },
      { offset: 1, value: Buffer.from('nonsense') },
    ]);
    await partition.process([{ offset: 2, value: lane[1] as Buffer }]);
    await partition.checkpoint();
    expect(await log.pointer()).toBeNull();
    await partition.process([{ offset: 3, value: lane[2] as Buffer }]);
    expect(await log.pointer()).not.toBeNull();
    expect(sent.flatMap(({ poison }) => poison)).toMatchObject([{ offset: 1, detector: null }]);
    expect((await opened(log.join(), [], 'p')).next).toBe(4);
  });
});
