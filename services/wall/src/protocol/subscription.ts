// One subscription of one client: first brought up to date at the client's own pace, then live.

import type { Filter } from '../alerts/filter.ts';
import type { AlertStore } from '../alerts/store.ts';
import { delOp, deltaTail, encodeDelta, encodeSnapshotPart, putOp } from './messages.ts';
import { partPosition, type Standing, wholePosition } from './position.ts';
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
  /** Everything whose newest version lies below this offset of the log has been sent. */
  next = 0;
  /** The position that the client was told last. */
  at = wholePosition(0);
  live = false;
  #outlet: Outlet;
  #store: AlertStore;
  #epoch: string;
  #snapshot: { parts: readonly (readonly string[])[]; next: number } | null = null;
  #stopped = false;
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
    this.#stand(snapshot.position, wholePosition(snapshot.position));
    this.#stopped = false;
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
  resume({ next }: Standing, at: string): void {
    this.#stand(next, at);
    if (this.#store.changedSince(next, 1).length === 0) this.#sendDelta([], null);
    this.#pump();
  }

  /** Nothing more is sent, unless it starts anew. */
  stop(): void {
    this.#stopped = true;
    this.live = false;
  }

  /** A frame shared with others: the caller knows that it starts where this subscription is. */
  deliver(frame: Buffer, next: number, at: string): void {
    this.#outlet.send(frame);
    this.#stand(next, at);
  }

  #stand(next: number, at: string): void {
    this.next = next;
    this.at = at;
  }

  #pump = (): void => {
    if (this.#pumping || this.#stopped || this.live) return;
    this.#pumping = true;
    try {
      while (!this.live && !this.#stopped) {
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
    const of = { id: this.id, part, last, epoch: this.#epoch, to: this.at };
    this.#outlet.send(encodeSnapshotPart(of, snapshot.parts[part] ?? []), this.#pump);
  }

  /** Sends the next delta; false when there is nothing left. An alert that does not fit is deleted: harmless if it was never there. */
  #sendCatchUp(): boolean {
    const changed = this.#store.changedSince(this.next, MAX_OPS);
    if (changed.length === 0 && this.at === wholePosition(this.next)) return false;
    const ops: string[] = [];
    let chars = 0;
    let cutAt: number | null = null;
    for (const [i, entry] of changed.entries()) {
      const op = this.filter.matches(entry) ? putOp(entry.json) : delOp(entry.id);
      ops.push(op);
      chars += op.length;
      if (i + 1 === MAX_OPS || (chars >= MAX_FRAME_CHARS && i + 1 < changed.length)) {
        cutAt = entry.position + 1;
        break;
      }
    }
    this.#sendDelta(ops, cutAt);
    return true;
  }

  /** @param cutAt offset behind the last op where more are to follow; null: these are all */
  #sendDelta(ops: readonly string[], cutAt: number | null): void {
    const asOf = this.#store.position;
    const next = cutAt ?? asOf;
    const to = cutAt === null ? wholePosition(asOf) : partPosition({ next, asOf });
    this.#outlet.send(encodeDelta(this.id, this.at, deltaTail(this.#epoch, to, ops, cutAt !== null)), this.#pump);
    this.#stand(next, to);
  }
}
