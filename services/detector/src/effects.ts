// What the pure core decided, sent on: findings to lane.alert, documents that contradict an earlier one and poison to `rejected`.
import { type Feed, isoShanghai, type RejectedRecord, type TopicNames } from '@yunjian/contracts';
import type { Conflict, Effects, Poison } from '@yunjian/detection';
import { type KafkaSettings, type LogProducer, readRange } from '@yunjian/kafka';
import type { EffectSink } from '@yunjian/processor';
import type { DetectorMetrics } from './metrics.ts';

export interface EffectPorts {
  settings: KafkaSettings;
  producer: LogProducer;
  names: TopicNames;
  metrics: DetectorMetrics;
}

/** The sink of one lane partition. Resolves once the broker has acknowledged everything. */
export function createSink(ports: EffectPorts, partition: number): EffectSink {
  const { producer, names, metrics } = ports;
  return async (effects: Effects) => {
    metrics.observe(effects);
    const rejected = [
      ...(await Promise.all(effects.conflicts.map((conflict) => conflictRecord(ports, conflict)))),
      ...effects.poison.map((poison) => poisonRecord(ports, partition, poison)),
    ];
    await Promise.all([
      effects.findings.length === 0
        ? undefined
        : producer.send(
            names.laneAlert,
            effects.findings.map((finding) => ({
              key: finding.alert_id,
              value: JSON.stringify(finding),
              partition: 0,
            })),
          ),
      rejected.length === 0
        ? undefined
        : producer.send(
            names.rejected,
            rejected.map((record) => ({ value: JSON.stringify(record), partition: 0 })),
          ),
    ]);
  };
}

async function conflictRecord(ports: EffectPorts, conflict: Conflict): Promise<RejectedRecord> {
  const { origin, arrival } = conflict.refused;
  const topic = ports.names.raw(origin.feed as Feed);
  return {
    origin: { topic, partition: origin.partition, offset: origin.offset },
    reason: 'conflict',
    issues: [
      {
        path: '',
        message:
          'another content was already received under the identity of this document; send a reversal and a new document',
      },
    ],
    bytes: (await rawBytes(ports, topic, origin)).toString('base64'),
    arrived_at: isoShanghai(arrival),
  };
}

/** The raw record as it came; empty when its retention is over. */
async function rawBytes(ports: EffectPorts, topic: string, at: { partition: number; offset: number }): Promise<Buffer> {
  let bytes: Buffer = Buffer.alloc(0);
  await readRange(ports.settings, topic, at.partition, at.offset, at.offset + 1, ({ value }) => {
    if (value !== null) bytes = Buffer.from(value);
  });
  return bytes;
}

function poisonRecord(ports: EffectPorts, partition: number, poison: Poison): RejectedRecord {
  return {
    origin: { topic: ports.names.lane('institution'), partition, offset: poison.offset },
    reason: 'poison',
    issues: [{ path: poison.detector ?? '', message: poison.stack }],
    bytes: '',
    arrived_at: isoShanghai(Date.now()),
  };
}
