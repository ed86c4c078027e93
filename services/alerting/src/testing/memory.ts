// The alert log and the lane in memory, with the faults of a network: lost acknowledgements, writes that land late, writes that never land.
import type { CommandReply, RejectedRecord } from '@yunjian/contracts';
import type { AlertLog, LaneInput, Outlets, Version, Written } from '../ports.ts';
import type { Scheduler } from './scheduler.ts';

export interface Faults {
  /** The request never arrives. */
  lost: number;
  /** It is written, its acknowledgement is lost. */
  unanswered: number;
  /** Its sender gives up, and it is written later. */
  late: number;
}

export class MemoryAlertLog implements AlertLog {
  readonly values: string[] = [];
  readonly #lanes: number[] = [];
  faults: Faults = { lost: 0, unanswered: 0, late: 0 };
  readonly #scheduler: Scheduler;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  async end(): Promise<number> {
    await this.#scheduler.turn();
    return this.values.length;
  }

  async read(from: number, to: number): Promise<Written[]> {
    await this.#scheduler.turn();
    return this.values.slice(from, to).map((value, i) => ({ value: Buffer.from(value), lane: this.#lanes[from + i]! }));
  }

  async append(versions: readonly Version[]): Promise<number> {
    const { chance } = { chance: (p: number) => this.#scheduler.chance(p) };
    await this.#scheduler.turn();
    if (chance(this.faults.lost)) throw new Error('the request was lost');
    if (chance(this.faults.late)) {
      void this.#scheduler
        .turn()
        .then(() => this.#scheduler.turn())
        .then(() => this.#write(versions));
      throw new Error('timed out');
    }
    const at = this.#write(versions);
    await this.#scheduler.turn();
    if (chance(this.faults.unanswered)) throw new Error('the acknowledgement was lost');
    return at;
  }

  #write(versions: readonly Version[]): number {
    this.#lanes.push(...versions.map(({ lane }) => lane));
    return this.values.push(...versions.map(({ value }) => value)) - versions.length;
  }
}

export class MemoryOutlets implements Outlets {
  readonly replies: CommandReply[] = [];
  readonly refused: RejectedRecord[] = [];

  async reply(replies: readonly CommandReply[]): Promise<void> {
    this.replies.push(...replies);
  }

  async refuse(records: readonly RejectedRecord[]): Promise<void> {
    this.refused.push(...records);
  }
}

export class MemoryLane {
  readonly records: LaneInput[] = [];

  append(value: unknown, timestamp: number): void {
    const bytes = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
    this.records.push({ offset: this.records.length, timestamp, value: bytes });
  }

  from(offset: number, limit: number): LaneInput[] {
    return this.records.slice(offset, offset + limit);
  }
}
