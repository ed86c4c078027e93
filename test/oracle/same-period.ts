// The oracle of same-period-index where an index is set: sums by month and quarter over everything, judged as of one local day.
import { localDay, type Quarter, quarterDays, quarterOf, type YunjianEvent } from '@yunjian/contracts';
import { type Expected, firstDocuments, ofKind } from './documents.ts';

/** @param asOf the settlement feed's clock, ms. No spending of last year is known. */
export function samePeriodOracle(all: readonly YunjianEvent[], asOf: number): Expected[] {
  const events = firstDocuments(all);
  const spending = ofKind(events, 'settlement', 'reversal');
  const budgets = ofKind(events, 'budget').sort((a, b) => a.eventTime - b.eventTime);
  const quarters = new Map(
    spending.map(({ institution, eventTime }) => {
      const quarter = quarterOf(eventTime);
      return [`${institution}/${quarter.year}Q${quarter.quarter}`, { institution, quarter }];
    }),
  );
  const expected: Expected[] = [];
  for (const { institution, quarter } of quarters.values()) {
    const budget = budgets.findLast(
      (b) => b.institution === institution && b.year === quarter.year && b.quarter === quarter.quarter,
    );
    const index = budget?.cold.get().index;
    if (index === undefined) continue;
    for (const { name, first, length } of periods(quarter)) {
      const last = Math.min(first + length - 1, localDay(asOf));
      if ((last - first + 1) * 10 < length) continue;
      const spend = spending
        .filter((s) => s.institution === institution && isWithin(localDay(s.eventTime), first, length))
        .reduce((sum, { fund }) => sum + BigInt(fund), 0n);
      let allowed = 0n;
      for (let day = first; day <= last; day++) allowed += dailyShare(quarter, day, budget?.weights ?? null);
      if (spend * ONE > BigInt(index) * allowed)
        expected.push({ detector: 'same-period-index', institution, subject: `${institution}/${name}` });
    }
  }
  return expected;
}

/** Shares are counted in parts of this: a multiple of every length of a month and a quarter, and of the weights' billionths. */
const ONE = 28n * 29n * 30n * 31n * 90n * 91n * 92n * 1_000_000_000n;

function dailyShare(quarter: Quarter, day: number, weights: readonly number[] | null): bigint {
  const { first, months, total } = quarterDays(quarter);
  if (weights === null) return ONE / BigInt(total);
  let start = first;
  for (const [i, length] of months.entries()) {
    if (day < start + length)
      return ((ONE / BigInt(length)) * BigInt(weights[i] as number)) / weights.reduce((a, b) => a + BigInt(b), 0n);
    start += length;
  }
  return 0n;
}

function periods(quarter: Quarter): { name: string; first: number; length: number }[] {
  const { first, months, total } = quarterDays(quarter);
  let start = first;
  return [
    { name: `${quarter.year}Q${quarter.quarter}`, first, length: total },
    ...months.map((length, i) => {
      const month = String((quarter.quarter - 1) * 3 + i + 1).padStart(2, '0');
      const period = { name: `${quarter.year}-${month}`, first: start, length };
      start += length;
      return period;
    }),
  ];
}

function isWithin(day: number, first: number, length: number): boolean {
  return day >= first && day < first + length;
}
