// What memory answers is what the store would answer, whatever is inserted, forgotten and read in between.
import { ColdPart, type Judged } from '@yunjian/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryHistory, type StoredRow } from './history.ts';
import { HotRows } from './hot-rows.ts';
import { filterSize, SubjectFilter } from './subject-filter.ts';

const EVENT: Judged = {
  kind: 'judged',
  arrival: 0,
  origin: { feed: 'ledger', partition: 0, offset: 0, index: 0 },
  eventTime: 0,
  institution: '',
  document: '',
  content: '',
  cold: ColdPart.of({ eventId: '', source: '' }),
};
const row = (subject: string, position: number): StoredRow => ({
  subject,
  position,
  event: EVENT,
  items: [],
  value: Buffer.alloc(0),
});

class Counted extends MemoryHistory {
  asked = 0;
  override read(partition: number, subjects: readonly string[]) {
    this.asked += subjects.length;
    return super.read(partition, subjects);
  }
}

const subject = fc.integer({ min: 0, max: 9 }).map((n) => `s${n}`);
const step = fc.oneof(
  fc.record({ insert: fc.array(fc.tuple(subject, fc.integer({ min: 0, max: 30 })), { maxLength: 4 }) }),
  fc.record({ read: fc.uniqueArray(subject, { maxLength: 4 }) }),
);

test('reads are those of the store', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(subject, fc.nat(30))),
      fc.array(step, { maxLength: 30 }),
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 0, max: 30 }),
      async (before, steps, most, learnAt) => {
        const history = new MemoryHistory();
        await history.insert(
          3,
          before.map(([of, position]) => row(of, position)),
        );
        const hot = new HotRows(history, 3, most);
        for (const [n, each] of steps.entries()) {
          if (n === learnAt) void hot.learnSubjects();
          if ('insert' in each) await hot.insert(each.insert.map(([of, position]) => row(of, position)));
          else {
            const positions = (rows: ReadonlyMap<string, readonly { position: number }[]>) =>
              [...rows].map(([of, list]) => [of, list.map(({ position }) => position)]).sort();
            expect(positions(await hot.read(each.read))).toEqual(positions(await history.read(3, each.read)));
          }
        }
      },
    ),
  );
});

test('of a new subject, and of one read lately, nothing is read', async () => {
  const history = new Counted();
  await history.insert(0, [row('old', 1)]);
  const hot = new HotRows(history, 0);
  void hot.learnSubjects();
  await new Promise(setImmediate);
  await hot.insert([row('new', 2), row('old', 3)]);
  expect((await hot.read(['new'])).get('new')).toHaveLength(1);
  expect(history.asked).toBe(0);
  expect((await hot.read(['old'])).get('old')).toHaveLength(2);
  await hot.insert([row('old', 4)]);
  expect((await hot.read(['old', 'new'])).get('old')).toHaveLength(3);
  expect(history.asked).toBe(1);
});

test('subjects that could not be learnt stop a batch, which comes again', async () => {
  const history = new MemoryHistory();
  let fails = true;
  history.seen = async () => {
    if (fails) throw new Error('away');
    return new SubjectFilter(filterSize(0));
  };
  const hot = new HotRows(history, 0);
  void hot.learnSubjects();
  await hot.insert([row('a', 1)]);
  await expect(hot.read(['a'])).rejects.toThrow('away');
  fails = false;
  await expect(hot.read(['a'])).rejects.toThrow('away');
  await new Promise(setImmediate);
  expect((await hot.read(['a'])).get('a')).toHaveLength(1);
});

test('a filter holds what was added and little else', () => {
  const filter = new SubjectFilter(filterSize(100_000));
  const code = (n: number) => `8${String(n).padStart(19, '0')}`;
  for (let n = 0; n < 100_000; n++) filter.add(code(n));
  let [held, mistaken] = [0, 0];
  for (let n = 0; n < 100_000; n++) {
    if (filter.mayHold(code(n))) held++;
    if (filter.mayHold(code(n + 100_000))) mistaken++;
  }
  expect(held).toBe(100_000);
  expect(mistaken).toBeLessThan(5_000);
});
