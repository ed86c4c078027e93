// One settlement above what its kind of institution usually bills. Chronic patients may go up to three times the limit.
import type { Kind } from '../city/city.ts';
import { aboutSettlement, oneSale } from './deeds.ts';

/** fen (detectors.md: ¥500, ¥1,000, ¥5,000) */
const LIMIT: Record<Kind, number> = { pharmacy: 50_000, clinic: 100_000, hospital: 500_000 };

export const largeAmount = oneSale('large-amount', { perHour: 0.6, floor: 0 }, {}, ({ site, institution }) => ({
  more: { fund: Math.round(LIMIT[institution.kind] * site.random.between(1.05, 2.4)) },
  tell: (stage, made, settled) => stage.truth(aboutSettlement('large-amount', made, settled), settled.at),
}));

export const chronicAmount = oneSale(
  'innocent: chronic amount',
  { perHour: 0.4, floor: 0 },
  {},
  ({ site, institution }) => ({
    more: { medType: '14', fund: Math.round(LIMIT[institution.kind] * site.random.between(1.1, 2.8)) },
  }),
);
