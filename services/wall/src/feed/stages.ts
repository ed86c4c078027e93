// Looks every few seconds whether detector and ledger commit: a chain that stands still behind live sources must not look calm.
import type { TopicNames } from '@yunjian/contracts';
import { groupOffsets, type KafkaSettings } from '@yunjian/kafka';
import type { SourceBoard } from '../sources/board.ts';
import { StageWatch } from '../sources/stages.ts';

const LOOK_EVERY_MS = 3000;

interface Stage {
  name: string;
  /** Groups of which the slowest counts, with the topic under which each commits. */
  groups: { group: string; topic: string }[];
}

function stagesOf(names: TopicNames): Stage[] {
  return [
    { name: 'detector', groups: [{ group: names.group('detector'), topic: names.checkpoint('institution') }] },
    {
      name: 'ledger',
      groups: (['code', 'person'] as const).map((lane) => ({
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
          const movedAt = watch.observe(await groupOffsets(settings, group, topic), Date.now());
          slowest = Math.min(slowest, movedAt ?? Number.NEGATIVE_INFINITY);
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
