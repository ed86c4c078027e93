// Writes a partition's checkpoints: changes as they come, a slice of everything in turn (a rolling base, never a stop-the-world
// snapshot), and a COMMIT whose pointer the coordinator fences.
import { createHash, type Hash } from 'node:crypto';
import type { Change, KeyedState } from '@yunjian/detection';
import { encodeChunk, encodeCommit } from './format.ts';
import type { CheckpointLog } from './ports.ts';

/** Rows of a chunk: about 100 KB of them, written in a millisecond. */
const CHUNK_ROWS = 1_000;
/** A chunk above this is written as two: the broker takes no more than about 1 MB. */
const CHUNK_BYTES = 700 * 1024;
/** A round over the whole state takes about this many collections. */
const SLICES_PER_ROUND = 64;
const SLICE_MIN = 200;
const SLICE_MAX = 4000;
/** By `changes`: rows of the base for one that has changed, and at least so many, so that a round ends also where little changes. */
const BASE_OF_CHANGES = 0.5;
const SHARE_MIN = 8;
/** Finished rounds kept on the broker. */
const BASES_KEPT = 2;

export interface WriterStart {
  owner: string;
  /** Number of the next checkpoint. */
  n: number;
  prev: number | null;
  /** Base of the checkpoint restored from; null on a fresh start. */
  base: number | null;
  /**
   * How much of the base each collection writes: a share of the state, so that a round takes about 64 collections (default), or half as many
   * rows as have changed, so that the base costs less than the changes do, however large the state is.
   */
  pace?: 'state' | 'changes';
}

export class CheckpointWriter {
  #state: KeyedState;
  readonly #log: CheckpointLog;
  readonly #owner: string;
  readonly #pace: 'state' | 'changes';
  #n: number;
  #prev: number | null;
  #bases: number[];
  /** Offset of the first chunk of each checkpoint that may yet become a base. */
  readonly #firstChunk = new Map<number, number>();
  #pending: Change[] = [];
  #pendingRows = 0;
  #chunks = 0;
  #hash: Hash = createHash('sha1');
  #round: Iterator<Change> | null = null;
  /** Checkpoint in which the round under way began. */
  #roundBegan: number;
  #roundFinished = false;
  /** On a fresh start everything is in the changes, so the first chunk of all is a base until a round is finished. */
  #freshFrom: number | null;
  /**
   * Below this the last COMMIT needs nothing. Deleted with the next one, which names the last: should the pointer be moved back by a commit
   * that lands late, the log still says how far it had come.
   */
  #unneeded: number | null = null;
  #sent: Promise<void> = Promise.resolve();
  #failure: unknown = null;

  constructor(state: KeyedState, log: CheckpointLog, start: WriterStart) {
    this.#state = state;
    this.#log = log;
    this.#owner = start.owner;
    this.#pace = start.pace ?? 'state';
    this.#n = start.n;
    this.#prev = start.prev;
    this.#bases = start.base === null ? [] : [start.base];
    this.#roundBegan = start.n;
    this.#freshFrom = start.base === null ? start.n : null;
  }

