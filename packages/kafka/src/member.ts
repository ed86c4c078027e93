// A member of a group that keeps its own positions: it seeks at every join, because the library goes back to group offsets there, hands
// over whole batches, and never skips what could not be processed yet. A partition that is not ready, or rests after a failure, is
// paused: a handler that waits would hold up every other partition.
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { watermarks } from './admin.ts';
import type { KafkaSettings } from './connection.ts';
import { closeSoon, startConsumer } from './consuming.ts';
import { pauseBeforeRetry, pauseMs } from './faults.ts';
import type { CommittedBeside, GroupConsumer, GroupOptions } from './group.ts';
import { Heartbeats } from './heartbeats.ts';
import { type Held, keyOf, lastOf, newlyHeld } from './held.ts';
import { noteGone, noteJoined, noteWaiting } from './joined.ts';
import { expectedRecords, RecordsMissing, startPosition } from './positions.ts';
import { NotOwner, Session } from './session.ts';

const SESSION_MS = 10_000;
const FETCH_BYTES = 512 * 1024;
/** How long a commit waits for the session's first batch and for a coordinator that is away. */
const COMMIT_MS = 5_000;

export class Member implements GroupConsumer {
  readonly #settings: KafkaSettings;
  readonly #options: GroupOptions;
  readonly #consumer: Consumer;
  readonly #held = new Map<string, Held>();
  /** What is under way for a partition: preparing, handling, revoking follow one another. */
  readonly #turns = new Map<string, Promise<void>>();
  /** Paused by the user; a resting or unready partition is paused besides. */
  readonly #paused = new Set<string>();
  readonly #heartbeats: Heartbeats;
  #state: 'joining' | 'running' | 'stopped' = 'joining';
  #session: Session | null = null;

