// When the bulletin of the quarter before is due.
import { expect, test } from 'vitest';
import { dueAt } from './bulletins.ts';

test.each([
  ['2026-10-01T00:00:00+08:00', '2026-10-05T09:00:00+08:00'],
  ['2026-12-31T23:59:59+08:00', '2026-10-05T09:00:00+08:00'],
  ['2027-01-01T00:00:00+08:00', '2027-01-05T09:00:00+08:00'],
])('at %s the quarter before is due from %s', (now, due) => {
  expect(dueAt(Date.parse(now), { days: 5, hour: 9 })).toBe(Date.parse(due));
});
