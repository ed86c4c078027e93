// Records of a checkpoint topic: CHUNK (changed or rolled-over entries of state) and COMMIT (what makes chunks a checkpoint).
// A record is one line of JSON header and, in a chunk, a line feed and a JSON array of runs: entries of one table that follow each other,
// either [table, 1, key, value, key, value, …] or, for keys that are gone, [table, 0, key, key, …], or, for rows that are kept as bytes,
// [table, 2, rows, bytes] (each a line of JSON) or [table, 3, rows, bytes] (each as long as the others), the bytes themselves behind a second
// line feed, run after run. Later entries hold.
import { createHash } from 'node:crypto';
import { type Change, FixedBlock, JsonText, PackedBlock, type RowBlock } from '@yunjian/detection';

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

const [GONE, KEPT, PACKED, FIXED] = [0, 1, 2, 3];

export function encodeChunk(header: ChunkHeader, changes: readonly Change[]): Buffer {
  const runs: string[] = [];
  const blocks: Buffer[] = [];
  for (let from = 0; from < changes.length; ) {
    const { table, value } = changes[from] as Change;
    const kind = kindOf(value);
    let to = from + 1;
    while (to < changes.length && changes[to]?.table === table && kindOf(changes[to]?.value) === kind) to++;
    const name = JSON.stringify(table);
    if (kind >= PACKED) runs.push(`[${name},${kind},${takeBlocks(changes, from, to, blocks)}]`);
    else runs.push(`[${name},${kind},${encodeRun(changes, from, to, kind === KEPT)}]`);
    from = to;
  }
  const entries = Buffer.from(`${JSON.stringify(header)}\n[${runs.join()}]${blocks.length > 0 ? '\n' : ''}`);
  return blocks.length > 0 ? Buffer.concat([entries, ...blocks]) : entries;
}

function kindOf(value: unknown): number {
  if (value === undefined) return GONE;
  return value instanceof PackedBlock ? PACKED : value instanceof FixedBlock ? FIXED : KEPT;
}

/** Adds the blocks of a run; returns their rows and bytes. */
function takeBlocks(changes: readonly Change[], from: number, to: number, blocks: Buffer[]): string {
  let [rows, bytes] = [0, 0];
  for (let i = from; i < to; i++) {
    const block = changes[i]?.value as RowBlock;
    blocks.push(block.bytes);
    rows += block.rows;
    bytes += block.bytes.length;
  }
  return `${rows},${bytes}`;
}

/** Keys and values from one change to before another, separated by commas. */
function encodeRun(changes: readonly Change[], from: number, to: number, kept: boolean): string {
  let texts = '';
  let plain: unknown[] = [];
  const end = () => {
    if (plain.length > 0) texts += `${texts === '' ? '' : ','}${JSON.stringify(plain).slice(1, -1)}`;
    plain = [];
  };
  for (let i = from; i < to; i++) {
    const { key, value } = changes[i] as Change;
    if (value instanceof JsonText) {
      end();
      texts += `${texts === '' ? '' : ','}${JSON.stringify(key)},${value.json}`;
    } else if (kept) plain.push(key, value);
    else plain.push(key);
  }
  end();
  return texts;
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
  const from = value.indexOf(LF) + 1;
  const end = value.indexOf(LF, from);
  const text = value.toString('utf8', from, end < 0 ? value.length : end);
  const runs = JSON.parse(text) as [string, number, ...unknown[]][];
  const changes: Change[] = [];
  let at = end + 1;
  for (const run of runs) {
    const [table, kind] = run;
    if (kind >= PACKED) {
      const [rows, length] = run.slice(2) as [number, number];
      const bytes = value.subarray(at, at + length);
      changes.push({ table, key: '', value: new (kind === PACKED ? PackedBlock : FixedBlock)(bytes, rows), rows });
      at += length;
    } else if (kind === GONE)
      for (let i = 2; i < run.length; i++) changes.push({ table, key: run[i] as string, value: undefined });
    else for (let i = 2; i < run.length; i += 2) changes.push({ table, key: run[i] as string, value: run[i + 1] });
  }
  return changes;
}

/** Hash of a checkpoint's chunks, in order. */
export function hashChunks(values: readonly Buffer[]): string {
  const hash = createHash('sha1');
  for (const value of values) hash.update(value);
  return hash.digest('base64url');
}
