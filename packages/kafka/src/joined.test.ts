// A group that has waited to be joined for too long, by its longest waiting member.
import { afterEach, expect, test, vi } from 'vitest';
import { noteGone, noteJoined, noteWaiting, unjoined } from './joined.ts';

const settings = { brokers: ['nowhere:1'], clientId: 'test' };
const at = (ms: number) => vi.spyOn(performance, 'now').mockReturnValue(ms);
afterEach(() => vi.restoreAllMocks());

test('is told until it is joined, or closed', () => {
  const [one, two] = [{}, {}];
  at(0);
  noteWaiting(settings, one, 'g1');
  at(5_000);
  noteWaiting(settings, one, 'g1');
  noteWaiting(settings, two, 'g2');
  at(20_000);
  expect(unjoined(settings)).toBe(null);
  at(20_001);
  expect(unjoined(settings)).toEqual({ groupId: 'g1', ms: 20_001 });
  expect(unjoined({ ...settings, brokers: ['elsewhere:1'] })).toBe(null);
  noteJoined(settings, one, 'g1');
  at(26_000);
  expect(unjoined(settings)).toEqual({ groupId: 'g2', ms: 21_000 });
  noteGone(settings, two);
  expect(unjoined(settings)).toBe(null);
  noteWaiting(settings, two, 'g2');
  at(27_000);
  noteWaiting(settings, one, 'g1');
  at(48_000);
  expect(unjoined(settings)).toEqual({ groupId: 'g1', ms: 21_000 });
});
