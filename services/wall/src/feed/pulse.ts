// Signs of life of the chain: the router's marks in one partition of lane.institution, and alerting's tick a second.
import { decodeLane, isMarkValue, type TopicNames } from '@yunjian/contracts';
import { type KafkaSettings, type Tail, tail } from '@yunjian/kafka';
import type { SourceBoard } from '../sources/board.ts';

/** A whole feed is judged from the marks of this partition; every partition has the same ones. */
const MARK_PARTITION = 0;
/** A fetch waits for as much, at most as long, ms: there is a mark and a tick a second, and all else that comes is passed over. */
const PATIENCE = { bytes: 512 * 1024, ms: 200 };
const TICK = Buffer.from('"tick"');
/** A tick is a record of a few bytes; anything longer is not looked into. */
const TICK_MAX_BYTES = 64;
const ALERTING = 'alerting';

export function followPulse(
  settings: KafkaSettings,
  names: TopicNames,
  sources: SourceBoard,
  onFatal: (error: Error) => void,
): Promise<Tail> {
  sources.expect(ALERTING);
  return tail(settings, {
    topics: [names.lane('institution'), names.laneAlert],
    from: 'latest',
    of: (topic, partition) => topic === names.laneAlert || partition === MARK_PARTITION,
    patience: PATIENCE,
    onFatal,
    onBatch({ topic, records }) {
      for (const { value, timestamp } of records) {
        if (value === null) continue;
        if (topic === names.laneAlert) {
          if (value.length <= TICK_MAX_BYTES && value.includes(TICK)) sources.beat(ALERTING, timestamp);
        } else if (isMarkValue(value)) {
          const mark = decodeLane(value);
          if (mark.kind === 'mark') sources.mark(mark);
        }
      }
    },
  });
}
