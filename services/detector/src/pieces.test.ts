// Long batches leave the loop to heartbeats, and stop where the partition is lost.
import { afterEach, expect, test, vi } from 'vitest';
import { Pieces } from './pieces.ts';

afterEach(() => void vi.restoreAllMocks());

const records = Array.from({ length: 1000 }, (_, i) => i);

test('others get the loop between the pieces, and every record is taken once in order', async () => {
  let turns = 0;
  let counting = true;
  const count = () => {
    turns++;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  const taken: number[] = [];
  let pieces = 0;
  await new Pieces().take(
    records,
    () => true,
    async (piece) => {
      pieces++;
      taken.push(...piece);
    },
  );
  counting = false;
  expect(taken).toEqual(records);
  expect(pieces).toBeGreaterThan(2);
  expect(turns).toBeGreaterThanOrEqual(pieces - 1);
});

test('what is left of a partition that was lost is not taken', async () => {
  const taken: number[] = [];
  await new Pieces().take(
    records,
    () => taken.length < 200,
    async (piece) => void taken.push(...piece),
  );
  expect(taken.length).toBeGreaterThanOrEqual(200);
  expect(taken.length).toBeLessThan(records.length);
});

test('pieces are as large as what they cost allows', async () => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const pieces = new Pieces();
  const sizes: number[] = [];
  const take = (ms: number) =>
    pieces.take(
      records,
      () => true,
      async (piece) => {
        now += ms;
        sizes.push(piece.length);
      },
    );
  await take(0);
  const cheap = Math.max(...sizes);
  await take(60);
  expect(cheap).toBeGreaterThan(sizes[0] as number);
  expect(sizes.at(-2)).toBeLessThan(cheap);
});
