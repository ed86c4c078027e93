// Parameters of empty-swipe.
import { z } from 'zod';
import { RUN_GAP_MS } from '../presence-runs.ts';

export const emptySwipeParams = z.object({
  around: z
    .int()
    .min(RUN_GAP_MS / 2000)
    .max(600)
    .default(60)
    .describe('Presence is read so long before and after the settlement, s. Source: detectors.md, 60 s.'),
  cards: z
    .int()
    .min(2)
    .default(3)
    .describe('Cards of so many persons swiped at nobody make level 1. Source: detectors.md, 3 cards.'),
  within: z
    .int()
    .min(1)
    .max(120)
    .default(10)
    .describe('If they lie within so long at one terminal, min. Source: detectors.md, 10 min.'),
});
export type EmptySwipeParams = z.output<typeof emptySwipeParams>;
