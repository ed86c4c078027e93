// The oracle of what boxes and stocks show: each rule by itself, over everything that ever came, when every deadline has passed.
import { localDate, localDay, localMidnight, type Settlement, type Trace, type YunjianEvent } from '@yunjian/contracts';
import { type Expected, firstDocuments, ofKind } from './documents.ts';

const HOUR_MS = 3_600_000;
const GRACE_MS = 72 * HOUR_MS;
const ONE = 10_000;
const FIRST_DAY = Date.parse('2025-07-01T00:00:00+08:00');

interface Sold {
  code: string;
  item: string;
  institution: string;
  at: number;
  settlement: string | null;
}

export function boxOracle(all: readonly YunjianEvent[]): Expected[] {
  const events = firstDocuments(all);
  const settlements = ofKind(events, 'settlement');
  const traces = ofKind(events, 'trace');
  const reversed = reversalTimes(events, settlements);
  const sold = sales(settlements, traces);
  return [
    ...mismatches(events, sold, reversed),
    ...notPurchased(sold, settlements, traces, reversed),
    ...missing(settlements, traces, reversed),
    ...stocks(events, settlements, traces, reversed),
  ];
}

/** By institution and settlement: the earliest event time of a reversal, ms. */
function reversalTimes(events: readonly YunjianEvent[], settlements: readonly Settlement[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const r of ofKind(events, 'reversal')) {
    const originals =
      r.originalId !== null
        ? [r.originalId]
        : settlements
            .filter((s) => s.institution === r.institution && s.messageId === r.originalMessageId)
            .map(({ settlementId }) => settlementId);
    for (const original of originals) {
      const key = `${r.institution}|${original}`;
      times.set(key, Math.min(times.get(key) ?? Number.POSITIVE_INFINITY, r.eventTime));
    }
  }
  return times;
}

function sales(settlements: readonly Settlement[], traces: readonly Trace[]): Sold[] {
  const billed = new Set<string>();
  const sold: Sold[] = [];
  for (const s of settlements)
    for (const line of s.cold.get().lines)
      for (const code of new Set(line.codes)) {
        billed.add(`${s.institution}|${s.settlementId}|${code}`);
        sold.push({ code, item: line.item, institution: s.institution, at: s.eventTime, settlement: s.settlementId });
      }
  for (const t of traces)
    if (t.action === 'sale' && t.code !== null && !billed.has(`${t.institution}|${t.settlementId}|${t.code}`))
      sold.push({
        code: t.code,
        item: t.item,
        institution: t.institution,
        at: t.eventTime,
        settlement: t.settlementId,
      });
  return sold.sort((a, b) => a.at - b.at);
}

function mismatches(events: readonly YunjianEvent[], sold: readonly Sold[], reversed: Map<string, number>): Expected[] {
  const catalogue = new Map(
    ofKind(events, 'drug')
      .sort((a, b) => a.eventTime - b.eventTime)
      .map((d) => [d.item, d.prefixes]),
  );
  const wrong = sold.filter(({ settlement, institution, at, code, item }) => {
    if (settlement === null || (reversed.get(`${institution}|${settlement}`) ?? at + 1) <= at) return false;
    const owners = [...catalogue].flatMap(([drug, prefixes]) =>
      prefixes.filter(({ prefix }) => code.startsWith(prefix)).map(({ prefix, level }) => ({ drug, prefix, level })),
    );
    const longest = Math.max(0, ...owners.map(({ prefix }) => prefix.length));
    const nearest = owners.filter(({ prefix }) => prefix.length === longest);
    return nearest.length > 0 && !nearest.some(({ drug, level }) => drug === item && level === 1);
  });
  return latestOfEach('trace-product-mismatch', wrong);
}

