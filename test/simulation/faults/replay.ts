// A lane partition read from its beginning by a lane that has never been interrupted.
import { decodeLane, digest, type Feed, type Finding } from '@yunjian/contracts';
import { type Change, InstitutionLane, type KeyedState, PackedBlock, RowBlock } from '@yunjian/detection';
import type { LogRecord } from '@yunjian/kafka';
import { NAMES } from './names.ts';
import type { World } from './world.ts';

/** A raise, and the observed clock at which it was made, ms. */
export interface RaisedAt {
  finding: Finding;
  observed: number;
  /** Origins of everything read by then. */
  read: ReadonlySet<string>;
}

export interface Replay {
  findings: Finding[];
  /** What did not stand before a record and does behind it. */
  raises: RaisedAt[];
  /** Where documents came from that contradict the first: topic/partition/offset. */
  conflicts: string[];
  /** Origins of everything in the lane: feed/partition/offset. */
  read: ReadonlySet<string>;
  /** Of the state at the end. */
  hash: string;
  /** Clock of the settlement feed at the end, ms. */
  settlementClock: number;
}

export function replayLane(world: World, partition: number, records: readonly LogRecord[]): Replay {
  const lane = new InstitutionLane({ partition, detectors: world.detectors });
  lane.restore();
  const findings: Finding[] = [];
  const raises: RaisedAt[] = [];
  const conflicts: string[] = [];
  const read = new Set<string>();
  const standing = new Set<string>();
  for (const { offset, value } of records) {
    const record = decodeLane(value as Buffer);
    if (record.kind !== 'mark' && record.kind !== 'ruleChange')
      read.add(`${record.origin.feed}/${record.origin.partition}/${record.origin.offset}`);
    lane.step(record, offset);
    const effects = lane.takeEffects();
    const told = effects.findings;
    findings.push(...told);
    for (const { refused } of effects.conflicts) {
      const { feed, partition: from, offset: at } = refused.origin;
      conflicts.push(`${NAMES.raw(feed as Feed)}/${from}/${at}`);
    }
    for (const [id, finding] of new Map(told.map((each) => [each.alert_id, each]))) {
      if (finding.action === 'withdraw') standing.delete(id);
      else if (!standing.has(id)) {
        standing.add(id);
        raises.push({ finding, observed: lane.clocks.at('observed'), read: new Set(read) });
      }
    }
  }
  const settlementClock = lane.clocks.at('settlement');
  return { findings, raises, conflicts, read, hash: hashOf(lane.state), settlementClock };
}

/** Of a state's contents, whatever the order in which they came to be. */
export function hashOf(state: KeyedState): string {
  const entries = [...state.all()].flatMap((change) =>
    rowsOf(change).map(([key, value]) => `${change.table}\n${key}\n${canonical(value)}`),
  );
  return digest(entries.sort().join('\n'));
}

/** The number of a packed row says where it lies, not what it holds: it may be another after a restart. */
function rowsOf({ key, value }: Change): [string, unknown][] {
  if (value instanceof PackedBlock) return Array.from(value.entries(), ([, row]) => ['', (row as unknown[]).slice(1)]);
  return value instanceof RowBlock ? [...value.entries()] : [[key, value]];
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
