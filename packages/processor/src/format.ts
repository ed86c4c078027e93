// Records of a checkpoint topic: CHUNK (changed or rolled-over entries of state) and COMMIT (what makes chunks a checkpoint).
// A record is one line of JSON header and, in a chunk, a line feed and a JSON array of [table, key, value?] entries.
import { hash } from 'node:crypto';
import type { Change } from '@yunjian/detection';

const LF = 10;

export interface ChunkHeader {
  t: 'chunk';
  /** Names the run that wrote it: unique per process and assignment. */
  owner: string;
  /** Checkpoint number it belongs to. */
  n: number;
  /** Number within the checkpoint, from 0. */
  i: number;
}

export interface Commit {
  t: 'commit';
  owner: string;
  n: number;
  /** Offset of the previous COMMIT, null for the first. */
  prev: number | null;
  /** Offset from which a reader must start to meet every entry: the first chunk of the last finished round. Null: the state is empty. */
  base: number | null;
  /** Next offset of the lane partition: everything below is in the state. */
  input: number;
  /** Number of chunks of this checkpoint. */
  chunks: number;
  /** SHA-1 over the chunks' values in order, base64url. */
  hash: string;
}

export function encodeChunk(header: ChunkHeader, entries: readonly string[]): Buffer {
  return Buffer.from(`${JSON.stringify(header)}\n[${entries.join(',')}]`);
}

/** One entry as JSON text: [table, key] for a key that is gone, [table, key, value] otherwise. */
export function encodeEntry(change: Change): string {
  return change.value === undefined
    ? `[${JSON.stringify(change.table)},${JSON.stringify(change.key)}]`
    : `[${JSON.stringify(change.table)},${JSON.stringify(change.key)},${JSON.stringify(change.value)}]`;
}

export function encodeCommit(commit: Commit): Buffer {
  return Buffer.from(JSON.stringify(commit));
}

/** @throws SyntaxError when the value is no checkpoint record. */
export function readHeader(value: Buffer): ChunkHeader | Commit {
  const end = value.indexOf(LF);
  return JSON.parse(value.toString('utf8', 0, end < 0 ? value.length : end)) as ChunkHeader | Commit;
}

export function readEntries(value: Buffer): Change[] {
  const rows = JSON.parse(value.toString('utf8', value.indexOf(LF) + 1)) as [string, string, unknown?][];
  return rows.map(([table, key, entry]) => ({ table, key, value: entry }));
}

/** Hash of a checkpoint's chunks, in order. */
export function hashChunks(values: readonly Buffer[]): string {
  return hash('sha1', Buffer.concat(values), 'base64url');
}
