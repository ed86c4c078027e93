// A mark is true whoever writes it: what it says is merged stands before it in its lane partition.
import { decodeLane, type Lane, type Mark } from '@yunjian/contracts';
import { NAMES } from './names.ts';
import type { World } from './world.ts';

export function untrueMarks(world: World, lane: Lane): string[] {
  const failures: string[] = [];
  for (let partition = 0; partition < world.settings.lanePartitions; partition++) {
    const marks: { mark: Mark; at: number }[] = [];
    /** By raw partition: raw offset, and where its record stands first in this lane partition. */
    const merged = new Map<string, Map<number, number>>();
    for (const { offset: at, value } of world.broker.read(NAMES.lane(lane), partition, 0, Number.MAX_SAFE_INTEGER)) {
      const record = decodeLane(value as Buffer);
      if (record.kind === 'mark') marks.push({ mark: record, at });
      else if (record.kind !== 'ruleChange') {
        const key = `${record.origin.feed}/${record.origin.partition}`;
        const places = merged.get(key) ?? new Map<number, number>();
        merged.set(key, places);
        if (!places.has(record.origin.offset)) places.set(record.origin.offset, at);
      }
    }
    for (const { mark, at } of marks)
      for (const { feed, partition: from, next } of mark.entries)
        for (const [offset, place] of merged.get(`${feed}/${from}`) ?? [])
          if (offset < next && place > at)
            failures.push(
              `${lane}/${partition}, mark at ${at}: ${feed}/${from} is not merged up to ${next}, ${offset} stands at ${place}`,
            );
  }
  return failures;
}
