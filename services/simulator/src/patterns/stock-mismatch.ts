// More boxes billed than were ever bought (虚记多记): the institution's books have none of that drug left to sell.
import { boxCode } from '../life/documents.ts';
import { GRACE_MS, localDay } from '../life/time.ts';
import { oneSale } from './deeds.ts';

const BOXES = 6;
/** More is billed than scanned: what customers brought back to a busy counter would cover a few boxes. */
const BILLED = 12;
/** Own numbers, so that no invented box is another's. */
const INVENTED_SERIAL = 98_000;

export const stockMismatch = oneSale(
  'stock-mismatch',
  { perHour: 0.3, floor: 0 },
  // What a hospital's many customers bring back could cover the excess.
  { kinds: ['pharmacy', 'clinic'], drug: (d) => !d.prescription && d.price > 3_000 },
  ({ site, institution, at, drug }) => {
    if (!institution.uploadsPurchases) return null;
    const serial = INVENTED_SERIAL + site.random.below(900);
    const codes = Array.from({ length: BOXES }, (_, n) => boxCode(drug, institution, localDay(at), serial, n));
    return {
      codes,
      more: { lines: [{ drug, count: BILLED, days: 5, codes }] },
      tell: (stage) => {
        const claim = { institution, start: at, end: at } as const;
        stage.truth(
          { detector: 'stock-mismatch', kind: 'institution', ref: `${institution.code}/${drug.code}`, ...claim },
          at,
        );
        for (const ref of codes)
          stage.truth(
            { detector: 'trace-not-purchased', kind: 'code', ref, ...claim, end: at + GRACE_MS },
            at + GRACE_MS,
          );
      },
    };
  },
);
