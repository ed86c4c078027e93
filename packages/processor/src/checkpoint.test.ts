// Checkpoints give back the state they were taken of, whatever was interrupted, and refuse what they cannot trust.
import { KeyedState } from '@yunjian/detection';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CheckpointBroken, CheckpointWriter, MemoryCheckpointLog, restoreCheckpoint } from './index.ts';

function contents(state: KeyedState): Record<string, unknown> {
  return Object.fromEntries([...state.all()].map(({ table, key, value }) => [`${table}/${key}`, value]).sort());
}

async function reopened(log: MemoryCheckpointLog) {
  const state = new KeyedState();
  const restored = await restoreCheckpoint(log.join(), state, 'test/0');
  return { state, restored };
}

const operation = fc.oneof(
  fc.record({
    do: fc.constant('set' as const),
    table: fc.constantFrom('a', 'b'),
    key: fc.integer({ min: 0, max: 400 }),
    value: fc.integer(),
  }),
  fc.record({
    do: fc.constant('delete' as const),
    table: fc.constantFrom('a', 'b'),
    key: fc.integer({ min: 0, max: 400 }),
  }),
  fc.record({ do: fc.constantFrom('collect' as const, 'commit' as const, 'restart' as const) }),
);

const paces = fc.constantFrom('state' as const, 'changes' as const);

