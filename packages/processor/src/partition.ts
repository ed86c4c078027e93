// One lane partition on its owner: records through the pure core, effects out, checkpoints behind them.
import { decodeLane } from '@yunjian/contracts';
import type { Effects, InstitutionLane, ShadowReport } from '@yunjian/detection';
import { CheckpointBroken, type CheckpointLog } from './ports.ts';
import { restoreCheckpoint } from './restore.ts';
import { CheckpointWriter } from './writer.ts';

export interface LaneInput {
  offset: number;
  value: Buffer | null;
}

/** Where a partition's effects go. Resolved means acknowledged. */
export type EffectSink = (effects: Effects) => Promise<void>;

export interface PartitionOptions {
  /** For messages: topic and partition. */
  where: string;
  owner: string;
  core: InstitutionLane;
  log: CheckpointLog;
  sink: EffectSink;
  /** Lane partition's first offset still held, for the check on a gap. */
  laneLow: number;
}

/** Unacknowledged effects beyond which a batch waits. */
const MAX_PENDING = 8;

export class LanePartition {
  readonly #options: PartitionOptions;
  #writer: CheckpointWriter | null = null;
  #next = 0;
  #effects: Promise<void> = Promise.resolve();
  #pending = 0;
  #committing: Promise<void> | null = null;
  #failure: unknown = null;
  #core: InstitutionLane;

  constructor(options: PartitionOptions) {
    this.#options = options;
    this.#core = options.core;
  }

  /** Restores the last checkpoint. Resolves to the next offset to read. */
  async open(): Promise<{ next: number; entries: number }> {
    const { log, where, owner, laneLow } = this.#options;
    const core = this.#core;
    const restored = await restoreCheckpoint(log, core.state, where);
    core.restore();
    this.#writer = new CheckpointWriter(core.state, log, { owner, ...restored.next, pace: 'changes' });
    this.#next = restored.input ?? laneLow;
    if (this.#next < laneLow)
      throw new CheckpointBroken(
        `${where}: the state stands at offset ${this.#next}, but the lane begins at ${laneLow}: ${laneLow - this.#next} records are gone. Restore the lane from a backup, or accept the gap as docs/operations.md "A gap in a lane" describes.`,
      );
    return { next: this.#next, entries: restored.entries };
  }

  /** Next offset of the lane to process. */
  get next(): number {
    return this.#next;
  }

  /** Offset of the last COMMIT that counts. */
  get pointer(): number | null {
    return this.#writer?.pointer ?? null;
  }

  /** How far shadow parameters have come, by the records processed so far. */
  shadows(): ShadowReport[] {
    return this.#core.shadows();
  }

  /**
   * Processes records in order; offsets already processed are skipped. Resolves when more may come.
   * @throws CheckpointBroken on a hole in the lane, or whatever made sending or checkpointing fail: drop the partition then.
   */
  async process(records: readonly LaneInput[]): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    for (const { offset, value } of records) {
      if (offset < this.#next) continue;
      if (offset > this.#next)
        throw new CheckpointBroken(
          `${this.#options.where}: expected offset ${this.#next}, got ${offset}: the lane has a hole`,
        );
      if (value !== null) this.#step(offset, value);
      this.#next = offset + 1;
      if (this.#core.settles) await this.#beginAgain();
    }
    this.#writer?.collect();
    this.#send(this.#core.takeEffects());
    while (this.#pending > MAX_PENDING) await this.#effects;
    if (this.#failure !== null) throw this.#failure;
  }

  /** Makes everything processed so far a checkpoint; one at a time. */
  checkpoint(): Promise<void> {
    this.#committing ??= this.#commit().finally(() => {
      this.#committing = null;
    });
    return this.#committing;
  }

  /** Waits for effects under way, then checkpoints what is left: nothing is processed twice after an orderly stop. */
  async close(): Promise<void> {
    await this.#committing;
    await this.checkpoint();
    await this.#effects;
    if (this.#failure !== null) throw this.#failure;
  }

  /** Our own exception, wherever it comes from, sets the record aside and stops nothing. */
  #step(offset: number, value: Buffer): void {
    try {
      this.#core.step(decodeLane(value), offset);
    } catch (error) {
      this.#core.setAside(offset, error);
    }
  }

  /** After poison: the core goes on from its tables alone, and those are made a checkpoint before anything else is read. */
  async #beginAgain(): Promise<void> {
    this.#send(this.#core.takeEffects());
    await this.#committing;
    this.#core = this.#core.rebuilt();
    this.#writer?.follow(this.#core.state);
    await this.checkpoint();
  }

  async #commit(): Promise<void> {
    const writer = this.#writer;
    if (writer === null || this.#failure !== null || this.#core.shaken || !writer.dirty) return;
    try {
      const acknowledged = this.#effects.then(() => {
        if (this.#failure !== null) throw this.#failure;
      });
      await writer.commit(this.#next, acknowledged);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** Behind effects that were not told none may be: whoever reads them would drop the earlier ones when they come again. */
  #send(effects: Effects): void {
    if (effects.findings.length + effects.conflicts.length + effects.poison.length + effects.counts.size === 0) return;
    this.#pending++;
    this.#effects = this.#effects
      .then(() => (this.#failure === null ? this.#options.sink(effects) : undefined))
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        this.#pending--;
      });
  }
}
