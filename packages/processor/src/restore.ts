// Reads a partition's state back from its checkpoint log, trusting nothing: the chain of COMMITs, contiguous numbers, every hash.
import type { KeyedState } from '@yunjian/detection';
import { type ChunkHeader, type Commit, hashChunks, readEntries, readHeader } from './format.ts';
import { CheckpointBroken, type CheckpointLog, type StoredRecord } from './ports.ts';

export interface Restored {
  /** Next offset of the lane partition to process; null: start at the lane's beginning. */
  input: number | null;
  /** Where the next writer continues. */
  next: { n: number; prev: number | null; base: number | null };
  entries: number;
}

const REMEDY =
  'Do not delete the checkpoint topic. Either restore the group offset of the checkpoint topic to the last COMMIT (docs/operations.md, "A lost pointer"), or rebuild the partition from the lane by resetting both (same page).';

/**
 * Loads the checkpoint that the pointer names into `state`.
 * @throws CheckpointBroken when the pointer is missing over a log that is not empty, or the chain, a hash or a chunk does not hold.
 */
export async function restoreCheckpoint(log: CheckpointLog, state: KeyedState, where: string): Promise<Restored> {
  const [committed, bounds] = await Promise.all([log.pointer(), log.bounds()]);
  if (committed === null) {
    if (bounds.next === 0) return { input: null, next: { n: 0, prev: null, base: null }, entries: 0 };
    if (!(await hadPointer(log, bounds))) return { input: null, next: { n: 0, prev: null, base: null }, entries: 0 };
    throw new CheckpointBroken(
      `${where}: no checkpoint pointer, but the checkpoint log holds checkpoints up to offset ${bounds.next}. ${REMEDY}`,
    );
  }
  const pointer = await furthest(log, committed, bounds);
  if (pointer < bounds.low || pointer >= bounds.next)
    throw new CheckpointBroken(
      `${where}: the checkpoint pointer is ${pointer}, but the log holds offsets ${bounds.low} to ${bounds.next - 1}. ${REMEDY}`,
    );
  const last = await commitAt(log, pointer, where);
  const next = { n: last.n + 1, prev: pointer, base: last.base };
  if (last.base === null) return { input: last.input, next, entries: 0 };
  if (last.base < bounds.low)
    throw new CheckpointBroken(`${where}: base ${last.base} lies below the log's start ${bounds.low}. ${REMEDY}`);
  const records = await log.read(last.base, pointer + 1);
  const entries = load(state, chain(records, pointer, last.base, where), records, where);
  return { input: last.input, next, entries };
}

/**
 * Whether a pointer was ever committed: only then does a COMMIT follow another. COMMITs that follow none are those of runs that ended
 * between their first COMMIT and its pointer, and the lane is read from its beginning again.
 */
async function hadPointer(log: CheckpointLog, bounds: { low: number; next: number }): Promise<boolean> {
  const records = await log.read(bounds.low, bounds.next);
  return records.some(({ value }) => {
    const header = readHeader(value);
    return header.t === 'commit' && header.prev !== null;
  });
}

/**
 * A commit of the pointer whose answer was lost may land later, behind a newer one, and move it back. A COMMIT that another names as the
 * one before it had the pointer, so the last of those counts where it lies beyond.
 */
async function furthest(
  log: CheckpointLog,
  pointer: number,
  { low, next }: { low: number; next: number },
): Promise<number> {
  const commits = new Map<number, Commit>();
  for (const { offset, value } of await log.read(Math.max(pointer + 1, low), next)) {
    const header = readHeader(value);
    if (header.t === 'commit') commits.set(offset, header);
  }
  let last = pointer;
  for (const { prev } of commits.values()) if (prev !== null && prev > last && commits.has(prev)) last = prev;
  return last;
}

async function commitAt(log: CheckpointLog, offset: number, where: string): Promise<Commit> {
  const [record] = await log.read(offset, offset + 1);
  const header = record === undefined ? null : readHeader(record.value);
  if (header === null || header.t !== 'commit')
    throw new CheckpointBroken(`${where}: the pointer names offset ${offset}, which holds no COMMIT. ${REMEDY}`);
  return header;
}

/**
 * COMMITs from that of the checkpoint in which the base begins to the pointer, oldest first. The COMMIT before may lie behind the base: it
 * waited for its effects while the first chunks of the next were written, and is covered by the base.
 */
function chain(records: readonly StoredRecord[], pointer: number, base: number, where: string): Commit[] {
  const commits = new Map<number, Commit>();
  for (const { offset, value } of records) {
    const header = readHeader(value);
    if (header.t === 'commit') commits.set(offset, header);
  }
  const [first] = records;
  const header = first?.offset === base ? readHeader(first.value) : null;
  if (header?.t !== 'chunk')
    throw new CheckpointBroken(`${where}: the base names offset ${base}, which holds no chunk. ${REMEDY}`);
  const found: Commit[] = [];
  for (let at: number | null = pointer; (found.at(-1)?.n ?? Number.POSITIVE_INFINITY) > header.n; ) {
    const commit: Commit | undefined = at === null ? undefined : commits.get(at);
    const newer = found.at(-1);
    if (commit === undefined)
      throw new CheckpointBroken(`${where}: COMMIT at ${at} is missing from the chain. ${REMEDY}`);
    if (newer !== undefined && commit.n !== newer.n - 1)
      throw new CheckpointBroken(
        `${where}: checkpoint ${newer.n} follows ${commit.n}: the chain has a hole. ${REMEDY}`,
      );
    found.push(commit);
    at = commit.prev;
  }
  return found.reverse();
}

function load(state: KeyedState, commits: readonly Commit[], records: readonly StoredRecord[], where: string): number {
  const chunks = new Map<string, Buffer>();
  for (const { value } of records) {
    const header = readHeader(value);
    if (header.t === 'chunk') chunks.set(keyOf(header), value);
  }
  let entries = 0;
  for (const commit of commits) {
    const values: Buffer[] = [];
    for (let i = 0; i < commit.chunks; i++) {
      const value = chunks.get(keyOf({ owner: commit.owner, n: commit.n, i }));
      if (value === undefined)
        throw new CheckpointBroken(`${where}: chunk ${i} of checkpoint ${commit.n} is missing. ${REMEDY}`);
      values.push(value);
    }
    if (hashChunks(values) !== commit.hash)
      throw new CheckpointBroken(`${where}: checkpoint ${commit.n} does not match its hash. ${REMEDY}`);
    for (const value of values)
      for (const change of readEntries(value)) {
        state.load(change);
        entries += change.rows ?? 1;
      }
  }
  return entries;
}

function keyOf({ owner, n, i }: Omit<ChunkHeader, 't'>): string {
  return `${owner}/${n}/${i}`;
}
