// Looks every few seconds how far detector and ledger are in their lanes: a chain that stands still, or is far behind, must not look calm
// beside live sources.
import type { TopicNames } from '@yunjian/contracts';
import { groupOffsets, type KafkaSettings, watermarks } from '@yunjian/kafka';
import type { SourceBoard } from '../sources/board.ts';
import { StageWatch } from '../sources/stages.ts';

const LOOK_EVERY_MS = 3000;

interface Stage {
  name: string;
  /** Groups of which the slowest counts, with the lane that each reads. */
  groups: { group: string; topic: string }[];
}

function stagesOf(names: TopicNames): Stage[] {
  return [
    { name: 'detector', groups: [{ group: names.group('detector'), topic: names.lane('institution') }] },
    {
      name: 'ledger',
      groups: (['code', 'person', 'institution'] as const).map((lane) => ({
        group: names.group(`ledger.${lane}`),
        topic: names.lane(lane),
      })),
    },
  ];
}

/** @returns what ends it */
export function watchStages(
  settings: KafkaSettings,
  names: TopicNames,
  sources: SourceBoard,
  onFatal: (error: Error) => void,
): () => void {
  const stages = stagesOf(names).map(({ name, groups }) => ({
    name,
    groups: groups.map((group) => ({ ...group, watch: new StageWatch() })),
  }));
  for (const { name } of stages) sources.expect(name);
  let closed = false;
  const looking = (async () => {
    while (!closed) {
      for (const { name, groups } of stages) {
        let slowest = Number.POSITIVE_INFINITY;
        for (const { group, topic, watch } of groups) {
          const at = Date.now();
          const ends = (await watermarks(settings, topic)).map(({ high }) => high);
          const doneAt = watch.observe(at, ends, await groupOffsets(settings, group, topic));
          slowest = Math.min(slowest, doneAt ?? Number.NEGATIVE_INFINITY);
        }
        if (Number.isFinite(slowest)) sources.beat(name, slowest);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS).unref());
    }
  })();
  looking.catch((error: Error) => {
    if (!closed) onFatal(error);
  });
  return () => {
    closed = true;
  };
}
