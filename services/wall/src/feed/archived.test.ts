// What the archive must hold is what had come by the first question: by way of the router, whatever comes later.
import { topicNames } from '@yunjian/contracts';
import { expect, test } from 'vitest';
import { type ArchivePorts, watchArchive } from './archived.ts';

const names = topicNames('yj');
const lane = names.lane('institution');
const raw = names.raw('settlement');

function world() {
  const ends: Record<string, number[]> = { [raw]: [10, 0], [lane]: [100, 50] };
  const routed: Record<string, (number | null)[]> = { [raw]: [10, null] };
  const archived: Record<string, number[]> = { [lane]: [100, 50] };
  const ports: ArchivePorts = {
    ends: async (topic) => [...(ends[topic] ?? [])],
    routed: async (topic) => routed[topic] ?? [],
    archived: async (topic) => archived[topic] ?? [],
  };
  return { ends, routed, archived, holds: watchArchive(ports, names) };
}

test('at once when nothing is under way; a partition in which nothing ever came has no offset', async () => {
  expect(await world().holds()).toBe(true);
});

test('not before the router has laid what had come, and the archive has what it laid', async () => {
  const { ends, routed, archived, holds } = world();
  routed[raw] = [9, null];
  expect(await holds()).toBe(false);
  routed[raw] = [10, null];
  ends[lane] = [101, 50];
  expect(await holds()).toBe(false);
  archived[lane] = [101, 50];
  expect(await holds()).toBe(true);
});

test('every partition counts, and what comes after the first question does not', async () => {
  const { ends, archived, holds } = world();
  archived[lane] = [100, 49];
  expect(await holds()).toBe(false);
  ends[raw] = [999, 999];
  ends[lane] = [999, 999];
  archived[lane] = [100, 50];
  expect(await holds()).toBe(true);
});

test('an archive that holds nothing of a partition does not hold it', async () => {
  const { archived, holds } = world();
  archived[lane] = [];
  expect(await holds()).toBe(false);
});
