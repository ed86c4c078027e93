// A decision is about what the operator saw: while it is written the alert may move on, and then it must be looked at again.
import { onlyFiguresMoved } from './board.ts';
import type { Alert } from './wire.ts';

export interface Review {
  /** As the operator began. */
  readonly begun: Alert;
  /** The newest version shown: a decision is about this one. */
  readonly latest: Alert;
  /** Versions since then that could change somebody's mind, oldest first. */
  readonly steps: readonly Alert[];
  /** All of these have been looked at. */
  readonly looked: boolean;
}

export function begin(alert: Alert): Review {
  return { begun: alert, latest: alert, steps: [], looked: true };
}

/** Figures that moved need no second look; anything else does. */
export function follow(review: Review, next: Alert): Review {
  if (next.version <= review.latest.version) return review;
  if (onlyFiguresMoved(review.latest, next)) return { ...review, latest: next };
  return { ...review, latest: next, steps: [...review.steps, next], looked: false };
}
