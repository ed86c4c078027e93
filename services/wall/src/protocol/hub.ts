// Everyone who watches: each batch of the log becomes, per filter, one delta that is encoded once and shared as bytes.
import type { Filter } from '../alerts/filter.ts';
import type { AlertStore, Change } from '../alerts/store.ts';
import { delOp, deltaTail, encode, encodeDelta, putOp } from './messages.ts';
import { partPosition, readPosition, type Standing, wholePosition } from './position.ts';
import { Snapshots } from './snapshot.ts';
import { MAX_FRAME_CHARS, MAX_OPS, type Outlet, Subscription } from './subscription.ts';

export interface Watcher extends Outlet {
  /** The connection holds more unsent bytes than it may: it is cut, whoever watches beside it loses nothing. */
  cutAsSlow(): void;
}

interface Group {
  filter: Filter;
  members: Map<Subscription, Watcher>;
}

export interface HubOptions {
  /** Unsent bytes at which a client is too slow. */
  maxBufferedBytes: number;
}

interface Chunk {
  next: number;
  at: string;
  tail: string;
}

export class Hub {
  readonly store: AlertStore;
  #epoch: string;
  #groups = new Map<string, Group>();
  #snapshots: Snapshots;
  #options: HubOptions;
  #shut = false;

  constructor(store: AlertStore, epoch: string, options: HubOptions) {
    this.store = store;
    this.#epoch = epoch;
    this.#snapshots = new Snapshots(store);
    this.#options = options;
  }

  get epoch(): string {
    return this.#epoch;
  }

  get subscriptions(): number {
    let count = 0;
    for (const group of this.#groups.values()) count += group.members.size;
    return count;
  }

  /**
   * Starts a subscription: resumed where `since` is a position of this log, else with a snapshot, announced by a `reset` when the
   * client had asked to resume.
   */
  subscribe(watcher: Watcher, id: string, filter: Filter, since?: { epoch: string; pos: string }): Subscription {
    const subscription = this.#join(watcher, id, filter);
    if (this.#shut) return subscription;
    const standing = since === undefined ? null : this.#resumable(since);
    if (since !== undefined && standing !== null) {
      subscription.resume(standing, since.pos);
      return subscription;
    }
    if (since !== undefined) watcher.send(encode({ t: 'reset', id, reason: 'position_unknown' }));
    subscription.startFrom(this.#snapshots.of(filter));
    return subscription;
  }

  unsubscribe(subscription: Subscription): void {
    subscription.stop();
    const group = this.#groups.get(subscription.filter.key);
    group?.members.delete(subscription);
    if (group?.members.size === 0) this.#groups.delete(subscription.filter.key);
  }

  /** Sends what one batch of the log changed to everybody whom it concerns. */
  publish(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    for (const group of [...this.#groups.values()]) {
      const chunks = this.#chunks(group.filter, changes);
      if (chunks.length === 0) continue;
      const frames = new Map<string, Buffer>();
      for (const [subscription, watcher] of [...group.members]) {
        if (!subscription.live) continue;
        if (watcher.buffered() > this.#options.maxBufferedBytes) watcher.cutAsSlow();
        else
          for (const chunk of chunks)
            subscription.deliver(sharedFrame(frames, subscription, chunk), chunk.next, chunk.at);
      }
    }
  }

  /** Nobody is served until `restart`: what is being loaded was never the state of the log. */
  shut(): void {
    this.#shut = true;
    for (const { members } of this.#groups.values()) for (const subscription of members.keys()) subscription.stop();
  }

  /** The log is another one, or has a hole: everybody starts again with a snapshot of what the store now holds. */
  restart(epoch: string, reason: string): void {
    this.#shut = false;
    this.#epoch = epoch;
    this.#snapshots.clear();
    for (const group of [...this.#groups.values()]) {
      for (const [subscription, watcher] of [...group.members]) {
        watcher.send(encode({ t: 'reset', id: subscription.id, reason }));
        subscription.restart(epoch, this.#snapshots.of(subscription.filter));
      }
    }
  }

  /** Lets go of snapshots kept for clients that come at once. */
  sweep(): void {
    this.#snapshots.clear();
  }

  #join(watcher: Watcher, id: string, filter: Filter): Subscription {
    let group = this.#groups.get(filter.key);
    if (group === undefined) {
      group = { filter, members: new Map() };
      this.#groups.set(filter.key, group);
    }
    const subscription = new Subscription(id, group.filter, watcher, this.store, this.#epoch);
    group.members.set(subscription, watcher);
    return subscription;
  }

  #resumable(since: { epoch: string; pos: string }): Standing | null {
    const standing = since.epoch === this.#epoch ? readPosition(since.pos) : null;
    return standing !== null && standing.next <= standing.asOf && standing.asOf <= this.store.position
      ? standing
      : null;
  }

  #chunks(filter: Filter, changes: readonly Change[]): Chunk[] {
    const chunks: Chunk[] = [];
    let ops: string[] = [];
    let chars = 0;
    const asOf = this.store.position;
    const close = (next: number, more: boolean) => {
      const at = more ? partPosition({ next, asOf }) : wholePosition(next);
      chunks.push({ next, at, tail: deltaTail(this.#epoch, at, ops, more) });
      ops = [];
      chars = 0;
    };
    let last = 0;
    for (const { before, after } of changes) {
      let op: string;
      if (filter.matches(after)) op = putOp(after.json);
      else if (before !== null && filter.matches(before)) op = delOp(after.id);
      else continue;
      if (ops.length >= MAX_OPS || chars >= MAX_FRAME_CHARS) close(last + 1, true);
      ops.push(op);
      chars += op.length;
      last = after.position;
    }
    if (ops.length > 0) close(asOf, false);
    return chunks;
  }
}

function sharedFrame(frames: Map<string, Buffer>, subscription: Subscription, chunk: Chunk): Buffer {
  const key = `${subscription.at} ${chunk.at} ${subscription.id}`;
  let frame = frames.get(key);
  if (frame === undefined) {
    frame = encodeDelta(subscription.id, subscription.at, chunk.tail);
    frames.set(key, frame);
  }
  return frame;
}
