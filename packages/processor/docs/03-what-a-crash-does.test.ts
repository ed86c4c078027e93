// Chapter 3: what a crash does. A partition on its owner, a checkpoint log in memory, a lane of records: killed, restored, read again.
import { ColdPart, digest, encodeLane, type Finding, type LaneRecord } from '@yunjian/contracts';
import { defineWindowed, type Effects, InstitutionLane } from '@yunjian/detection';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type CheckpointLog, LanePartition, MemoryCheckpointLog } from '../src/index.ts';

const words = { zh: '第几次结算', en: 'Settlements counted' };

/** Says of each settlement which of its institution's it is. It cannot bear a settlement of exactly 666 fen. */
const counting = defineWindowed({
  id: 'large-amount',
  lane: 'institution',
  inputs: ['settlement'],
  params: z.object({}),
  level: 3,
  claimsAbsence: false,
  texts: { title: words, explanation: words, measures: [words], basis: words, runbook: words },
  create(host) {
    const counts = host.table<number>('counts');
    return {
      on: {
        settlement({ settlementId: ref, institution, eventTime, total }) {
          if (total === 666) throw new Error('no such amount');
          const nth = (counts.get(institution) ?? 0) + 1;
          counts.set(institution, nth);
          host.raise({
            subject: { kind: 'settlement', ref },
            institution,
            anchor: ref,
            window: { start: eventTime, end: eventTime },
            eventTime,
            amount: total,
            facts: { nth },
            evidence: [],
            reason: 'counted',
          });
        },
      },
      restore() {},
    };
  },
});

/** The record at this offset of the lane, as the router would have laid it. */
function laneRecord(offset: number, total = 1_000): { offset: number; value: Buffer } {
  const at = Date.UTC(2026, 10, 20) + offset * 1_000;
  const record = {
    kind: 'settlement',
    settlementId: `S${offset}`,
    institution: 'P32110000001',
    arrival: at,
    eventTime: at,
    origin: { feed: 'settlement', partition: 0, offset, index: 0 },
    document: digest(`S${offset}`),
    content: digest(`S${offset}`, 11),
    person: 'p1',
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
    cold: ColdPart.of({ eventId: `S${offset}`, source: 'tutorial', lines: [] }),
  } as unknown as LaneRecord;
  return { offset, value: encodeLane(record) };
}

const lane = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => laneRecord(from + i));

/** A process that owns the partition. What it sends arrives in `sent`. */
async function process(log: CheckpointLog, sent: Effects[], owner: string) {
  const partition = new LanePartition({
    where: 'lane.institution/0',
    owner,
    core: new InstitutionLane({ partition: 0, detectors: [counting] }),
    log,
    sink: async (effects) => void sent.push(effects),
    laneLow: 0,
  });
  return { partition, ...(await partition.open()) };
}

const findings = (sent: readonly Effects[]): Finding[] => sent.flatMap((effects) => effects.findings);

/** What every reader of findings does: it drops what is not above the last it took from that (processor, lane, partition). */
function asRead(all: readonly Finding[]): Finding[] {
  let last = { offset: -1, index: -1 };
  return all.filter(({ cause }) => {
    const above = cause.offset > last.offset || (cause.offset === last.offset && cause.index > last.index);
    if (above) last = cause;
    return above;
  });
}

describe('what a crash does', () => {
  test('the successor goes on from the last checkpoint: what came after it is read again, and told again', async () => {
    const log = new MemoryCheckpointLog();
    const sent: Effects[] = [];
    const first = await process(log.join(), sent, 'first');
    await first.partition.process(lane(0, 3));
    await first.partition.checkpoint();
    await first.partition.process(lane(3, 5));
    // kill -9. Whatever is done from here on is done by another process.

    const second = await process(log.join(), sent, 'second');
    expect(second.next).toBe(3);
    await second.partition.process(lane(3, 6));
    await second.partition.checkpoint();

    const offsets = findings(sent).map(({ cause }) => cause.offset);
    expect(offsets).toEqual([0, 1, 2, 3, 4, 3, 4, 5]);
    // The same records on the same state say the same: the repeats are identical, and a reader is none the wiser.
    expect(asRead(findings(sent)).map(({ facts }) => facts.nth)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('an orderly stop leaves nothing to be read again', async () => {
    const log = new MemoryCheckpointLog();
    const sent: Effects[] = [];
    const first = await process(log.join(), sent, 'first');
    await first.partition.process(lane(0, 5));
    await first.partition.close();
    expect((await process(log.join(), sent, 'second')).next).toBe(5);
  });

  test('findings first, then the checkpoint: a broker that does not acknowledge holds it back', async () => {
    const log = new MemoryCheckpointLog();
    const partition = new LanePartition({
      where: 'lane.institution/0',
      owner: 'first',
      core: new InstitutionLane({ partition: 0, detectors: [counting] }),
      log: log.join(),
      sink: async () => {
        throw new Error('the broker is away');
      },
      laneLow: 0,
    });
    await partition.open();
    await partition.process(lane(0, 3)).catch(() => {});
    await partition.checkpoint().catch(() => {});
    expect(await log.pointer()).toBeNull();
  });

  test('a zombie that wakes up is refused: its successor’s checkpoint is the one that counts', async () => {
    const log = new MemoryCheckpointLog();
    const sent: Effects[] = [];
    const zombie = await process(log.join(), sent, 'zombie');
    await zombie.partition.process(lane(0, 2));
    await zombie.partition.checkpoint();
    await zombie.partition.process(lane(2, 4));

    const heir = await process(log.join(), sent, 'heir');
    await heir.partition.process(lane(2, 6));
    await heir.partition.checkpoint();
    await expect(zombie.partition.checkpoint()).rejects.toThrow('expelled');

    expect((await process(log.join(), sent, 'third')).next).toBe(6);
  });

  test('a hole in the lane stops the partition: what lay in it must not be passed over', async () => {
    const { partition } = await process(new MemoryCheckpointLog().join(), [], 'first');
    await partition.process(lane(0, 2));
    await expect(partition.process(lane(3, 4))).rejects.toThrow('expected offset 2, got 3');
  });

  test('a record that our own code cannot bear is set aside with its stack, and the partition goes on', async () => {
    const sent: Effects[] = [];
    const { partition } = await process(new MemoryCheckpointLog().join(), sent, 'first');
    await partition.process([laneRecord(0), laneRecord(1, 666), laneRecord(2)]);
    await partition.checkpoint();
    expect(
      findings(sent)
        .filter(({ detector }) => detector === 'large-amount')
        .map(({ facts }) => facts.nth),
    ).toEqual([1, 2]);
    expect(sent.flatMap(({ poison }) => poison)).toEqual([
      { offset: 1, detector: 'large-amount', stack: expect.stringContaining('no such amount') },
    ]);
  });
});
