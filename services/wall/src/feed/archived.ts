// Whether the archive holds everything that had come to Kafka when it was first asked: past the router, then past the archiver.
import type { ClickHouse } from '@yunjian/clickhouse';
import type { Feed, TopicNames } from '@yunjian/contracts';
import { groupOffsets, type KafkaSettings, watermarks } from '@yunjian/kafka';

/** Next offset of each partition, by its number; one that is missing is 0. */
type Offsets = readonly (number | null | undefined)[];

export interface ArchivePorts {
  /** Where the topic ends. */
  ends(topic: string): Promise<Offsets>;
  /** How far the router has laid a raw topic into the lanes. */
  routed(topic: string): Promise<Offsets>;
  /** How far the archive holds a topic. */
  archived(topic: string): Promise<Offsets>;
}

/** What a bulletin's figures are of. */
const FEEDS: readonly Feed[] = ['settlement', 'reference'];

/** @returns asked again and again: true once the archive holds what had come by the first time */
export function watchArchive(ports: ArchivePorts, names: TopicNames): () => Promise<boolean> {
  const raws = FEEDS.map((feed) => names.raw(feed));
  const lane = names.lane('institution');
  let rawEnds: Offsets[] | null = null;
  let laneEnds: Offsets | null = null;
  return async () => {
    rawEnds ??= await Promise.all(raws.map(ports.ends));
    if (laneEnds === null) {
      const routed = await Promise.all(raws.map(ports.routed));
      if (!rawEnds.every((ends, i) => reached(routed[i] as Offsets, ends))) return false;
      laneEnds = await ports.ends(lane);
    }
    return reached(await ports.archived(lane), laneEnds);
  };
}

function reached(offsets: Offsets, ends: Offsets): boolean {
  return ends.every((end, partition) => (offsets[partition] ?? 0) >= (end ?? 0));
}

export function archivePorts(settings: KafkaSettings, names: TopicNames, clickhouse: ClickHouse): ArchivePorts {
  return {
    ends: async (topic) => (await watermarks(settings, topic)).map(({ high }) => high),
    routed: (topic) => groupOffsets(settings, names.group('ingest'), topic),
    archived: async (topic) => {
      const rows = await clickhouse.query<{ partition: number; next: string | number }>(
        'SELECT partition, max(next) AS next FROM archived_offsets WHERE topic = {topic: String} GROUP BY partition',
        { topic },
      );
      const offsets: number[] = [];
      for (const { partition, next } of rows) offsets[partition] = Number(next);
      return offsets;
    },
  };
}
