// The oracle of quarterly-spend: sums by quarter over everything, judged as of one local day.
import { localDay, type Quarter, quarterDays, quarterOf, type YunjianEvent } from '@yunjian/contracts';
import { type Expected, firstDocuments, ofKind } from './documents.ts';

/** @param asOf the settlement feed's clock, ms: its local day is the day of judgement. */
export function quarterlyOracle(all: readonly YunjianEvent[], asOf: number): Expected[] {
  const events = firstDocuments(all);
  const spend = new Map<string, { institution: string; quarter: Quarter; fen: number }>();
  for (const event of ofKind(events, 'settlement', 'reversal')) {
    const quarter = quarterOf(event.eventTime);
    const key = `${event.institution}/${quarter.year}Q${quarter.quarter}`;
    const sum = spend.get(key) ?? { institution: event.institution, quarter, fen: 0 };
    sum.fen += event.fund;
    spend.set(key, sum);
  }
  const expected: Expected[] = [];
  for (const [subject, { institution, quarter, fen }] of spend) {
    const same = <T extends { institution: string; year: number; quarter: number; eventTime: number }>(list: T[]) =>
      list
        .filter((e) => e.institution === institution && e.year === quarter.year && e.quarter === quarter.quarter)
        .sort((a, b) => a.eventTime - b.eventTime)
        .at(-1);
    const budget = same(ofKind(events, 'budget'));
    const excuse = same(ofKind(events, 'justification'));
    if (!institution.startsWith('H') || budget === undefined || budget.amount === 0) continue;
    if (excuse !== undefined && (excuse.validUntil === null || excuse.validUntil >= asOf)) continue;
    const share = schedule(quarter, localDay(asOf), budget.weights);
    if (share === null) continue;
    for (const tier of [10n, 20n])
      if (BigInt(fen) * 100n * share.of > BigInt(budget.amount) * share.elapsed * (100n + tier))
        expected.push({
          detector: 'quarterly-spend',
          institution,
          subject,
          tier: Number(tier),
          level: tier === 10n ? 3 : 2,
        });
  }
  return expected;
}

/** Scheduled share as a fraction; null before a tenth of the quarter's days. */
function schedule(
  quarter: Quarter,
  day: number,
  weights: readonly number[] | null,
): { elapsed: bigint; of: bigint } | null {
  const { first, months, total } = quarterDays(quarter);
  const days = Math.min(total, day - first + 1);
  if (days * 10 < total) return null;
  if (weights === null) return { elapsed: BigInt(days), of: BigInt(total) };
  const scale = BigInt(months[0] * months[1] * months[2]);
  const sum = weights.reduce((a, b) => a + BigInt(b), 0n);
  let elapsed = 0n;
  let left = days;
  for (const [i, length] of months.entries()) {
    const counted = Math.max(0, Math.min(length, left));
    elapsed += (BigInt(weights[i] as number) * BigInt(counted) * scale) / BigInt(length);
    left -= length;
  }
  return { elapsed, of: sum * scale };
}
