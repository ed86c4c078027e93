// Decides lane.alert and writes the alert log, so that whoever else does the same, and wherever either is interrupted, the log holds one
// record of each version (or identical repeats). The order: decide, write what the log lacks, acknowledged, answer, checkpoint.
import { type Alerting, createAlerting, Rebuild } from '@yunjian/alerting';
import type { AlertRecord, CommandReply, LaneAlertRecord, RejectedRecord } from '@yunjian/contracts';
import { KeyedState } from '@yunjian/detection';
import { CheckpointBroken, type CheckpointLog, CheckpointWriter, restoreCheckpoint } from '@yunjian/processor';
import type { AlertLog, LaneInput, Outlets, Version } from './ports.ts';
import { poisoned, readLane } from './reading.ts';
import { Told } from './told.ts';

/** The alert log stands elsewhere than expected: somebody else has written to it. Restore, and go on from what it says. */
export class LogMoved extends Error {
  override name = 'LogMoved';
}

export interface DeciderOptions {
  /** Unique per process and take-over. */
  owner: string;
  /** Name of lane.alert, for messages and refusals. */
  lane: string;
  /** First offset that lane.alert still holds. */
  laneLow: number;
  log: AlertLog;
  outlets: Outlets;
  checkpoints: CheckpointLog;
  observe?: Observer;
  /** Changed entries at which they are encoded for the next checkpoint. Default 500. */
  collectAt?: number;
}

export interface Observer {
  decided(
    record: LaneAlertRecord,
    verdict: string,
    log: readonly AlertRecord[],
    replies: readonly CommandReply[],
  ): void;
  /** Versions are acknowledged; timestamps (ms) of the lane records that led to them. */
  written(timestamps: readonly number[]): void;
  /** There was no checkpoint: the state comes from so many records of the log, deciding begins at this offset of the lane. */
  rebuilt(records: number, next: number): void;
  /** The log held another record of a version than the one decided here. */
  yielded(): void;
}

/** One request stays below what the broker takes (packages/kafka splits at 900 KiB, and only a whole request is written or not). */
const REQUEST_BYTES = 700 * 1024;
const OVERHEAD_BYTES = 200;
/** Few enough not to be felt, enough to be worth a slice of the base. */
const COLLECT_AT = 500;
/** Records of the log in memory at once while the state is rebuilt. */
const REBUILD_PORTION = 20_000;

interface LogPosition {
  next: number;
}

interface Outgoing {
  versions: { version: Version; timestamp: number }[];
  replies: CommandReply[];
  refused: RejectedRecord[];
}

export class Decider {
  readonly #options: DeciderOptions;
  readonly #state: KeyedState;
  readonly #alerting: Alerting;
  readonly #writer: CheckpointWriter;
  readonly #told: Told;
  #next: number;
  /** Next offset of the alert log, if nobody else writes to it. */
  #logNext: number;
  #unsaved = 0;
  #spent = false;
  #deciding = false;
  #saving: Promise<void> | null = null;

  private constructor(
    options: DeciderOptions,
    state: KeyedState,
    restored: { next: number; writer: CheckpointWriter; told: Told; logNext: number },
  ) {
    this.#options = options;
    this.#state = state;
    this.#alerting = createAlerting(state);
    this.#writer = restored.writer;
    this.#told = restored.told;
    this.#next = restored.next;
    this.#logNext = restored.logNext;
  }

  /**
   * Restores the last checkpoint and reads what the log holds beyond it. Where there is none and the lane no longer holds its beginning,
   * the state is rebuilt from the log.
   * @throws CheckpointBroken when the checkpoint cannot be trusted, or lane and log do not hold what follows it.
   */
  static async open(options: DeciderOptions): Promise<Decider> {
    const { lane, laneLow, log, checkpoints, owner } = options;
    const { state, input, next } = await restored(checkpoints, lane);
    const logNext = await log.end();
    const writer = new CheckpointWriter(state, checkpoints, { owner, ...next, pace: 'changes' });
    if (input === null && laneLow > 0 && logNext > 0) {
      const at = await rebuilt(state, options, logNext);
      return new Decider(options, state, { next: at, writer, told: new Told([]), logNext });
    }
    const from = state.table<LogPosition>('log').get('position')?.next ?? 0;
    mustFollow(options, input, from, logNext);
    const told = new Told(await log.read(from, logNext));
    return new Decider(options, state, { next: input ?? laneLow, writer, told, logNext });
  }

