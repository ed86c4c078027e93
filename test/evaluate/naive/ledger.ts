// Naive rules about persons and about boxes.
import { DAY_MS, localDay, type Settlement } from '@yunjian/contracts';
import { Book, MINUTE_MS, type NaiveRule } from './rule.ts';

export function personRules(): NaiveRule[] {
  return [
    impossibleTravel(),
    overlappingStay(),
    readmission(),
    visitDuringStay(),
    {
      detector: 'excess-supply',
      ignores: 'chronic patients, the drug’s own limit and what is still in hand',
      on: { settlement: (s) => (s.cold.get().lines.some(({ days }) => (days ?? 0) > 7) ? s.person : null) },
    },
    frequentPurchase(),
    settledAfterDeath(),
    duplicateCharge(),
  ];
}

export function codeRules(): NaiveRule[] {
  return [traceRepeated(), traceNotPurchased(), traceProductMismatch(), traceMissing(), stockMismatch()];
}

function impossibleTravel(): NaiveRule {
  const last = new Map<string, { institution: string; at: number }>();
  return {
    detector: 'impossible-travel',
    ignores: 'distance, family and orders from home',
    on: {
      settlement: (s) => {
        const before = last.get(s.person);
        last.set(s.person, { institution: s.institution, at: s.eventTime });
        return before !== undefined &&
          before.institution !== s.institution &&
          Math.abs(s.eventTime - before.at) < 30 * MINUTE_MS
          ? s.person
          : null;
      },
    },
  };
}

type Stay = Settlement & { begin: number; end: number };

function isStay(s: Settlement): s is Stay {
  return s.medicalType === '21' && s.begin !== null && s.end !== null;
}

function overlappingStay(): NaiveRule {
  const stays = new Book<Stay[]>(() => []);
  return {
    detector: 'overlapping-stay',
    ignores: 'transfers within a day, reversals',
    on: {
      settlement: (s) => {
        if (!isStay(s)) return null;
        const own = stays.of(s.person);
        const overlaps = own.some(
          (o) =>
            o.settlementId !== s.settlementId &&
            localDay(o.begin) <= localDay(s.end) &&
            localDay(s.begin) <= localDay(o.end),
        );
        own.push(s);
        return overlaps ? s.person : null;
      },
    },
  };
}

function readmission(): NaiveRule {
  const stays = new Book<Stay[]>(() => []);
  return {
    detector: 'readmission',
    ignores: 'the diagnosis, planned series, another institution’s shorter limit',
    on: {
      settlement: (s) => {
        if (!isStay(s)) return null;
        const own = stays.of(s.person);
        const again = own.some((o) => s.begin >= o.end && s.begin - o.end <= 15 * DAY_MS);
        own.push(s);
        return again ? s.person : null;
      },
    },
  };
}

function visitDuringStay(): NaiveRule {
  const stays = new Book<Stay[]>(() => []);
  const visits = new Book<number[]>(() => []);
  return {
    detector: 'visit-during-stay',
    ignores: 'the days of admission and discharge, family, emergencies elsewhere',
    on: {
      settlement: (s) => {
        const within = (at: number, { begin, end }: Stay) =>
          localDay(at) >= localDay(begin) && localDay(at) <= localDay(end);
        if (isStay(s)) {
          stays.of(s.person).push(s);
          return visits.of(s.person).some((at) => within(at, s)) ? s.person : null;
        }
        visits.of(s.person).push(s.eventTime);
        return stays.of(s.person).some((stay) => within(s.eventTime, stay)) ? s.person : null;
      },
    },
  };
}

function frequentPurchase(): NaiveRule {
  const bought = new Book<{ institution: string; at: number }[]>(() => []);
  return {
    detector: 'frequent-purchase',
    ignores: 'split packs, refunds, dialysis and repeated documents',
    on: {
      settlement: (s) =>
        s.cold
          .get()
          .lines.filter(({ item }) => {
            const own = bought.of(`${s.person} ${item}`);
            own.push({ institution: s.institution, at: s.eventTime });
            const month = own.filter(({ at }) => s.eventTime - at <= 30 * DAY_MS);
            const week = month.filter(({ at }) => s.eventTime - at <= 7 * DAY_MS);
            return month.length >= 5 || new Set(week.map(({ institution }) => institution)).size >= 2;
          })
          .map(() => s.person),
    },
  };
}

