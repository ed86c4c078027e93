// A batch of the lane as the ledger takes it, and what becomes of a record that it cannot read or judge.
import {
  decodeLane,
  type Finding,
  isoShanghai,
  kindOfValue,
  type LaneKind,
  type RejectedRecord,
} from '@yunjian/contracts';
import type { LogRecord, OutRecord } from '@yunjian/kafka';
import { poisonAt } from './findings.ts';
import type { LedgerInput, LedgerLane } from './rows.ts';

export interface Poisoned {
  position: number;
  error: Error;
}

/**
 * A lane record that cannot be read is a defect of ours: the router alone writes lanes, and it validates.
 * @param kinds those that matter: the others are passed over by their first bytes; null: all matter
 */
export function readLane(
  records: readonly LogRecord[],
  kinds: ReadonlySet<LaneKind> | null = null,
): { inputs: LedgerInput[]; unreadable: Poisoned[] } {
  const inputs: LedgerInput[] = [];
  const unreadable: Poisoned[] = [];
  for (const { offset, value } of records) {
    if (value === null) continue;
    const kind = kinds === null ? null : kindOfValue(value);
    if (kind !== null && !kinds?.has(kind)) continue;
    try {
      inputs.push({ position: offset, event: decodeLane(value), value });
    } catch (error) {
      unreadable.push({ position: offset, error: error as Error });
    }
  }
  return { inputs, unreadable };
}

/** What goes to `rejected` of lane records, with the stack of what failed. Lane values hold no clear personal data. */
export function setAside(records: readonly LogRecord[], poisoned: readonly Poisoned[]): OutRecord[] {
  const at = new Map(records.map((record) => [record.offset, record]));
  return poisoned.map(({ position, error }) => {
    const { topic, partition, offset, timestamp, value } = at.get(position) as LogRecord;
    const rejected: RejectedRecord = {
      origin: { topic, partition, offset },
      reason: 'poison',
      issues: [{ path: '', message: error.stack ?? error.message }],
      bytes: (value ?? Buffer.alloc(0)).toString('base64'),
      arrived_at: isoShanghai(timestamp),
    };
    return { value: JSON.stringify(rejected), partition: 0 };
  });
}

/** The operational alert of each record set aside, one a record: their ids and contents are the same for a day. */
export function poisonAlerts(
  of: { lane: LedgerLane; partition: number },
  records: readonly LogRecord[],
  poisoned: readonly Poisoned[],
): Finding[] {
  const at = new Map(records.map(({ offset, timestamp }) => [offset, timestamp]));
  return [...new Set(poisoned.map(({ position }) => position))].map((position) =>
    poisonAt(of, position, at.get(position) as number),
  );
}
