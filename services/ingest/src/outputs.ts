// What is to be written, by topic, and how a refused event is written down.
import { type Issue, isoShanghai, type Reason, type RejectedRecord } from '@yunjian/contracts';
import type { LogProducer, OutRecord } from '@yunjian/kafka';

export interface Outputs {
  add(topic: string, record: OutRecord): void;
  /** Resolves once everything is acknowledged. */
  send(producer: LogProducer): Promise<void>;
}

export function collectOutputs(): Outputs {
  const byTopic = new Map<string, OutRecord[]>();
  return {
    add: (topic, record) => {
      const list = byTopic.get(topic);
      if (list === undefined) byTopic.set(topic, [record]);
      else list.push(record);
    },
    send: async (producer) => {
      await Promise.all([...byTopic].map(([topic, records]) => producer.send(topic, records)));
    },
  };
}

export interface Refused {
  /** The raw record; null at the HTTP door. */
  origin: RejectedRecord['origin'];
  reason: Reason;
  issues: Issue[];
  bytes: Buffer | null;
  /** ms. */
  arrival: number;
}

/** The record of `<ns>.rejected`. */
export function refusedRecord({ origin, reason, issues, bytes, arrival }: Refused): OutRecord {
  const record: RejectedRecord = {
    origin,
    reason,
    issues,
    bytes: bytes === null ? '' : bytes.toString('base64'),
    arrived_at: isoShanghai(arrival),
  };
  return { value: JSON.stringify(record), partition: 0 };
}
