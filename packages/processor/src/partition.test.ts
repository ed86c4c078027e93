// Effects leave a partition in order, and none overtakes those that could not be told.
import { ColdPart, digest, encodeLane, type LaneRecord } from '@yunjian/contracts';
import { defineWindowed, InstitutionLane } from '@yunjian/detection';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { LanePartition, MemoryCheckpointLog } from './index.ts';

const words = { zh: '试', en: 'test' };
const speaking = defineWindowed({
  id: 'large-amount',
  lane: 'institution',
  inputs: ['settlement'],
  params: z.object({}),
  level: 3,
  claimsAbsence: false,
  texts: { title: words, explanation: words, measures: [words], basis: words, runbook: words },
  create: (host) => ({
    on: {
      settlement({ settlementId: ref, institution, eventTime, total }) {
        host.raise({
          subject: { kind: 'settlement', ref },
          institution,
          anchor: ref,
          window: { start: eventTime, end: eventTime },
          eventTime,
          amount: total,
          facts: {},
          evidence: [],
          reason: 'settled',
        });
      },
    },
    restore() {},
  }),
});

function settled(offset: number): { offset: number; value: Buffer } {
  const at = Date.UTC(2026, 10, 20) + offset;
  const record = {
    kind: 'settlement',
    settlementId: `S${offset}`,
    institution: 'P32110000001',
    arrival: at,
    eventTime: at,
    origin: { feed: 'settlement', partition: 0, offset, index: 0 },
    document: digest(`S${offset}`),
    content: digest(`S${offset}`, 11),
    cold: ColdPart.of({ eventId: `e${offset}`, source: 's', lines: [] }),
    total: 100,
    fund: 100,
  };
  return { offset, value: encodeLane(record as unknown as LaneRecord) };
}

test('what waits behind effects that could not be told is not told either: their reader would drop them when they come again', async () => {
  const log = new MemoryCheckpointLog();
  const told: string[] = [];
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const open = async (sink: (subjects: string[]) => Promise<void>) => {
    const partition = new LanePartition({
      where: 'test/0',
      owner: 'o',
      core: new InstitutionLane({ partition: 0, detectors: [speaking] }),
      log: log.join(),
      sink: (effects) => sink(effects.findings.map(({ subject }) => subject.ref)),
      laneLow: 0,
    });
    await partition.open();
    return partition;
  };
  const first = await open(async (subjects) => {
    if (subjects.includes('S1')) {
      asked.resolve();
      await answer.promise;
    }
    told.push(...subjects);
  });
  for (const offset of [0, 1, 2, 3]) await first.process([settled(offset)]);
  await asked.promise;
  answer.reject(new Error('the raw record could not be read'));
  await expect(first.close()).rejects.toThrow('could not be read');
  expect(told).toEqual(['S0']);

  const heir = await open(async (subjects) => void told.push(...subjects));
  await heir.process([0, 1, 2, 3].map(settled));
  await heir.close();
  expect(told).toEqual(['S0', 'S0', 'S1', 'S2', 'S3']);
});
