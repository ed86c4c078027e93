// Which registration of an institution holds at an instant, by what is known as of a lane position.
import type { Institution } from '@yunjian/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { registered, SHOP } from './persons.testing.ts';
import { Registrations } from './registrations.ts';

const HOUR_MS = 3_600_000;
const START = registered(SHOP, 0).eventTime;

/** A registration whose longitude names it. */
const told = (at: number, longitude: number, fields: Partial<Institution> = {}): Institution => ({
  ...registered(SHOP, at, { longitude, latitude: 0 }),
  ...fields,
});

test('each holds from its event time on, whenever it arrives', () => {
  const registrations = new Registrations();
  expect(registrations.take(3, told(1, 1))).toEqual({ newest: true, place: true });
  expect(registrations.take(7, told(5, 5))).toEqual({ newest: true, place: true });
  expect(registrations.take(9, told(3, 3))).toEqual({ newest: false, place: true });
  const at = (position: number, hour: number) => registrations.at(position, START + hour * HOUR_MS)?.longitude ?? null;
  expect([at(9, 0.9), at(9, 1), at(9, 3), at(9, 5), at(8, 4), at(2, 9)]).toEqual([null, 1, 3, 5, 1, null]);
  expect(registrations.at(9)?.longitude).toBe(5);
});

test('the same again changes nothing, something else than the place not the place', () => {
  const registrations = new Registrations();
  registrations.take(0, told(0, 1));
  expect(registrations.take(1, told(1, 1))).toEqual({ newest: false, place: false });
  expect(registrations.take(2, told(2, 1, { level: '3' }))).toEqual({ newest: true, place: false });
});

test('is what a scan over all that is known says', () => {
  const registration = fc.record({ hour: fc.nat(6), arrival: fc.nat(6), document: fc.nat(4) });
  fc.assert(
    fc.property(fc.array(registration, { maxLength: 12 }), (list) => {
      const events = list.map(({ hour, arrival, document }, i) =>
        told(hour, i, { arrival: START + arrival * HOUR_MS, document: `d${document}` }),
      );
      const registrations = new Registrations();
      events.forEach((event, position) => void registrations.take(position, event));
      for (let position = 0; position < events.length; position++)
        for (let hour = -1; hour <= 7; hour++) {
          const known = Map.groupBy(events.slice(0, position + 1), ({ document }) => document);
          const firsts = [...known.values()].map((same) => same.sort(inOrder)[0] as Institution);
          const held = firsts
            .filter(({ eventTime }) => eventTime <= START + hour * HOUR_MS)
            .sort((a, b) => a.eventTime - b.eventTime || inOrder(a, b))
            .at(-1);
          expect(registrations.at(position, START + hour * HOUR_MS)?.longitude).toBe(held?.longitude);
        }
    }),
  );
});

function inOrder(a: Institution, b: Institution): number {
  return a.arrival - b.arrival || a.origin.offset - b.origin.offset;
}
