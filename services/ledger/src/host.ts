// A ledger lane on Kafka: batches stored, judged, told, and only then committed. Needs no checkpoint: ClickHouse is its state.
import {
  decodeLane,
  isMarkValue,
  isoShanghai,
  type LaneEvent,
  type RejectedRecord,
  type TopicNames,
} from '@yunjian/contracts';
import type { LedgerRule } from '@yunjian/detection';
import { type GroupConsumer, type KafkaSettings, type LogProducer, type LogRecord, runGroup } from '@yunjian/kafka';
import type { LedgerHistory } from './history.ts';
import { type LedgerInput, LedgerPartition } from './judge.ts';

export interface LedgerHostOptions {
  lane: 'code' | 'person';
  settings: KafkaSettings;
  names: TopicNames;
  producer: LogProducer;
  history: LedgerHistory;
  rules: readonly LedgerRule[];
  onFindings(detector: string, action: string): void;
  onJudged(records: number, seconds: number): void;
  onFatal(error: Error): void;
}

const KEEP = new Set<LaneEvent['kind']>([
  'codeSale',
  'trace',
  'codeReversed',
  'codeSettlement',
  'codeReversal',
  'drug',
  'institution',
  'settlement',
  'reversal',
  'personStatus',
]);

export async function startLedger(options: LedgerHostOptions): Promise<{ close(): Promise<void> }> {
  const { names, lane, producer, settings } = options;
  const topic = names.lane(lane);
  const partitions = new Map<number, LedgerPartition>();
  const committed = new Map<number, number>();
  const pending = new Map<number, number>();

  const consumer: GroupConsumer = await runGroup(settings, {
    groupId: names.group(`ledger.${lane}`),
    topics: [topic],
    strict: false,
    onAssigned: async (_topic, partition) => {
      const opened = new LedgerPartition({ lane, partition, history: options.history, rules: options.rules });
      await opened.open((value) => decodeLane(value) as LaneEvent);
      partitions.set(partition, opened);
      return { seek: 'group' };
    },
    onRevoked: async (_topic, partition) => {
      partitions.delete(partition);
      pending.delete(partition);
    },
    onBatch: async ({ partition, records }, { owned }) => {
      const ledger = partitions.get(partition);
      if (ledger === undefined) return;
      const started = performance.now();
      const { inputs, unreadable } = read(records);
      const { findings, reversed } = await ledger.process(inputs);
      if (!owned()) return;
      await Promise.all([
        findings.length === 0
          ? undefined
          : producer.send(
              names.laneAlert,
              findings.map((finding) => ({ key: finding.alert_id, value: JSON.stringify(finding), partition: 0 })),
            ),
        reversed.length === 0 ? undefined : producer.send(topic, reversed),
        unreadable.length === 0
          ? undefined
          : producer.send(
              names.rejected,
              unreadable.map((record) => ({ value: JSON.stringify(record), partition: 0 })),
            ),
      ]);
      for (const { detector, action } of findings) options.onFindings(detector, action);
      options.onJudged(inputs.length, (performance.now() - started) / 1000);
      pending.set(partition, (records[records.length - 1] as LogRecord).offset + 1);
    },
    onFatal: options.onFatal,
  });

  const commit = async (): Promise<void> => {
    for (const [partition, next] of [...pending]) {
      if (committed.get(partition) === next) continue;
      await consumer.commit(topic, partition, next);
      committed.set(partition, next);
    }
  };
  const timer = setInterval(() => void commit().catch(() => {}), 500);
  return {
    close: async () => {
      clearInterval(timer);
      await commit().catch(() => {});
      await consumer.close();
    },
  };
}

/** What the ledger keeps of a batch. A lane record that cannot be read is a defect of ours: it is set aside with its stack. */
function read(records: readonly LogRecord[]): { inputs: LedgerInput[]; unreadable: RejectedRecord[] } {
  const inputs: LedgerInput[] = [];
  const unreadable: RejectedRecord[] = [];
  for (const { topic, partition, offset, timestamp, value } of records) {
    if (value === null || isMarkValue(value)) continue;
    try {
      const event = decodeLane(value);
      if (event.kind !== 'mark' && event.kind !== 'ruleChange' && KEEP.has(event.kind))
        inputs.push({ position: offset, event, value });
    } catch (error) {
      unreadable.push({
        origin: { topic, partition, offset },
        reason: 'poison',
        issues: [{ path: '', message: (error as Error).stack ?? String(error) }],
        bytes: value.toString('base64'),
        arrived_at: isoShanghai(timestamp),
      });
    }
  }
  return { inputs, unreadable };
}
