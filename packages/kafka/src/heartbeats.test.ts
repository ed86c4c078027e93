// A heartbeat that is refused tells of the join that it was sent in, and of no other.
import { expect, test } from 'vitest';
import { Heartbeats } from './heartbeats.ts';

const refused = () =>
  Object.assign(new Error('The specified generation id is not current'), { type: 'ILLEGAL_GENERATION' });

test.each([
  { joinedMeanwhile: false, expelled: 1 },
  { joinedMeanwhile: true, expelled: 0 },
])('refused, joined anew meanwhile: $joinedMeanwhile', async ({ joinedMeanwhile, expelled }) => {
  let times = 0;
  const heartbeats = new Heartbeats(10_000, () => times++);
  let refuse = (_: Error) => {};
  heartbeats.joined();
  heartbeats.through(
    () =>
      new Promise((_, reject) => {
        refuse = reject;
      }),
  );
  const beat = heartbeats.beat();
  if (joinedMeanwhile) heartbeats.joined();
  refuse(refused());
  await beat;
  expect(times).toBe(expelled);
  heartbeats.close();
});

test('one that was not answered at all expels nobody', async () => {
  let times = 0;
  const heartbeats = new Heartbeats(10_000, () => times++);
  heartbeats.through(() => Promise.reject(new Error('connection closed')));
  await heartbeats.beat();
  expect(times).toBe(0);
  heartbeats.close();
});

test('nothing is sent as the member of before, until a batch gives a way', async () => {
  const sent: string[] = [];
  const heartbeats = new Heartbeats(10_000, () => {});
  heartbeats.joined();
  heartbeats.through(async () => void sent.push('first'));
  await heartbeats.beat();
  heartbeats.joined();
  await heartbeats.beat();
  heartbeats.through(async () => void sent.push('second'));
  await heartbeats.beat();
  expect(sent).toEqual(['first', 'second']);
  heartbeats.close();
});
