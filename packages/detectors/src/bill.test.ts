// What is kept of an institution, taken up again from a checkpoint: it answers as if it had never been away.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bill, House, ofPerson } from './bill.ts';

const [IDS, MESSAGES, PERSONS] = [8, 4, 3];
const name = (prefix: string, most: number) => fc.nat(most - 1).map((i) => `${prefix}${i}`);
const drawn = fc.record({
  id: name('S', IDS),
  messageId: fc.option(name('m', MESSAGES)),
  person: name('p', PERSONS),
  at: fc.nat(5),
});
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ settles: drawn }) },
  { weight: 1, arbitrary: fc.record({ forgets: fc.nat(IDS) }) },
  { weight: 1, arbitrary: fc.record({ asks: fc.constantFrom('id', 'person', 'message') }) },
);

/** What a house answers; bills of it and of another house are told apart by nothing else. */
const answers = (house: House) => ({
  byTime: house.byTime.all().map(({ id }) => id),
  byId: Array.from({ length: IDS }, (_, i) => house.get(`S${i}`)?.at),
  byMessage: Array.from({ length: MESSAGES }, (_, i) => house.ofMessage(`m${i}`).map(({ id }) => id)),
  byPerson: Array.from({ length: PERSONS }, (_, i) => {
    const last = house.lastOf(`p${i}`);
    return last === undefined ? [] : ofPerson(last).map(({ id }) => id);
  }),
});

test('a house that a restart brought answers as one that was filled bill by bill', () => {
  fc.assert(
    fc.property(fc.array(drawn, { maxLength: 12 }), fc.array(step, { maxLength: 12 }), (before, steps) => {
      const unique = [...new Map(before.map((each) => [each.id, each])).values()];
      const filled = new House('P1');
      const restored = new House('P1');
      const billOf = (house: House, fields: (typeof before)[number]) =>
        ({ ...fields, house, institution: 'P1', earlier: null }) as unknown as Bill;
      for (const fields of unique) {
        filled.add(billOf(filled, fields));
        restored.restore(billOf(restored, fields));
      }
      for (const each of steps)
        for (const house of [filled, restored]) {
          if ('asks' in each) {
            const { asks } = each;
            if (asks === 'id') house.get('S0');
            else if (asks === 'person') house.lastOf('p0');
            else house.ofMessage('m0');
            continue;
          }
          const known = 'settles' in each ? house.get(each.settles.id) : house.byTime.all()[each.forgets];
          if (known !== undefined) house.remove(known);
          if ('settles' in each) house.add(billOf(house, each.settles));
        }
      expect(answers(restored)).toEqual(answers(filled));
    }),
    { numRuns: 500 },
  );
});
