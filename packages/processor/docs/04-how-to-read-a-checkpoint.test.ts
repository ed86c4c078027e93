// Chapter 4: how to read a checkpoint. The log of one partition holds CHUNKs (entries of state) and COMMITs (what makes chunks a
// checkpoint); the group's offset of the checkpoint topic, the pointer, says which COMMIT counts.
import { KeyedState } from '@yunjian/detection';
import { describe, expect, test } from 'vitest';
import {
  CheckpointBroken,
  CheckpointWriter,
  type Commit,
  hashChunks,
  MemoryCheckpointLog,
  readEntries,
  readHeader,
  restoreCheckpoint,
} from '../src/index.ts';

/** A log with `checkpoints` checkpoints of a state in which one key changes each time. */
async function written(checkpoints: number) {
  const log = new MemoryCheckpointLog();
  const state = new KeyedState();
  const writer = new CheckpointWriter(state, log.join(), { owner: 'machine/4711/run', n: 0, prev: null, base: null });
  for (let n = 0; n < checkpoints; n++) {
    state.table<number>('counts').set(`P3211000000${n % 3}`, n);
    writer.collect();
    await writer.commit((n + 1) * 100, Promise.resolve());
  }
  return { log, state };
}

async function commitAt(log: MemoryCheckpointLog, offset: number): Promise<Commit> {
  const [record] = await log.read(offset, offset + 1);
  return readHeader(record?.value as Buffer) as Commit;
}

const contents = (state: KeyedState) =>
  [...state.all()].map(({ table, key, value }) => `${table}/${key}=${value}`).sort();

describe('how to read a checkpoint', () => {
  test('the pointer names a COMMIT: its number, its owner, and the lane offset at which the state stands', async () => {
    const { log } = await written(3);
    const pointer = (await log.pointer()) as number;
    expect(await commitAt(log, pointer)).toMatchObject({ t: 'commit', owner: 'machine/4711/run', n: 2, input: 300 });
  });

  test('COMMITs are a chain: each names the one before, and numbers follow one another', async () => {
    const { log } = await written(4);
    const numbers: number[] = [];
    const { low } = await log.bounds();
    for (let at = await log.pointer(); at !== null && at >= low; ) {
      const commit: Commit = await commitAt(log, at);
      numbers.push(commit.n);
      at = commit.prev;
    }
    expect(numbers.length).toBeGreaterThan(1);
    expect(numbers).toEqual([3, 2, 1, 0].slice(0, numbers.length));
  });

  test('the base is where a reader begins: below it nothing is needed, and what lies two bases back is deleted', async () => {
    const { log } = await written(40);
    const { base } = await commitAt(log, (await log.pointer()) as number);
    const { low } = await log.bounds();
    expect(low).toBeGreaterThan(0);
    expect(base).toBeGreaterThanOrEqual(low);
  });

  test('a chunk is a header and entries, readable with any tool; its COMMIT holds their hash', async () => {
    const { log } = await written(1);
    const { low, next } = await log.bounds();
    const records = await log.read(low, next);
    const chunks = records.map(({ value }) => value).filter((value) => readHeader(value).t === 'chunk');
    expect(chunks.flatMap(readEntries)).toContainEqual({ table: 'counts', key: 'P32110000000', value: 0 });
    const commit = await commitAt(log, (await log.pointer()) as number);
    expect(commit.chunks).toBe(chunks.length);
    expect(commit.hash).toBe(hashChunks(chunks));
  });

  test('to restore is to load every entry from the base on, the newest last', async () => {
    const { log, state } = await written(10);
    const again = new KeyedState();
    const { input, next } = await restoreCheckpoint(log.join(), again, 'yj.checkpoint.institution/0');
    expect(contents(again)).toEqual(contents(state));
    expect(input).toBe(1_000);
    // The next writer goes on in the chain.
    expect(next).toMatchObject({ n: 10, prev: await log.pointer() });
  });

  test('chunks behind the pointer are of a run that ended: nobody reads them', async () => {
    const { log, state } = await written(2);
    const dead = new CheckpointWriter(state, log.join(), { owner: 'dead', n: 2, prev: await log.pointer(), base: 0 });
    log.before = (operation) => {
      if (operation === 'commit') throw new Error('killed before the pointer moved');
    };
    state.table('counts').set('P32110000009', 9);
    dead.collect();
    await expect(dead.commit(300, Promise.resolve())).rejects.toThrow('killed');
    log.before = () => {};

    const again = new KeyedState();
    expect((await restoreCheckpoint(log.join(), again, 'test/0')).input).toBe(200);
    expect(contents(again)).not.toContain('counts/P32110000009=9');
  });

  test('a pointer that is gone stops the partition with a remedy, and never starts afresh', async () => {
    const { log } = await written(3);
    const lost = { ...log.join(), pointer: async () => null };
    const restored = restoreCheckpoint(lost, new KeyedState(), 'yj.checkpoint.institution/0');
    await expect(restored).rejects.toThrow(CheckpointBroken);
    await expect(restored).rejects.toThrow(/Do not delete the checkpoint topic/);
  });
});