describe('checkpoint', () => {
  test('the state restored is the state of the last commit, over any history of changes, commits and restarts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 300 }), paces, async (operations, pace) => {
        const log = new MemoryCheckpointLog();
        let state = new KeyedState();
        let writer = new CheckpointWriter(state, log.join(), { owner: 'o0', n: 0, prev: null, base: null, pace });
        let committed = {};
        let input = 0;
        for (const [step, op] of operations.entries()) {
          if (op.do === 'set') state.table(op.table).set(`k${op.key}`, op.value);
          else if (op.do === 'delete') state.table(op.table).delete(`k${op.key}`);
          else if (op.do === 'collect') writer.collect();
          else if (op.do === 'commit') {
            writer.collect();
            if (!writer.dirty) continue;
            await writer.commit(++input, Promise.resolve());
            committed = contents(state);
          } else {
            const { state: again, restored } = await reopened(log);
            expect(contents(again)).toEqual(committed);
            expect(restored.input ?? 0).toBe(input);
            state = again;
            writer = new CheckpointWriter(state, log.join(), { owner: `o${step}`, ...restored.next, pace });
          }
        }
        const { state: last } = await reopened(log);
        expect(contents(last)).toEqual(committed);
      }),
      { numRuns: 100 },
    );
  });

  test('the log stays bounded: two bases are kept, what lies below is deleted', async () => {
    const log = new MemoryCheckpointLog();
    const state = new KeyedState();
    const writer = new CheckpointWriter(state, log.join(), { owner: 'o', n: 0, prev: null, base: null });
    const rows = state.table<number>('rows');
    for (let n = 0; n < 2000; n++) {
      rows.set(`k${n % 500}`, n);
      writer.collect();
      await writer.commit(n + 1, Promise.resolve());
    }
    expect((await log.bounds()).low).toBeGreaterThan(0);
    expect(log.size).toBeLessThan(200);
    expect(contents((await reopened(log)).state)).toEqual(contents(state));
  });

  test('chunks of the next checkpoint may be in the log before a COMMIT that waits for its effects', async () => {
    const log = new MemoryCheckpointLog();
    const state = new KeyedState();
    const writer = new CheckpointWriter(state, log.join(), { owner: 'o', n: 0, prev: null, base: null });
    const rows = state.table<number>('rows');
    const change = (n: number) => {
      for (let i = 0; i < 1500; i++) rows.set(`k${(n * 700 + i) % 4000}`, n);
      writer.collect();
    };
    for (let n = 0; n < 30; n++) {
      change(2 * n);
      const committed = contents(state);
      let acknowledged = () => {};
      const effects = new Promise<void>((resolve) => {
        acknowledged = resolve;
      });
      const committing = writer.commit(n + 1, effects);
      change(2 * n + 1);
      acknowledged();
      await committing;
      const again = new KeyedState();
      expect((await restoreCheckpoint(log, again, 'test/0')).input).toBe(n + 1);
      expect(contents(again)).toEqual(committed);
    }
  });

  test('a zombie is refused its pointer, and its chunks are never read', async () => {
    const log = new MemoryCheckpointLog();
    const zombieState = new KeyedState();
    const zombie = new CheckpointWriter(zombieState, log.join(), { owner: 'zombie', n: 0, prev: null, base: null });
    zombieState.table('t').set('k', 'first');
    zombie.collect();
    await zombie.commit(1, Promise.resolve());
    const { state, restored } = await reopened(log);
    const heir = new CheckpointWriter(state, log.join(), { owner: 'heir', ...restored.next });
    zombieState.table('t').set('k', 'of the zombie');
    zombie.collect();
    await expect(zombie.commit(2, Promise.resolve())).rejects.toThrow('expelled');
    state.table('t').set('k', 'of the heir');
    heir.collect();
    await heir.commit(2, Promise.resolve());
    expect(contents((await reopened(log)).state)).toEqual({ 't/k': 'of the heir' });
  });

  test('effects that were not acknowledged hold the commit back', async () => {
    const log = new MemoryCheckpointLog();
    const state = new KeyedState();
    const writer = new CheckpointWriter(state, log.join(), { owner: 'o', n: 0, prev: null, base: null });
    state.table('t').set('k', 1);
    writer.collect();
    await expect(writer.commit(1, Promise.reject(new Error('not acknowledged')))).rejects.toThrow('not acknowledged');
    expect(await log.pointer()).toBeNull();
  });

  test('a pointer lost over a log with checkpoints stops with a remedy, never a silent fresh start', async () => {
    const log = new MemoryCheckpointLog();
    const state = new KeyedState();
    const writer = new CheckpointWriter(state, log.join(), { owner: 'o', n: 0, prev: null, base: null });
    for (const input of [1, 2]) {
      state.table('t').set('k', input);
      writer.collect();
      await writer.commit(input, Promise.resolve());
    }
    const lost = { ...log.join(), pointer: async () => null };
    await expect(restoreCheckpoint(lost, new KeyedState(), 'yj.checkpoint.institution/0')).rejects.toThrow(
      CheckpointBroken,
    );
    await expect(restoreCheckpoint(lost, new KeyedState(), 'yj.checkpoint.institution/0')).rejects.toThrow(
      /A lost pointer/,
    );
  });

  test('a run that ended between its first COMMIT and the pointer has left nothing: the lane is read from its beginning', async () => {
    const log = new MemoryCheckpointLog();
    const state = new KeyedState();
    const writer = new CheckpointWriter(state, log.join(), { owner: 'o', n: 0, prev: null, base: null });
    state.table('t').set('k', 1);
    writer.collect();
    log.before = (operation) => {
      if (operation === 'commit') throw new Error('killed');
    };
    await expect(writer.commit(1, Promise.resolve())).rejects.toThrow('killed');
    const again = await reopened(log);
    expect(again.restored).toMatchObject({ input: null, next: { n: 0, prev: null, base: null } });
    expect(contents(again.state)).toEqual({});
  });

  test('a pointer moved back by a commit that landed late costs nothing: the log says how far it had come', async () => {
    const log = new MemoryCheckpointLog();
    const reader = log.join();
    const state = new KeyedState();
    const writer = new CheckpointWriter(state, log.join(), { owner: 'o', n: 0, prev: null, base: null });
    const pointers: number[] = [];
    for (let input = 1; input <= 12; input++) {
      state.table('t').set('k', input);
      writer.collect();
      await writer.commit(input, Promise.resolve());
      pointers.push((await log.pointer()) as number);
      for (const late of pointers) {
        const moved = { ...reader, pointer: async () => late };
        const again = new KeyedState();
        const { input: found } = await restoreCheckpoint(moved, again, 'test/0');
        expect(found).toBeGreaterThanOrEqual(late === pointers.at(-1) ? input : input - 1);
        expect(contents(again)).toEqual({ 't/k': found });
      }
    }
    expect((await log.bounds()).low).toBeGreaterThan(pointers[0] as number);
  });

  test('a chunk that was changed is refused by its hash', async () => {
    const log = new MemoryCheckpointLog();
    const state = new KeyedState();
    const writer = new CheckpointWriter(state, log.join(), { owner: 'o', n: 0, prev: null, base: null });
    state.table('t').set('k', 1);
    writer.collect();
    await writer.commit(1, Promise.resolve());
    const view = log.join();
    const forged = {
      ...view,
      read: async (from: number, to: number) =>
        (await view.read(from, to)).map((r) => ({
          ...r,
          value: Buffer.from(r.value.toString().replace('"k",1', '"k",2')),
        })),
    };
    await expect(restoreCheckpoint(forged, new KeyedState(), 'test/0')).rejects.toThrow(/hash/);
  });
});
