// The file of outlines holds every row of a partition when it is read, however the partition goes from one owner to another.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FiledOutlines, type PageOfOutlines } from './filed-outlines.ts';
import type { StoredRow } from './history.ts';
import { OutlineFile } from './outline-file.ts';
import { type OutlineRow, outlined, outlineRow } from './outlines.ts';
import { SHOP, settled } from './persons.testing.ts';

let directory: string;
const files: OutlineFile[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'yunjian-outlines-'));
});
afterEach(async () => {
  await Promise.all(files.splice(0).map((file) => file.close()));
  rmSync(directory, { recursive: true, force: true });
});

const PARTITION = 1;
const PERSONS = ['p0', 'p1', 'p2', 'p3'];
const row = (subject: string, position: number): StoredRow => {
  const event = settled(`S${position}`, position, SHOP, 3, subject);
  return { subject, position, event, items: [], value: Buffer.alloc(0) };
};

function opened(name: string, of = 'ledger'): OutlineFile {
  const file = new OutlineFile(join(directory, name), of);
  files.push(file);
  return file;
}

/** As ClickHouse holds the rows. */
function pagesOf(rows: readonly StoredRow[]): PageOfOutlines {
  return async ({ partitions: [partition = 0], from, after }) => {
    const held = rows.filter(({ subject, position }) => position >= from && subject > after);
    const upTo = held.map(({ subject }) => subject).sort()[2] ?? null;
    const page = Map.groupBy(
      held.filter(({ subject }) => upTo === null || subject <= upTo),
      ({ subject }) => subject,
    );
    const textOf = (own: readonly StoredRow[]) => own.map((each) => JSON.stringify(outlineRow(partition, each)));
    return { rows: [...page].map(([subject, own]) => ({ subject, partition, text: textOf(own).join(',') })), upTo };
  };
}

function fail(error: Error): never {
  throw error;
}

function positionsIn(filed: FiledOutlines, subject: string): readonly number[] | null {
  const texts = filed.read(PARTITION, [subject]);
  if (texts === null) return null;
  return outlined(PARTITION, JSON.parse(`[${texts.get(subject) ?? ''}]`) as OutlineRow[]).positions;
}

const batch = fc.array(fc.constantFrom(...PERSONS), { maxLength: 5 });
/** Who owns the partition, what is settled meanwhile before and after its file is complete, and whether its process ends. */
const turn = fc.record({ owner: fc.nat(1), early: batch, late: fc.array(batch, { maxLength: 3 }), ends: fc.boolean() });

test('every row is in it, whoever added it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 8 }), fc.uuid(), async (turns, run) => {
      const stored: StoredRow[] = [];
      const own = (owner: number) => {
        const file = opened(`${run}-${owner}`);
        return { file, filed: new FiledOutlines(file, pagesOf(stored), fail, 0) };
      };
      const owners = [own(0), own(1)];
      for (const { owner, early, late, ends } of turns) {
        const { filed } = owners[owner] as (typeof owners)[number];
        const add = (persons: readonly string[]) => {
          const rows = persons.map((person, n) => row(person, stored.length + n));
          filed.add(PARTITION, rows);
          stored.push(...rows);
        };
        const opening = filed.open(PARTITION);
        expect(filed.read(PARTITION, PERSONS)).toBeNull();
        add(early);
        await opening;
        for (const persons of late) {
          add(persons);
          for (const person of PERSONS)
            expect(positionsIn(filed, person)).toEqual(
              stored.filter(({ subject }) => subject === person).map(({ position }) => position),
            );
        }
        if (ends) owners[owner] = own(owner);
      }
    }),
    { numRuns: 30 },
  );
});

test('what is known to be complete is not read again', async () => {
  const stored = ['p0', 'p1', 'p0'].map((person, n) => row(person, n));
  const asked: number[] = [];
  const pages: PageOfOutlines = (of) => {
    asked.push(of.from);
    return pagesOf(stored)(of);
  };
  const first = new FiledOutlines(opened('one'), pages, fail, 0);
  await first.open(PARTITION);
  first.add(PARTITION, [row('p1', 7)]);
  const second = new FiledOutlines(opened('one'), pages, fail, 0);
  await second.open(PARTITION);
  expect([...new Set(asked)]).toEqual([0, 8]);
  expect(positionsIn(second, 'p1')).toEqual([1, 7]);
});

test('a file that another process has opened is not used any more', async () => {
  const filed = new FiledOutlines(opened('one'), pagesOf([]), fail, 0);
  await filed.open(PARTITION);
  filed.add(PARTITION, [row('p0', 1)]);
  expect(positionsIn(filed, 'p0')).toEqual([1]);
  const other = new FiledOutlines(opened('one'), pagesOf([]), fail, 0);
  filed.add(PARTITION, [row('p0', 2)]);
  expect(filed.read(PARTITION, ['p0'])).toBeNull();
  await other.open(PARTITION);
  expect(positionsIn(other, 'p0')).toEqual([1]);
});

test('a file of another ledger is made anew', async () => {
  const filed = new FiledOutlines(opened('one'), pagesOf([]), fail, 0);
  await filed.open(PARTITION);
  filed.add(PARTITION, [row('p0', 1)]);
  const other = new FiledOutlines(opened('one', 'another'), pagesOf([]), fail, 0);
  await other.open(PARTITION);
  expect(positionsIn(other, 'p0')).toEqual([]);
});

test('what cannot be read is told once, and ClickHouse is asked', async () => {
  const told: string[] = [];
  const filed = new FiledOutlines(
    opened('one'),
    () => Promise.reject(new Error('refused')),
    ({ message }) => told.push(message),
    0,
  );
  await filed.open(PARTITION);
  await filed.open(PARTITION);
  filed.add(PARTITION, [row('p0', 1)]);
  expect(filed.read(PARTITION, ['p0'])).toBeNull();
  expect(told).toEqual(['refused']);
});
