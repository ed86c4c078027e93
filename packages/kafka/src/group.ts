// Members of a consumer group: what they are told, and what they can do.
import type { KafkaSettings } from './connection.ts';
import { Member } from './member.ts';
import type { LogRecord } from './records.ts';

export interface LogBatch {
  topic: string;
  partition: number;
  /** In order, at least one, none handed over before unless a fault or a seek asks for it again. */
  records: LogRecord[];
  /** Next offset to be written, as of this fetch. */
  highWatermark: number;
}

export interface BatchControl {
  /** Call it inside work that keeps the event loop busy; heartbeats are sent by themselves while a handler waits. Never rejects. */
  heartbeat(): Promise<void>;
  /**
   * False once the partition has been taken away or the session may have run out: drop what is left. A handler that has seen false is
   * asked for the partition's position (`onAssigned`) before it gets another record of it.
   */
  owned(): boolean;
}

export interface GroupOptions {
  groupId: string;
  topics: string[];
  /** ms; default 10,000. */
  sessionTimeoutMs?: number;
  /** Bytes of a fetch and so of a batch; default 512 KiB. */
  maxBytesPerPartition?: number;
  /**
   * For a reader in no hurry: a fetch waits for so many bytes, at most the bytes of one partition's fetch, or for so long, ms. A pause of
   * all partitions and leaving the group then take as long. Default: whatever there is, 50 ms.
   */
  patience?: { bytes: number; ms: number };
  /**
   * Fetches the next batch of a partition while one is handled, for a reader whose own work is what takes time: then the broker's and its own
   * time overlap. Every partition held is then handled side by side, and at most three batches of it are in memory: one under way, one that
   * waits, one that is fetched. Default: no.
   */
  ahead?: boolean;
  /** Partitions handled side by side, default 4; a partition's batches always follow one another. */
  concurrency?: number;
  /** Lanes have no holes: a jump in offsets stops the process. Raw topics may have some, left by the transactions of others. */
  strict?: boolean;
  /**
   * Where to start, asked at every join for each partition now held, before any of its records, and again after a failure. `group`: the
   * group's committed offset, else the beginning. Without this a member goes on after what it has handled itself, or at the group's offset
   * where that is further.
   */
  onAssigned?(topic: string, partition: number): Promise<{ seek: number | 'group' }>;
  /** After the last call for the partition has ended; nothing can be committed for it any more. */
  onRevoked?(topic: string, partition: number): Promise<void>;
  /** Throw to have the same records again after a pause, in which other partitions go on: an infrastructure fault waits. */
  onBatch(batch: LogBatch, control: BatchControl): Promise<void>;
  /** Records were deleted (retention) before they were read; not with `strict`, which stops. `to` exclusive. Logged in any case. */
  onLost?(topic: string, partition: number, from: number, to: number): void;
  /** The member has stopped for good. Without this the error is thrown where nobody catches it, which ends the process. */
  onFatal?(error: Error): void;
}

export interface CommittedBeside {
  /** Kept with the offset, see `groupCommits`; at most 4,096 bytes, the broker's `offset.metadata.max.bytes`. */
  note?: string;
  /** Another topic's offset of that partition, committed with it or not at all. */
  also?: { topic: string; offset: number };
}

export interface GroupConsumer {
  /**
   * Commits an offset in the generation in which this member holds a partition of that number. The topic need not be one it consumes: that
   * is how a checkpoint's pointer is fenced.
   * @throws NotOwner when it does not hold it, or the group is being joined anew; a protocol error when the coordinator has expelled it.
   */
  commit(topic: string, partition: number, offset: number, beside?: CommittedBeside): Promise<void>;
  pause(topic: string, partition: number): void;
  resume(topic: string, partition: number): void;
  /** The next batch begins there; a batch under way does not move on from where it is. */
  seek(topic: string, partition: number, offset: number): void;
  assignment(): { topic: string; partition: number }[];
  /** Records that wait in the partitions held. */
  lag(): Promise<number>;
  state(): 'joining' | 'running' | 'stopped';
  close(): Promise<void>;
}

/** Joins a group. Resolves at once; joining waits for the broker. */
export async function runGroup(settings: KafkaSettings, options: GroupOptions): Promise<GroupConsumer> {
  return new Member(settings, options);
}