  /** Next offset of the lane to process. */
  get next(): number {
    return this.#next;
  }

  /** Offset of the last COMMIT that counts. */
  get pointer(): number | null {
    return this.#writer.pointer;
  }

  /** Records other than idle ticks that no checkpoint covers. */
  get unsaved(): number {
    return this.#unsaved;
  }

  get alerting(): Alerting {
    return this.#alerting;
  }

  get contradictions(): number {
    return this.#told.contradictions;
  }

  /**
   * Decides records in order and resolves once everything that follows from them is acknowledged. One call at a time.
   * @throws LogMoved, CheckpointBroken on a hole in the lane, or what the log threw: open another decider then, this one is spent.
   */
  async process(inputs: readonly LaneInput[]): Promise<void> {
    this.#mustStand();
    this.#deciding = true;
    try {
      await this.#take(inputs);
    } catch (error) {
      this.#spent = true;
      throw error;
    } finally {
      this.#deciding = false;
    }
    if (this.#state.dirtyCount >= (this.#options.collectAt ?? COLLECT_AT)) this.#collect();
  }

  /**
   * Makes everything processed so far a checkpoint; `process` may go on meanwhile, but not be under way at the call.
   * @throws Fenced when another member owns the lane by now, or what the log threw; this decider is spent then.
   */
  checkpoint(): Promise<void> {
    this.#saving ??= this.#save().finally(() => {
      this.#saving = null;
    });
    return this.#saving;
  }

  /** Commits the pointer again: refused when the coordinator has expelled this member. */
  async fence(): Promise<void> {
    if (this.pointer !== null) await this.#options.checkpoints.commitPointer(this.pointer);
  }

  #mustStand(): void {
    if (this.#spent) throw new Error('this decider is spent: an earlier call failed');
    if (this.#deciding) throw new Error('this decider is busy: an earlier call is under way');
  }

  async #save(): Promise<void> {
    this.#mustStand();
    this.#collect();
    this.#unsaved = 0;
    try {
      await this.#writer.commit(this.#next, Promise.resolve());
    } catch (error) {
      this.#spent = true;
      throw error;
    }
  }

  /** Only between records: everything that follows from those below `next` is acknowledged. */
  #collect(): void {
    this.#state.table<LogPosition>('log').set('position', { next: this.#logNext });
    this.#writer.collect();
  }

  async #take(inputs: readonly LaneInput[]): Promise<void> {
    const outgoing: Outgoing = { versions: [], replies: [], refused: [] };
    for (const input of inputs) {
      if (input.offset < this.#next) continue;
      if (input.offset > this.#next)
        throw new CheckpointBroken(
          `${this.#options.lane}: expected offset ${this.#next}, got ${input.offset}: the lane has a hole`,
        );
      this.#decide(input, outgoing);
      this.#next = input.offset + 1;
    }
    await this.#write(outgoing.versions);
    const { outlets } = this.#options;
    await Promise.all([
      outgoing.replies.length > 0 ? outlets.reply(outgoing.replies) : undefined,
      outgoing.refused.length > 0 ? outlets.refuse(outgoing.refused) : undefined,
    ]);
  }

  #decide(input: LaneInput, outgoing: Outgoing): void {
    const { lane, observe } = this.#options;
    const reading = readLane(lane, input);
    if ('unreadable' in reading) {
      this.#alerting.skip(input);
      this.#unsaved++;
      outgoing.refused.push(reading.unreadable.rejected);
      if (reading.unreadable.reply !== null) outgoing.replies.push(reading.unreadable.reply);
      return;
    }
    try {
      const { log, replies, verdict } = this.#alerting.step(reading.record, input);
      if (reading.record.type !== 'tick' || log.length > 0) this.#unsaved++;
      for (const record of log) this.#tell(record, input, outgoing);
      outgoing.replies.push(...replies);
      observe?.decided(reading.record, verdict, log, replies);
    } catch (error) {
      outgoing.refused.push(poisoned(lane, input, error));
    }
  }

  /** Passes over what the log holds already; where it holds something else, the log is right. */
  #tell(decided: AlertRecord, { offset: lane, timestamp }: LaneInput, outgoing: Outgoing): void {
    for (let record: AlertRecord | null = decided; record !== null; ) {
      const value = JSON.stringify(record);
      const told = this.#told.take(record);
      if (told === undefined) outgoing.versions.push({ version: { key: record.alert_id, value, lane }, timestamp });
      if (told === undefined || told === value) return;
      this.#options.observe?.yielded();
      record = this.#alerting.yieldTo(JSON.parse(told) as AlertRecord, record);
    }
  }

  async #write(outgoing: Outgoing['versions']): Promise<void> {
    for (let i = 0; i < outgoing.length; ) {
      const from = i;
      let bytes = 0;
      do bytes += Buffer.byteLength((outgoing[i++] as { version: Version }).version.value) + OVERHEAD_BYTES;
      while (i < outgoing.length && bytes + sizeOf(outgoing[i]?.version) <= REQUEST_BYTES);
      const portion = outgoing.slice(from, i);
      const at = await this.#options.log.append(portion.map(({ version }) => version));
      if (at !== this.#logNext)
        throw new LogMoved(`the alert log was expected to stand at ${this.#logNext}, it stood at ${at}`);
      this.#logNext += portion.length;
      this.#options.observe?.written(portion.map(({ timestamp }) => timestamp));
    }
  }
}