  constructor(settings: KafkaSettings, options: GroupOptions) {
    this.#settings = settings;
    this.#options = options;
    const sessionTimeoutMs = options.sessionTimeoutMs ?? SESSION_MS;
    this.#heartbeats = new Heartbeats(sessionTimeoutMs, () => this.#leave());
    this.#consumer = startConsumer(settings, {
      groupId: options.groupId,
      sessionTimeoutMs,
      maxBytesPerPartition: options.maxBytesPerPartition ?? FETCH_BYTES,
      patience: options.patience,
      topics: options.topics,
      concurrency: options.concurrency ?? 4,
      eachBatch: (payload) => this.#eachBatch(payload),
      onLeave: () => this.#leave(),
      onJoin: (assignment) => this.#join(assignment),
      onBeat: () => this.#heartbeats.answered(),
      isJoined: () => this.#state !== 'joining',
      onFatal: (error) => this.#fail(error),
    });
  }

  async commit(topic: string, partition: number, offset: number, { note, also }: CommittedBeside = {}): Promise<void> {
    const holds = () => [...this.#held.values()].some((entry) => entry.partition === partition && this.#owns(entry));
    if (this.#session === null || !holds())
      throw new NotOwner(`${topic}/${partition}: offset ${offset} not committed, no partition ${partition} is held`);
    const offsets = [{ topic, offset, note: note ?? '' }, ...(also === undefined ? [] : [{ ...also, note: '' }])];
    await this.#session.commit(partition, offsets, holds, COMMIT_MS);
  }

  pause(topic: string, partition: number): void {
    this.#paused.add(keyOf(topic, partition));
    this.#applyPause(this.#held.get(keyOf(topic, partition)));
  }

  resume(topic: string, partition: number): void {
    this.#paused.delete(keyOf(topic, partition));
    this.#applyPause(this.#held.get(keyOf(topic, partition)));
  }

  seek(topic: string, partition: number, offset: number): void {
    const entry = this.#held.get(keyOf(topic, partition));
    if (entry === undefined || !entry.valid) return;
    entry.next = offset;
    entry.seeks++;
    this.#whileRunning(() => this.#consumer.seek({ topic, partition, offset: String(offset) }));
  }

  assignment(): { topic: string; partition: number }[] {
    return [...this.#held.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  async lag(): Promise<number> {
    let waiting = 0;
    for (const topic of this.#options.topics)
      for (const { partition, high } of await watermarks(this.#settings, topic)) {
        const entry = this.#held.get(keyOf(topic, partition));
        if (entry?.ready === true) waiting += Math.max(0, high - entry.next);
      }
    return waiting;
  }

  state(): 'joining' | 'running' | 'stopped' {
    return this.#state;
  }

  async close(): Promise<void> {
    this.#state = 'stopped';
    const handled = Promise.all([...this.#held.values()].map((entry) => entry.handled));
    await closeSoon(this.#consumer, handled);
    this.#leave();
    noteGone(this.#settings, this);
    this.#heartbeats.close();
  }

  #leave(): void {
    if (this.#state === 'running') this.#state = 'joining';
    noteWaiting(this.#settings, this, this.#options.groupId);
    this.#session?.end();
    this.#session = null;
    for (const entry of this.#held.values()) entry.valid = false;
  }

  #join(assignment: Record<string, number[]>): void {
    if (this.#state === 'stopped') return;
    this.#state = 'running';
    noteJoined(this.#settings, this, this.#options.groupId);
    this.#session = new Session();
    this.#heartbeats.joined();
    const before = new Map(this.#held);
    this.#held.clear();
    for (const [topic, partitions] of Object.entries(assignment))
      for (const partition of partitions) this.#hold(topic, partition, before.get(keyOf(topic, partition)));
    for (const entry of before.values()) if (!this.#held.has(entry.key)) this.#revoke(entry);
  }

  #revoke({ topic, partition, key }: Held): void {
    this.#paused.delete(key);
    this.#inTurn(key, async () => {
      await this.#options.onRevoked?.(topic, partition).catch((error: Error) => {
        this.#settings.logger?.warn({ topic, partition, reason: error.message }, 'revocation failed');
      });
    });
  }

  #hold(topic: string, partition: number, before: Held | undefined): void {
    const entry = newlyHeld(topic, partition);
    const { key } = entry;
    this.#held.set(key, entry);
    this.#applyPause(entry);
    const handled = () => (before?.ready === true ? before.next : null);
    this.#inTurn(key, () => this.#prepare(entry, handled));
  }

  /** After a doubt about the session that no join has followed. */
  #holdAnew(entry: Held): void {
    if (this.#state === 'running' && this.#held.get(entry.key) === entry)
      this.#hold(entry.topic, entry.partition, entry);
  }

  async #prepare(entry: Held, handled: () => number | null): Promise<void> {
    const { topic, partition } = entry;
    for (let attempt = 0; this.#state !== 'stopped' && this.#holds(entry); attempt++) {
      try {
        const next = await startPosition(this.#settings, this.#options, topic, partition, handled());
        if (!this.#holds(entry)) return;
        this.#consumer.seek({ topic, partition, offset: String(next) });
        entry.next = next;
        entry.ready = true;
        this.#applyPause(entry);
        return;
      } catch (error) {
        if (error instanceof RecordsMissing) return this.#fail(error);
        if (attempt === 0)
          this.#settings.logger?.warn(
            { topic, partition, reason: (error as Error).message },
            'partition not ready, waiting',
          );
        await pauseBeforeRetry(attempt);
      }
    }
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    this.#session?.provide(payload.commitOffsetsIfNecessary as Parameters<Session['provide']>[0]);
    const entry = this.#held.get(keyOf(batch.topic, batch.partition));
    if (entry === undefined || !entry.ready) return;
    if (!entry.valid) return this.#holdAnew(entry);
    this.#heartbeats.through(payload.heartbeat);
    if (this.#options.ahead !== true) return this.#inHand(entry, payload);
    const { seeks } = entry;
    await entry.before;
    // What was fetched ahead of a batch that failed, or sought another place, is fetched again from there.
    const holds = () => this.#holds(entry) && entry.seeks === seeks && !payload.isStale();
    if (!holds()) return;
    entry.before = entry.handled;
    entry.handled = entry.handled
      .then(() => (holds() ? this.#inHand(entry, payload) : undefined))
      .catch((error: Error) => this.#fail(error));
    payload.resolveOffset(lastOf(batch));
  }

  #inHand(entry: Held, payload: EachBatchPayload): Promise<void> {
    const handled = this.#heartbeats.during(() => this.#handle(entry, payload));
    this.#turns.set(entry.key, handled);
    return handled;
  }

  async #handle(entry: Held, payload: EachBatchPayload): Promise<void> {
    const { topic, partition, seeks } = entry;
    const { batch } = payload;
    let refused = false;
    const owned = () => {
      const yes = this.#owns(entry) && payload.isRunning();
      refused ||= !yes;
      return yes;
    };
    try {
      const records = await expectedRecords(this.#settings, this.#options, batch, entry.next);
      if (records === null) return this.#consumer.seek({ topic, partition, offset: String(entry.next) });
      if (!owned()) return;
      const highWatermark = Number(batch.highWatermark);
      if (records.length > 0)
        await this.#options.onBatch(
          { topic, partition, records, highWatermark },
          { owned, heartbeat: () => this.#heartbeats.beat() },
        );
      // Who has been told that the partition is lost has dropped what was left.
      if (refused || entry.seeks !== seeks || !this.#holds(entry)) return;
      entry.failures = 0;
      entry.next = Number(batch.lastOffset()) + 1;
      if (this.#options.ahead !== true) payload.resolveOffset(lastOf(batch));
    } catch (error) {
      if (error instanceof RecordsMissing) this.#fail(error);
      else if (owned()) this.#rest(entry, error);
    } finally {
      if (!entry.valid) this.#holdAnew(entry);
    }
  }

  /** Leaves the position where it is and asks for the same records after a pause. */
  #rest(entry: Held, error: unknown): void {
    const { topic, partition } = entry;
    if (entry.failures === 0)
      this.#settings.logger?.warn(
        { topic, partition, reason: error instanceof Error ? error.message : String(error) },
        'batch not processed, waiting to try again',
      );
    entry.resting = true;
    if (this.#options.ahead === true) this.seek(topic, partition, entry.next);
    this.#applyPause(entry);
    setTimeout(
      () => {
        entry.resting = false;
        this.#applyPause(entry);
      },
      pauseMs(entry.failures++),
    );
  }

  /** Whether it is ours by this join. */
  #holds(entry: Held): boolean {
    return entry.valid && this.#held.get(entry.key) === entry;
  }

  /** Whether it is ours and the coordinator has said so within the session. */
  #owns(entry: Held): boolean {
    if (entry.valid && this.#heartbeats.lapsed) entry.valid = false;
    return this.#holds(entry);
  }

  #applyPause(entry: Held | undefined): void {
    if (entry === undefined || this.#held.get(entry.key) !== entry) return;
    const target = [{ topic: entry.topic, partitions: [entry.partition] }];
    const wait = entry.resting || !entry.ready || this.#paused.has(entry.key);
    this.#whileRunning(() => (wait ? this.#consumer.pause(target) : this.#consumer.resume(target)));
  }

  /** The library throws when it has just broken down, before it says so; the next join sets everything anew. */
  #whileRunning(act: () => void): void {
    if (this.#state !== 'running') return;
    try {
      act();
    } catch (error) {
      this.#settings.logger?.warn({ group: this.#options.groupId, reason: (error as Error).message }, 'not running');
    }
  }

  #inTurn(key: string, act: () => Promise<void>): void {
    this.#turns.set(key, (this.#turns.get(key) ?? Promise.resolve()).then(act, act));
  }

  #fail(error: Error): void {
    if (this.#state === 'stopped') return;
    this.#settings.logger?.error({ group: this.#options.groupId, reason: error.message }, 'consumer stops');
    void this.close();
    (this.#options.onFatal ?? throwWhereNobodyCatches)(error);
  }
}

function throwWhereNobodyCatches(error: Error): void {
  queueMicrotask(() => {
    throw error;
  });
}
