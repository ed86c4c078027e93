// The oracle of trace-repeated: one code's whole life at a time.
import type { Settlement, Trace, YunjianEvent } from '@yunjian/contracts';
import { type Expected, firstDocuments, ofKind } from './documents.ts';

const CLOSE_MS = 7 * 86_400_000;
const ONE = 10_000;

interface Sale {
  institution: string;
  at: number;
  settlementId: string | null;
  split: boolean;
  /** Ten-thousandths. */
  count: number;
  item: string;
}

export function traceOracle(all: readonly YunjianEvent[]): Expected[] {
  const events = firstDocuments(all);
  const reversed = new Set<string>();
  const settlements = ofKind(events, 'settlement');
  for (const r of ofKind(events, 'reversal')) {
    const original =
      r.originalId ??
      settlements.find(
        (s) => s.institution === r.institution && s.messageId !== null && s.messageId === r.originalMessageId,
      )?.settlementId;
    if (original !== undefined) reversed.add(`${r.institution}|${original}`);
  }
  const packs = new Map(
    ofKind(events, 'drug')
      .sort((a, b) => a.eventTime - b.eventTime)
      .map((d) => [d.item, d.packSize]),
  );
  const traces = ofKind(events, 'trace').filter(({ code }) => code !== null);
  const codes = new Set([
    ...settlements.flatMap((s) => s.cold.get().lines.flatMap((l) => l.codes)),
    ...traces.map(({ code }) => code as string),
  ]);
  return [...codes].flatMap((code) =>
    judge(
      code,
      settlements,
      traces.filter((t) => t.code === code),
      reversed,
      packs,
    ),
  );
}

function judge(
  code: string,
  settlements: Settlement[],
  traces: Trace[],
  reversed: Set<string>,
  packs: Map<string, number | null>,
): Expected[] {
  const sales: Sale[] = [];
  const settled = new Set<string>();
  for (const s of settlements)
    for (const [i, line] of s.cold.get().lines.entries()) {
      const again = s.cold.get().lines.some((o, j) => j < i && o.line === line.line && o.codes.includes(code));
      if (line.codes.includes(code) && !again) {
        settled.add(`${s.institution}|${s.settlementId}`);
        if (!reversed.has(`${s.institution}|${s.settlementId}`))
          sales.push({
            institution: s.institution,
            at: s.eventTime,
            settlementId: s.settlementId,
            split: line.split,
            count: line.count,
            item: line.item,
          });
      }
    }
  for (const t of traces)
    if (
      t.action === 'sale' &&
      !(
        t.settlementId !== null &&
        (settled.has(`${t.institution}|${t.settlementId}`) || reversed.has(`${t.institution}|${t.settlementId}`))
      )
    )
      sales.push({
        institution: t.institution,
        at: t.eventTime,
        settlementId: t.settlementId,
        split: t.split,
        count: t.count,
        item: t.item,
      });
  for (const back of traces
    .filter(({ action }) => action === 'sale_return')
    .sort((a, b) => a.eventTime - b.eventTime)) {
    if (back.settlementId !== null && reversed.has(`${back.institution}|${back.settlementId}`)) continue;
    const earlier = sales
      .filter((s) => s.institution === back.institution && s.at <= back.eventTime)
      .sort((a, b) => a.at - b.at)
      .at(-1);
    if (earlier !== undefined) sales.splice(sales.indexOf(earlier), 1);
  }
  sales.sort((a, b) => a.at - b.at);
  const split = sales.filter((s) => s.split);
  const splitPacks = split.reduce((sum, s) => sum + s.count / ONE / (packs.get(s.item) ?? 1), 0);
  const net = sales.length - split.length + Math.ceil(splitPacks - 1e-9);
  if (net < 2) return [];
  const [first, last] = [sales[0] as Sale, sales.at(-1) as Sale];
  const several = new Set(sales.map((s) => s.institution)).size > 1;
  const suspicion = !several ? 'substitution' : last.at - first.at <= CLOSE_MS ? 'counterfeit' : 'resold';
  return [
    {
      detector: 'trace-repeated',
      institution: last.institution,
      subject: code,
      level: { substitution: 3, counterfeit: 1, resold: 2 }[suspicion],
      facts: { suspicion },
    },
  ];
}
