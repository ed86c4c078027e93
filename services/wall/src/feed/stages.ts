// Looks every few seconds whether detector and ledger commit: a chain that stands still behind live sources must not look calm.
import type { TopicNames } from '@yunjian/contracts';
import { groupOffsets, type KafkaSettings } from '@yunjian/kafka';
import type { SourceBoard } from '../sources/board.ts';
import { StageWatch } from '../sources/stages.ts';

const LOOK_EVERY_MS = 3000;

interface Stage {
  name: string;
  group: string;
  /** Topic under which the group commits. */
  topic: string;
}

function stagesOf(names: TopicNames): Stage[] {
  return [
    { name: 'detector', group: names.group('detector'), topic: names.checkpoint('institution') },
    { name: 'ledger', group: names.group('ledger.code'), topic: names.lane('code') },
  ];
}

/** @returns what ends it */
export function watchStages(
  settings: KafkaSettings,
  names: TopicNames,
  sources: SourceBoard,
  onFatal: (error: Error) => void,
): () => void {
  const stages = stagesOf(names).map((stage) => ({ ...stage, watch: new StageWatch() }));
  for (const { name } of stages) sources.expect(name);
  let closed = false;
  const looking = (async () => {
    while (!closed) {
      for (const { name, group, topic, watch } of stages) {
        const movedAt = watch.observe(await groupOffsets(settings, group, topic), Date.now());
        if (movedAt !== null) sources.beat(name, movedAt);
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