function settledAfterDeath(): NaiveRule {
  const died = new Map<string, number>();
  return {
    detector: 'settled-after-death',
    ignores: 'deaths that are learnt later, bills of a stay that end after it',
    on: {
      personStatus: (p) => {
        if (p.status === 'deceased') died.set(p.person, p.effectiveAt);
        return null;
      },
      settlement: (s) => (s.eventTime > (died.get(s.person) ?? Number.POSITIVE_INFINITY) ? s.person : null),
    },
  };
}

function duplicateCharge(): NaiveRule {
  const charged = new Set<string>();
  return {
    detector: 'duplicate-charge',
    ignores: 'the minute, reversals, repeated documents',
    on: {
      settlement: (s) =>
        s.cold
          .get()
          .lines.filter(({ item, amount }) => {
            const key = `${s.person} ${s.institution} ${item} ${amount} ${localDay(s.eventTime)}`;
            if (charged.has(key)) return true;
            charged.add(key);
            return false;
          })
          .map(() => s.person),
    },
  };
}

const codesOf = (s: Settlement) => s.cold.get().lines.flatMap(({ codes }) => codes);

function traceRepeated(): NaiveRule {
  const sold = new Set<string>();
  const again = (code: string) => {
    const known = sold.has(code);
    sold.add(code);
    return known;
  };
  return {
    detector: 'trace-repeated',
    ignores: 'returns, split packs, repeats, the same sale on both channels',
    on: {
      settlement: (s) => codesOf(s).filter(again),
      trace: (t) => (t.action === 'sale' && t.code !== null && again(t.code) ? t.code : null),
    },
  };
}

function traceNotPurchased(): NaiveRule {
  const bought = new Set<string>();
  return {
    detector: 'trace-not-purchased',
    ignores: 'uploads that come later, institutions that upload none',
    on: {
      trace: (t) => {
        if (t.action === 'purchase') bought.add(`${t.institution} ${t.code}`);
        return null;
      },
      settlement: (s) => codesOf(s).filter((code) => !bought.has(`${s.institution} ${code}`)),
    },
  };
}

function traceProductMismatch(): NaiveRule {
  const prefixes = new Map<string, string>();
  return {
    detector: 'trace-product-mismatch',
    ignores: 'that a drug has several prefixes, one for each level of its packaging',
    on: {
      drug: (d) => {
        const [first] = d.prefixes;
        if (first !== undefined) prefixes.set(d.item, first.prefix);
        return null;
      },
      settlement: (s) =>
        s.cold
          .get()
          .lines.flatMap(({ item, codes }) => codes.filter((code) => !code.startsWith(prefixes.get(item) ?? ''))),
    },
  };
}

function traceMissing(): NaiveRule {
  return {
    detector: 'trace-missing',
    ignores: 'herbs, granules, wards and uncoded stock',
    on: {
      settlement: (s) => (s.cold.get().lines.some(({ codes }) => codes.length === 0) ? s.settlementId : null),
    },
  };
}

function stockMismatch(): NaiveRule {
  const stock = new Book<{ count: number }>(() => ({ count: 0 }));
  return {
    detector: 'stock-mismatch',
    ignores: 'stocktakes, returns, deliveries that are uploaded later, small differences',
    on: {
      trace: (t) => {
        if (t.action === 'purchase') stock.of(`${t.institution}/${t.item}`).count += t.count;
        return null;
      },
      settlement: (s) =>
        s.cold
          .get()
          .lines.filter(({ item, count }) => {
            const own = stock.of(`${s.institution}/${item}`);
            own.count -= count;
            return own.count < 0;
          })
          .map(({ item }) => `${s.institution}/${item}`),
    },
  };
}
