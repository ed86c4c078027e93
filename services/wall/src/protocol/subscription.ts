// One subscription of one client: first brought up to date at the client's own pace, then live.

import type { Filter } from '../alerts/filter.ts';
import type { AlertStore } from '../alerts/store.ts';
import { delOp, deltaTail, encodeDelta, encodeSnapshotPart, putOp } from './messages.ts';
import type { Snapshot } from './snapshot.ts';

/** The client's side of a connection, as far as sending goes. */
export interface Outlet {
  /** `onWritten` is called once the bytes have left this process. */
  send(frame: Buffer, onWritten?: () => void): void;
  /** Bytes handed over and not yet written. */
  buffered(): number;
}

/** While more than this waits in a socket, a snapshot or a resume pauses. */
const PACE_BYTES = 512 * 1024;
/** Bounds of one delta frame. */
export const MAX_OPS = 500;
export const MAX_FRAME_CHARS = 256 * 1024;

export class Subscription {
  readonly id: string;
  readonly filter: Filter;
  /** Everything below this offset of the log has been sent. */
  position = 0;
  live = false;
  #outlet: Outlet;
  #store: AlertStore;
  #epoch: string;
  #snapshot: { parts: readonly (readonly string[])[]; next: number } | null = null;
  #closed = false;
  #pumping = false;

  constructor(id: string, filter: Filter, outlet: Outlet, store: AlertStore, epoch: string) {
    this.id = id;
    this.filter = filter;
    this.#outlet = outlet;
    this.#store = store;
    this.#epoch = epoch;
  }

  /** The whole picture in parts, then what changed meanwhile, then live. */
  startFrom(snapshot: Snapshot): void {
    this.position = snapshot.position;
    this.#snapshot = { parts: snapshot.parts, next: 0 };
    this.#pump();
  }

  /** The log is another one: begins again with its picture. */
  restart(epoch: string, snapshot: Snapshot): void {
    this.#epoch = epoch;
    this.live = false;
    this.startFrom(snapshot);
  }

  /** Only what changed since a position of the same log; an empty delta when that is nothing, so that the client knows. */
  resume(position: number): void {
    this.position = position;
    if (this.#store.changedSince(position, 1).length === 0)
      this.deliver(
        encodeDelta(this.id, position, deltaTail(this.#epoch, this.#store.position, [])),
        this.#store.position,
      );
    this.#pump();
  }

  close(): void {
    this.#closed = true;
    this.live = false;
  }

  /** A frame shared with others: the caller knows that it starts at this subscription's position. */
  deliver(frame: Buffer, to: number): void {
    this.#outlet.send(frame);
    this.position = to;
  }

  #pump = (): void => {
    if (this.#pumping || this.#closed || this.live) return;
    this.#pumping = true;
    try {
      while (!this.live) {
        if (this.#outlet.buffered() > PACE_BYTES) return;
        if (this.#snapshot !== null) this.#sendPart(this.#snapshot);
        else if (!this.#sendCatchUp()) this.live = true;
      }
    } finally {
      this.#pumping = false;
    }
  };

  #sendPart(snapshot: { parts: readonly (readonly string[])[]; next: number }): void {
    const part = snapshot.next++;
    const last = snapshot.next >= snapshot.parts.length;
    if (last) this.#snapshot = null;
    const of = { id: this.id, part, last, epoch: this.#epoch, to: this.position };
    this.#outlet.send(encodeSnapshotPart(of, snapshot.parts[part] ?? []), this.#pump);
  }

  /** Sends the next delta; false when there is nothing left. An alert that does not fit is deleted: harmless if it was never there. */
  #sendCatchUp(): boolean {
    const changed = this.#store.changedSince(this.position, MAX_OPS);
    if (changed.length === 0) return false;
    const ops: string[] = [];
    let chars = 0;
    let to = this.#store.position;
    for (const [i, entry] of changed.entries()) {
      const op = this.filter.matches(entry) ? putOp(entry.json) : delOp(entry.id);
      ops.push(op);
      chars += op.length;
      const next = changed[i + 1];
      if (chars >= MAX_FRAME_CHARS && next !== undefined) {
        to = entry.position + 1;
        break;
      }
      if (i + 1 === MAX_OPS) to = entry.position + 1;
    }
    this.#outlet.send(encodeDelta(this.id, this.position, deltaTail(this.#epoch, to, ops)), this.#pump);
    this.position = to;
    return true;
  }
}
