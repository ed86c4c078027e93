// What lies in the raw topics at the end, as the oracles read it.
import { parseRawEvent, toModel, type YunjianEvent } from '@yunjian/contracts';
import { isTick } from '../../../services/ingest/src/positions.ts';
import { NAMES } from './names.ts';
import type { World } from './world.ts';

/** @param refused called for each record that is no event */
export function rawEvents(world: World, refused: (origin: string) => void = () => {}): YunjianEvent[] {
  const events: YunjianEvent[] = [];
  for (const { feed, partition } of world.raw)
    for (const record of world.broker.read(NAMES.raw(feed), partition, 0, Number.MAX_SAFE_INTEGER)) {
      if (isTick(record)) continue;
      const { value, timestamp: arrival, offset } = record;
      const parsed = parseRawEvent(value, { arrival, replay: false, feed });
      if (!parsed.ok) {
        refused(`${NAMES.raw(feed)}/${partition}/${offset}`);
        continue;
      }
      const origin = { feed, partition, offset, index: 0 };
      events.push(toModel(parsed.event, { arrival, origin }, world.pseudonymiser));
    }
  return events;
}
