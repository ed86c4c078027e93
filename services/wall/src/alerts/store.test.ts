import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entryAt } from '../testing/alerts.ts';
import { AlertStore } from './store.ts';

const ids = (entries: Iterable<{ id: string; version: number }>) => [...entries].map((e) => `${e.id}${e.version}`);

describe('AlertStore', () => {
  it('keeps the newest version and tells what was before', () => {
    const store = new AlertStore();
    store.apply([entryAt(0, { id: 'a' }), entryAt(1, { id: 'b' })], 2);
    const changes = store.apply([entryAt(2, { id: 'a', version: 2 }), entryAt(3, { id: 'a', version: 3 })], 4);
    expect(changes.map(({ before, after }) => [before?.version, after.version])).toEqual([[1, 3]]);
    expect(ids(store.newestFirst())).toEqual(['a3', 'b1']);
    expect(store.position).toBe(4);
  });

  it('ignores a version that is not above the one it has, and still moves on', () => {
    const store = new AlertStore();
    store.apply([entryAt(0, { id: 'a', version: 2 })], 1);
    expect(
      store.apply([entryAt(1, { id: 'a', version: 2, level: 1 }), entryAt(2, { id: 'a', version: 1 })], 3),
    ).toEqual([]);
    expect(store.get('a')?.level).toBe(2);
    expect(store.position).toBe(3);
  });

  it('takes what the archive gives first and the log from an earlier offset after it', () => {
    const store = new AlertStore();
    store.reset(1);
    store.apply([entryAt(5, { id: 'b', version: 3 })], store.position);
    store.apply([entryAt(1, { id: 'a' }), entryAt(2, { id: 'b', version: 2 })], 3);
    expect(ids(store.newestFirst())).toEqual(['b3', 'a1']);
    expect(ids(store.changedSince(2, 10))).toEqual(['b3']);
  });

  it('brings a reader at any position up to date with the newest versions alone', () => {
    const log = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 60 });
    fc.assert(
      fc.property(log, fc.nat(60), (alerts, from) => {
        const store = new AlertStore();
        const versions = new Map<string, number>();
        const atFrom = new Map<string, number>();
        alerts.forEach((id, offset) => {
          versions.set(id, (versions.get(id) ?? 0) + 1);
          if (offset < from) atFrom.set(id, versions.get(id)!);
          store.apply([entryAt(offset, { id, version: versions.get(id)! })], offset + 1);
        });
        for (const entry of store.changedSince(from, 1000)) atFrom.set(entry.id, entry.version);
        expect(atFrom).toEqual(versions);
      }),
    );
  });
});
