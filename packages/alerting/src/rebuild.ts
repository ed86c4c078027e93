// The state rebuilt from the alert log, when no checkpoint is left: what stands is known from the log, and where the lane was from the
// last record. What only a checkpoint knows is lost: causes taken, outcomes remembered, and since when an alert waits (its last version
// counts).
import type { AlertRecord } from '@yunjian/contracts';
import { type Held, waits } from './book.ts';
import type { Progress, StateTables } from './tables.ts';

export class Rebuild {
  readonly #tables: StateTables;
  #lane: number | null = null;
  #clock = 0;

  constructor(tables: StateTables) {
    this.#tables = tables;
  }

  /** Takes a record of the log, in order. @param lane offset of the lane record that led to it; null where the log does not say. */
  take(record: AlertRecord, lane: number | null): void {
    const alerts = this.#tables.table<Held>('alerts');
    const held = alerts.get(record.alert_id);
    if (lane !== null) this.#lane = Math.max(this.#lane ?? 0, lane);
    if (held !== undefined && held.record.version >= record.version) return;
    const updated = Date.parse(record.updated_at);
    this.#clock = Math.max(this.#clock, updated);
    alerts.set(record.alert_id, { record, waitingSince: waits(record) ? updated : null });
  }

  /**
   * @param laneLow first offset that the lane still holds
   * @returns the offset from which the lane is to be decided: the last one that led to something, since it may have led to more.
   */
  finish(laneLow: number): number {
    const next = Math.max(laneLow, this.#lane ?? laneLow);
    this.#tables.table<Progress>('progress').set('lane', { next, clock: this.#clock });
    return next;
  }
}