function notPurchased(
  sold: readonly Sold[],
  settlements: readonly Settlement[],
  traces: readonly Trace[],
  reversed: Map<string, number>,
): Expected[] {
  const purchases = traces.filter(({ action }) => action === 'purchase');
  const uploads = (institution: string, at: number) =>
    purchases.some((p) => {
      if (p.institution !== institution) return false;
      return monthNumber(p.eventTime) >= monthNumber(at) - 3 && monthNumber(p.eventTime) <= monthNumber(at + GRACE_MS);
    });
  const returned = returns(sold, traces, reversed);
  const unbought = sold.filter((sale) => {
    const { institution, at, code, settlement } = sale;
    const deadline = at + GRACE_MS;
    if ((reversed.get(`${institution}|${settlement}`) ?? Number.POSITIVE_INFINITY) <= deadline) return false;
    if ((returned.get(sale) ?? Number.POSITIVE_INFINITY) <= deadline) return false;
    const bought = purchases.some((p) => p.institution === institution && p.code === code && p.eventTime <= at);
    return !bought && uploads(institution, at);
  });
  const months = new Set<string>();
  const inMonth = (institution: string, at: number) => {
    if (!uploads(institution, at)) months.add(`${institution}/${monthText(at)}`);
  };
  const isCoded = (s: Settlement) => s.cold.get().lines.some(({ codes }) => codes.length > 0);
  for (const s of settlements)
    if (
      isCoded(s) &&
      (reversed.get(`${s.institution}|${s.settlementId}`) ?? Number.POSITIVE_INFINITY) > s.eventTime + GRACE_MS
    )
      inMonth(s.institution, s.eventTime);
  const coded = new Set(settlements.filter(isCoded).map((s) => `${s.institution}|${s.settlementId}`));
  for (const t of traces) {
    const key = `${t.institution}|${t.settlementId}`;
    if (t.action !== 'sale' || t.code === null || coded.has(key)) continue;
    const undone = t.settlementId === null ? undefined : reversed.get(key);
    if ((undone ?? Number.POSITIVE_INFINITY) > t.eventTime + GRACE_MS) inMonth(t.institution, t.eventTime);
  }
  return [
    ...latestOfEach('trace-not-purchased', unbought),
    ...[...months].map((subject) => ({
      detector: 'trace-not-purchased',
      institution: subject.slice(0, subject.indexOf('/')),
      subject,
    })),
  ];
}

/** When each sale was brought back: a return cancels the latest earlier sale at its institution that nothing has undone. */
function returns(sold: readonly Sold[], traces: readonly Trace[], reversed: Map<string, number>): Map<Sold, number> {
  const returned = new Map<Sold, number>();
  for (const back of traces
    .filter(({ action }) => action === 'sale_return')
    .sort((a, b) => a.eventTime - b.eventTime)) {
    // A return that names a reversed sale of the box is that reversal told again.
    const named = sold.some(
      (s) => s.code === back.code && s.institution === back.institution && s.settlement === back.settlementId,
    );
    if (named && reversed.has(`${back.institution}|${back.settlementId}`)) continue;
    const earlier = sold.findLast(
      (s) =>
        s.code === back.code &&
        s.institution === back.institution &&
        s.at <= back.eventTime &&
        !returned.has(s) &&
        !reversed.has(`${s.institution}|${s.settlement}`),
    );
    if (earlier !== undefined) returned.set(earlier, back.eventTime);
  }
  return returned;
}

function missing(
  settlements: readonly Settlement[],
  traces: readonly Trace[],
  reversed: Map<string, number>,
): Expected[] {
  const exempt = (s: Settlement, item: string) =>
    traces.some(
      (t) =>
        t.action === 'stocktake' &&
        t.code === null &&
        t.institution === s.institution &&
        t.item === item &&
        t.eventTime <= s.eventTime,
    );
  return settlements
    .filter((s) => s.eventTime >= FIRST_DAY)
    .filter((s) => (reversed.get(`${s.institution}|${s.settlementId}`) ?? s.eventTime + 1) > s.eventTime)
    .filter((s) => s.cold.get().lines.some((line) => line.codes.length === 0 && !exempt(s, line.item)))
    .map((s) => ({ detector: 'trace-missing', institution: s.institution, subject: s.settlementId }));
}

