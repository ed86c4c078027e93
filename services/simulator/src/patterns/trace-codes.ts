// Patterns about a single box: never bought here, another drug's code, no code at all.
import { CATALOGUE, type Drug } from '../city/catalogue.ts';
import type { Institution } from '../city/city.ts';
import { boxCode } from '../life/documents.ts';
import type { Stage } from '../life/stage.ts';
import { GRACE_MS, localDay } from '../life/time.ts';
import { aboutSettlement, BOUGHT_BEFORE_MS, oneSale, UPLOADED_BEFORE_MS } from './deeds.ts';

/** Serials under which foreign boxes are numbered, so that no code is ever a visit's own. */
const FOREIGN_SERIAL = 99_000;

export const traceNotPurchased = oneSale(
  'trace-not-purchased',
  { perHour: 0.6, floor: 0 },
  {},
  ({ site, institution, at, drug }) => {
    if (!institution.uploadsPurchases) return null;
    const code = boxCode(drug, institution, localDay(at), FOREIGN_SERIAL + site.random.below(900), 1);
    return {
      codes: [code],
      tell: (stage) =>
        stage.truth(
          { detector: 'trace-not-purchased', kind: 'code', ref: code, institution, start: at, end: at + GRACE_MS },
          at + GRACE_MS,
        ),
    };
  },
);

export const traceProductMismatch = oneSale(
  'trace-product-mismatch',
  { perHour: 0.6, floor: 0 },
  {},
  ({ site, institution, at, drug }) => {
    const other = site.random.pick(CATALOGUE.filter((d) => d !== drug));
    const code = boxCode(other, institution, localDay(at), FOREIGN_SERIAL + site.random.below(900), 2);
    return {
      codes: [code],
      tell: (stage) => {
        stage.purchase(institution, { drug: other }, [code], at - 3 * 3_600_000, at - 9 * 60_000);
        stage.truth(
          { detector: 'trace-product-mismatch', kind: 'code', ref: code, institution, start: at, end: at },
          at,
        );
      },
    };
  },
);

/** Innocent: the maker renewed the packaging, the same drug is sold under two identification codes for a while. */
export const renewedPackaging = oneSale(
  'innocent: renewed packaging',
  { perHour: 0.9, floor: 0 },
  { drug: ({ prescription, renewed }) => !prescription && renewed !== null },
  ({ site, institution, at, drug }) => {
    const [, carton, crate] = drug.prefixes;
    const renewed: Drug = { ...drug, prefixes: [drug.renewed as string, carton, crate] };
    const code = boxCode(renewed, institution, localDay(at), FOREIGN_SERIAL + site.random.below(900), 3);
    return boughtBefore(drug, institution, at, code);
  },
);

/** Innocent: an imported box bears a GS1 code, whose prefix no catalogue holds. */
export const importedBox = oneSale(
  'innocent: imported box',
  { perHour: 0.6, floor: 0 },
  {},
  ({ site, institution, at, drug }) => {
    const serial = `${localDay(at)}${String(institution.index).padStart(3, '0')}${site.random.below(100_000)}`;
    return boughtBefore(drug, institution, at, `010${4_000_000_000_000 + drug.index}21${serial}`);
  },
);

function boughtBefore(drug: Drug, institution: Institution, at: number, code: string) {
  return {
    codes: [code],
    tell: (stage: Stage) =>
      stage.purchase(institution, { drug }, [code], at - BOUGHT_BEFORE_MS, at - UPLOADED_BEFORE_MS),
  };
}

/** Herbal slices, which carry no code. */
const HERBS: Drug = {
  index: CATALOGUE.length,
  code: 'T001700436',
  name: '黄芪(中药饮片)',
  price: 2_600,
  prescription: false,
  packSize: 1,
  maxDays: null,
  chronic: false,
  prefixes: ['', '', ''],
  renewed: null,
};

export const herbs = oneSale('innocent: herbal slices', { perHour: 1.5, floor: 0 }, {}, () => ({
  codes: [],
  more: { lines: [{ drug: HERBS, count: 1, days: 5, codes: [] }] },
}));

export const traceMissing = oneSale('trace-missing', { perHour: 0.6, floor: 0 }, {}, () => ({
  codes: [],
  tell: (stage, made, settled) => stage.truth(aboutSettlement('trace-missing', made, settled), settled.at),
}));
