// Long batches leave the loop to heartbeats, and stop where the partition is lost.
import { expect, test } from 'vitest';
import { inPieces } from './pieces.ts';

const records = Array.from({ length: 1000 }, (_, i) => i);

test('others get the loop between the pieces, and every record is taken once in order', async () => {
  let turns = 0;
  const other = setInterval(() => turns++, 1);
  const taken: number[] = [];
  await inPieces(
    records,
    () => true,
    async (piece) => {
      for (const until = performance.now() + 5; performance.now() < until; );
      taken.push(...piece);
    },
  );
  clearInterval(other);
  expect(taken).toEqual(records);
  expect(turns).toBeGreaterThan(10);
});

test('what is left of a partition that was lost is not taken', async () => {
  const taken: number[] = [];
  await inPieces(
    records,
    () => taken.length < 200,
    async (piece) => void taken.push(...piece),
  );
  expect(taken.length).toBeGreaterThanOrEqual(200);
  expect(taken.length).toBeLessThan(records.length);
});
