// A card swiped while the camera counts nobody at the counter (空刷).
import { MINUTE_MS } from '../life/time.ts';
import { aboutSettlement, oneSale } from './deeds.ts';

/** Presence counts people within five minutes of when they deal, and is looked at within one. */
const NOBODY = { before: 6.5 * MINUTE_MS, after: 6.5 * MINUTE_MS };

export const emptySwipe = oneSale(
  'empty-swipe',
  { perHour: 0.8, floor: 0 },
  { alone: NOBODY, unseen: true, check: 'id_card' },
  () => ({
    tell: (stage, made, settled) =>
      stage.truth(aboutSettlement('empty-swipe', made, settled, MINUTE_MS, MINUTE_MS), settled.at + MINUTE_MS),
  }),
);
