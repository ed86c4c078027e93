// Records of a checkpoint topic: CHUNK (changed or rolled-over entries of state) and COMMIT (what makes chunks a checkpoint).
// A record is one line of JSON header and, in a chunk, a line feed and a JSON array of runs: entries of one table that follow each other,
// either [table, 1, key, value, key, value, …] or, for keys that are gone, [table, 0, key, key, …]. Later entries hold.
import { hash } from 'node:crypto';
import { type Change, JsonText } from '@yunjian/detection';

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

export function encodeChunk(header: ChunkHeader, changes: readonly Change[]): Buffer {
  const runs: string[] = [];
  for (let from = 0; from < changes.length; ) {
    const { table, value } = changes[from] as Change;
    const kept = value !== undefined;
    let to = from + 1;
    while (to < changes.length && changes[to]?.table === table && (changes[to]?.value !== undefined) === kept) to++;
    runs.push(`[${JSON.stringify(table)},${kept ? 1 : 0},${encodeRun(changes, from, to, kept)}]`);
    from = to;
  }
  return Buffer.from(`${JSON.stringify(header)}\n[${runs.join()}]`);
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
  const runs = JSON.parse(value.toString('utf8', value.indexOf(LF) + 1)) as [string, 0 | 1, ...unknown[]][];
  const changes: Change[] = [];
  for (const run of runs) {
    const [table, kept] = run;
    if (kept === 0)
      for (let i = 2; i < run.length; i++) changes.push({ table, key: run[i] as string, value: undefined });
    else for (let i = 2; i < run.length; i += 2) changes.push({ table, key: run[i] as string, value: run[i + 1] });
  }
  return changes;
}

/** Hash of a checkpoint's chunks, in order. */
export function hashChunks(values: readonly Buffer[]): string {
  return hash('sha1', Buffer.concat(values), 'base64url');
}