function stocks(
  events: readonly YunjianEvent[],
  settlements: readonly Settlement[],
  traces: readonly Trace[],
  reversed: Map<string, number>,
): Expected[] {
  const packs = new Map(
    ofKind(events, 'drug')
      .sort((a, b) => a.eventTime - b.eventTime)
      .map((d) => [d.item, d.packSize ?? 1]),
  );
  const settledKeys = new Set([...settlements.map((s) => `${s.institution}|${s.settlementId}`), ...reversed.keys()]);
  const isPaidByFund = ({ institution, settlementId, insured }: Trace) =>
    settledKeys.has(`${institution}|${settlementId}`) || (insured ?? settlementId !== null);
  const found: Expected[] = [];
  for (const institution of new Set([...settlements, ...traces].map((e) => e.institution)))
    for (const item of new Set(settlements.flatMap((s) => s.cold.get().lines.map((line) => line.item)))) {
      const own = traces.filter((t) => t.institution === institution && t.item === item);
      const bought = traces.filter((t) => t.institution === institution && t.action === 'purchase');
      if (bought.length === 0) continue;
      const since = localMidnight(localDay(Math.min(...bought.map((t) => t.eventTime))));
      const counts = own.filter(({ action }) => action === 'stocktake');
      const counted = Math.max(Number.NEGATIVE_INFINITY, ...counts.map((t) => t.eventTime));
      const known = counted >= threeMonthsBefore(since);
      const behind = known ? (at: number) => at > counted : (at: number) => at >= since;
      const inPacks = (count: number, split: boolean) => (split ? count / (packs.get(item) ?? 1) : count);
      let available = known ? openingOf(counts, counted) : 0;
      for (const t of own) {
        if (!behind(t.eventTime)) continue;
        if (t.action === 'purchase') available += t.count;
        if (t.action === 'purchase_return') available -= t.count;
        if (t.action === 'adjust') available += t.count;
        if (t.action === 'sale' && !isPaidByFund(t)) available -= inPacks(t.count, t.split);
        if (t.action === 'sale_return' && !reversed.has(`${institution}|${t.settlementId}`))
          available += inPacks(t.count, t.split);
      }
      let [settled, amount, last] = [0, 0, Number.NEGATIVE_INFINITY];
      for (const s of settlements) {
        if (s.institution !== institution || !behind(s.eventTime)) continue;
        for (const line of s.cold.get().lines) {
          if (line.item !== item) continue;
          if (reversed.has(`${institution}|${s.settlementId}`)) continue;
          last = Math.max(last, s.eventTime);
          settled += inPacks(line.count, line.split);
          amount += line.amount;
        }
      }
      const latest = Math.max(...bought.map((t) => monthNumber(t.eventTime)));
      const excess = settled - available;
      if (settled <= 0 || monthNumber(last) - latest > 3 || excess <= ONE) continue;
      if ((amount * Math.min(excess, settled)) / settled <= 10_000) continue;
      found.push({ detector: 'stock-mismatch', institution, subject: `${institution}/${item}` });
    }
  return found;
}

/** Each box or batch by its latest count on the last day of counting; what was counted at one instant is counted together. */
function openingOf(counts: readonly Trace[], at: number): number {
  const onThatDay = counts.filter((c) => localDay(c.eventTime) === localDay(at));
  const named = (t: Trace) => t.code ?? t.batch ?? t.document;
  const latest = (t: Trace) => !onThatDay.some((c) => named(c) === named(t) && c.eventTime > t.eventTime);
  return onThatDay.filter(latest).reduce((sum, { count }) => sum + count, 0);
}

function latestOfEach(detector: string, sold: readonly Sold[]): Expected[] {
  const last = new Map(sold.map((sale) => [sale.code, sale.institution]));
  return [...last].map(([subject, institution]) => ({ detector, institution, subject }));
}

function monthText(at: number): string {
  return localDate(localDay(at)).slice(0, 7);
}

function monthNumber(at: number): number {
  const text = monthText(at);
  return Number(text.slice(0, 4)) * 12 + Number(text.slice(5));
}

/** The start of the month three before that of an instant, ms. */
function threeMonthsBefore(at: number): number {
  const month = monthNumber(at) - 1 - 3;
  return Date.UTC(Math.floor(month / 12), month % 12) - 8 * HOUR_MS;
}