  /** Encodes what changed since the last call, and the next slice of the round. Call between batches: it costs in proportion to them. */
  collect(): void {
    const changes = this.#state.takeChanges('lasting');
    let rows = 0;
    for (const change of changes) {
      this.#add(change);
      rows += change.rows ?? 1;
    }
    if (this.#pace === 'changes')
      this.#addSlice(Math.max(SHARE_MIN, Math.min(SLICE_MAX, Math.ceil(rows * BASE_OF_CHANGES))));
    else this.#addSlice(Math.min(SLICE_MAX, Math.max(SLICE_MIN, Math.ceil(this.#state.size / SLICES_PER_ROUND))));
  }

  /** Goes on with another state of the same content. All of it is written: what was changed in place, and not said, is then there too. */
  follow(state: KeyedState): void {
    for (const change of this.#state.takeChanges()) this.#add(change);
    this.#state = state;
    this.#round = null;
    for (const change of state.all()) this.#add(change);
  }

  /**
   * Makes what was collected a checkpoint: chunks acknowledged, then COMMIT acknowledged, then the pointer.
   * @param input next offset of the lane partition as of now; nothing may be processed before this has begun.
   * @param effects resolves once every effect of the records below `input` is acknowledged.
   * @throws Fenced, or what the log threw: the partition must then be dropped and restored.
   */
  async commit(input: number, effects: Promise<unknown>): Promise<void> {
    // What changes with every record is written once, as of now: between batches, so as of `input`.
    for (const change of this.#state.takeChanges()) this.#add(change);
    this.#flush();
    const finished = this.#roundFinished ? this.#roundBegan : null;
    const commit = { n: this.#n++, chunks: this.#chunks, hash: this.#hash.digest('base64url') };
    this.#chunks = 0;
    this.#hash = createHash('sha1');
    this.#roundFinished = false;
    await Promise.all([effects, this.#sent]);
    if (this.#failure !== null) throw this.#failure;
    const base = this.#baseAfter(finished);
    const at = await this.#log.append([
      encodeCommit({ t: 'commit', owner: this.#owner, prev: this.#prev, base, input, ...commit }),
    ]);
    await this.#log.commitPointer(at, input);
    this.#prev = at;
    const unneeded = this.#unneeded;
    this.#unneeded = null;
    if (this.#bases.length > BASES_KEPT) {
      this.#bases = this.#bases.slice(-BASES_KEPT);
      this.#unneeded = this.#bases[0] as number;
    }
    if (unneeded !== null) await this.#log.trim(unneeded);
  }

  /** Offset of the last COMMIT whose pointer this writer moved, or was restored from. */
  get pointer(): number | null {
    return this.#prev;
  }

  /** Whether something was collected that no COMMIT covers yet. */
  get dirty(): boolean {
    return this.#chunks > 0 || this.#pending.length > 0 || this.#state.dirtyCount > 0;
  }

  #baseAfter(finishedRound: number | null): number | null {
    const start = finishedRound === null ? undefined : this.#firstChunk.get(finishedRound);
    if (start !== undefined) {
      this.#bases.push(start);
      this.#freshFrom = null;
      for (const n of this.#firstChunk.keys()) if (n <= (finishedRound as number)) this.#firstChunk.delete(n);
    }
    const fresh = this.#freshFrom === null ? undefined : [...this.#firstChunk.values()][0];
    return this.#bases.at(-1) ?? fresh ?? null;
  }

  #addSlice(rows: number): void {
    if (this.#roundFinished) return;
    if (this.#round === null) {
      this.#round = this.#state.all();
      this.#roundBegan = this.#n;
    }
    for (let left = rows; left > 0; ) {
      const next = this.#round.next();
      if (next.done === true) {
        this.#round = null;
        this.#roundFinished = true;
        return;
      }
      this.#add(next.value);
      left -= next.value.rows ?? 1;
    }
  }

  #add(change: Change): void {
    this.#pending.push(change);
    this.#pendingRows += change.rows ?? 1;
    if (this.#pendingRows >= CHUNK_ROWS) this.#flush();
  }

  #flush(): void {
    const changes = this.#pending;
    this.#pending = [];
    this.#pendingRows = 0;
    if (changes.length > 0) this.#write(changes);
  }

  #write(changes: readonly Change[]): void {
    const [n, i] = [this.#n, this.#chunks];
    const value = encodeChunk({ t: 'chunk', owner: this.#owner, n, i }, changes);
    if (value.length > CHUNK_BYTES && changes.length > 1) {
      const half = changes.length >> 1;
      this.#write(changes.slice(0, half));
      this.#write(changes.slice(half));
      return;
    }
    this.#chunks++;
    this.#hash.update(value);
    this.#sent = this.#sent.then(() => this.#append(value, i === 0 ? n : null));
  }

  async #append(value: Buffer, firstOf: number | null): Promise<void> {
    if (this.#failure !== null) return;
    try {
      const at = await this.#log.append([value]);
      if (firstOf !== null) this.#firstChunk.set(firstOf, at);
    } catch (error) {
      this.#failure = error;
    }
  }
}