/** The last checkpoint; read again when a successor moved the pointer, and deleted what lay below, while it was being read. */
async function restored(checkpoints: CheckpointLog, where: string) {
  for (;;) {
    const pointer = await checkpoints.pointer();
    const state = new KeyedState();
    try {
      return { state, ...(await restoreCheckpoint(checkpoints, state, where)) };
    } catch (error) {
      if (!(error instanceof CheckpointBroken) || (await checkpoints.pointer()) === pointer) throw error;
    }
  }
}

/** What the checkpoint rests on must still be there. */
function mustFollow({ lane, laneLow }: DeciderOptions, input: number | null, from: number, logNext: number): void {
  if (input !== null && input < laneLow)
    throw new CheckpointBroken(
      `${lane}: the checkpoint stands at offset ${input}, but the lane begins at ${laneLow}: findings and commands in between are gone. Restore the lane from a backup, or accept the gap as docs/operations.md "A gap in a lane" describes.`,
    );
  if (logNext < from)
    throw new CheckpointBroken(
      `${lane}: by the checkpoint the alert log stands at ${from} or beyond, but it ends at ${logNext}: it has lost records or is another log. Restore the log from a backup before alerting writes to it, see docs/operations.md "A gap in a lane".`,
    );
}

/** Resolves to the lane offset at which deciding begins. */
async function rebuilt(state: KeyedState, { log, laneLow, observe }: DeciderOptions, end: number): Promise<number> {
  const rebuild = new Rebuild(state);
  for (let at = 0; at < end; at += REBUILD_PORTION)
    for (const { value, lane } of await log.read(at, Math.min(end, at + REBUILD_PORTION)))
      rebuild.take(JSON.parse(value.toString('utf8')) as AlertRecord, lane);
  const next = rebuild.finish(laneLow);
  observe?.rebuilt(end, next);
  return next;
}

function sizeOf(version: Version | undefined): number {
  return version === undefined ? 0 : Buffer.byteLength(version.value) + OVERHEAD_BYTES;
}
