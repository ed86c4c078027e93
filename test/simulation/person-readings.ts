// Simple readings of the person's and the code's rules over some days: everything about a person side by side.
import { type Institution, localDay, type Settlement, type YunjianEvent } from '@yunjian/contracts';
import { type Expected, firstDocuments, ofKind } from '../oracle/documents.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const EARTH_KM = 6371;

/** @param until the last instant that is judged, ms: what is due later is not claimed */
export function readPersons(all: readonly YunjianEvent[], until: number): Expected[] {
  const events = firstDocuments(all);
  const homes = new Map(ofKind(events, 'institution').map((i) => [i.institution, i]));
  const words = ofKind(events, 'personStatus').sort((a, b) => a.eventTime - b.eventTime);
  const deaths = new Map(words.map((w) => [w.person, w.status === 'deceased' ? w.effectiveAt : undefined]));
  const reversals = ofKind(events, 'reversal');
  const byPerson = Map.groupBy(ofKind(events, 'settlement'), ({ person }) => person);
  const found: Expected[] = [];
  for (const [person, list] of byPerson) {
    const own = list.sort((a, b) => a.eventTime - b.eventTime);
    const claim = (detector: string, at: Settlement) =>
      found.push({ detector, institution: at.institution, subject: person });
    const died = deaths.get(person);
    const late = own.find(
      (s) => died !== undefined && s.medicalType !== '21' && localDay(s.eventTime) > localDay(died),
    );
    if (late !== undefined) claim('settled-after-death', late);
    if (own.length < 2) continue;
    const far = own.find((b, i) => own.slice(0, i).some((a) => tooFast(a, b, homes)));
    if (far !== undefined) claim('impossible-travel', far);
    const often = purchasesAt3(own);
    if (often !== undefined) claim('frequent-purchase', often);
    const cycle = thirdCycle(own, reversals);
    if (cycle !== undefined) claim('swipe-return-cycle', cycle);
    for (const [detector, at] of stays(own)) claim(detector, at);
  }
  return [...found, ...unbought(events, until), ...repeated(events)];
}

function tooFast(a: Settlement, b: Settlement, homes: Map<string, Institution>): boolean {
  if (a.institution === b.institution || a.byAgent || b.byAgent || a.terminal === null || b.terminal === null)
    return false;
  const [from, to] = [homes.get(a.institution) as Institution, homes.get(b.institution) as Institution];
  const hours = (b.eventTime - a.eventTime + 5 * MINUTE_MS) / 3_600_000;
  return (kilometres(from, to) - 2) / hours > 120;
}

function kilometres(a: Institution, b: Institution): number {
  const radians = (degrees: number | null) => ((degrees ?? 0) * Math.PI) / 180;
  const [p, q] = [radians(a.latitude), radians(b.latitude)];
  const angle =
    Math.sin(p) * Math.sin(q) + Math.cos(p) * Math.cos(q) * Math.cos(radians(a.longitude) - radians(b.longitude));
  return EARTH_KM * Math.acos(Math.min(1, angle));
}

/** The settlement at the third institution within seven days that sells the same drug. */
function purchasesAt3(own: readonly Settlement[]): Settlement | undefined {
  return own.find(
    (s) =>
      s.diagnosis !== 'Z49.100' &&
      s.cold.get().lines.some(({ item }) => {
        const places = own.filter(
          (o) =>
            o.eventTime <= s.eventTime &&
            s.eventTime - o.eventTime <= 7 * DAY_MS &&
            o.cold.get().lines.some((line) => line.item === item),
        );
        return new Set(places.map(({ institution }) => institution)).size >= 3;
      }),
  );
}

/** The end of the third cycle; the same items settled anew within ten minutes of the reversal correct a bill, once. */
function thirdCycle(
  own: readonly Settlement[],
  reversals: ReturnType<typeof ofKind<'reversal'>>,
): Settlement | undefined {
  let cycles = 0;
  let corrected = false;
  return own.find((s, i) => {
    const before = own[i - 1];
    const undone = reversals.find((r) => r.originalId === before?.settlementId);
    if (before?.institution !== s.institution || undone === undefined || undone.eventTime > s.eventTime) return false;
    if (undone.eventTime - before.eventTime > 30 * MINUTE_MS) return false;
    const corrects = s.eventTime - undone.eventTime <= 10 * MINUTE_MS && itemsOf(s) === itemsOf(before);
    if (corrects && !corrected) corrected = true;
    else cycles++;
    return cycles === 3;
  });
}

const itemsOf = (s: Settlement): string => [...new Set(s.cold.get().lines.map(({ item }) => item))].sort().join(' ');

function stays(own: readonly Settlement[]): [string, Settlement][] {
  const found: [string, Settlement][] = [];
  const beds = own.filter((s) => s.medicalType === '21' && s.begin !== null && s.end !== null);
  for (const [i, b] of beds.entries())
    for (const a of beds.slice(0, i)) {
      const [first, second] = (a.begin as number) <= (b.begin as number) ? [a, b] : [b, a];
      const shared = Math.min(localDay(a.end as number), localDay(b.end as number)) - localDay(second.begin as number);
      if (shared > 1) found.push(['overlapping-stay', b]);
      const away = ((second.begin as number) - (first.end as number)) / DAY_MS;
      const same = first.institution === second.institution;
      const limit = same ? 15 : 7;
      const transfer = !same && localDay(second.begin as number) === localDay(first.end as number);
      if (
        first.diagnosis === second.diagnosis &&
        !first.diagnosis?.startsWith('Z51') &&
        away > 0 &&
        away <= limit &&
        !transfer
      )
        found.push(['readmission', second]);
    }
  for (const s of own)
    if (s.medicalType !== '21' && !s.byAgent)
      for (const bed of beds)
        if (
          localDay(s.eventTime) > localDay(bed.begin as number) &&
          localDay(s.eventTime) < localDay(bed.end as number)
        )
          found.push(['visit-during-stay', s]);
  return found;
}

const GRACE_MS = 72 * 3_600_000;

/** Codes sold where they were never bought, 72 h ago; one finding a month where nothing is ever bought. */
function unbought(events: readonly YunjianEvent[], until: number): Expected[] {
  const traces = ofKind(events, 'trace');
  const bought = new Set(traces.filter(({ action }) => action === 'purchase').map((t) => `${t.institution} ${t.code}`));
  const buyers = new Set(traces.filter(({ action }) => action === 'purchase').map((t) => t.institution));
  const found = new Map<string, Expected>();
  for (const s of ofKind(events, 'settlement'))
    for (const code of s.cold.get().lines.flatMap((line) => line.codes)) {
      if (s.eventTime + GRACE_MS > until || bought.has(`${s.institution} ${code}`)) continue;
      const month = new Date(s.eventTime + 8 * 3_600_000).toISOString().slice(0, 7);
      const subject = buyers.has(s.institution) ? code : `${s.institution}/${month}`;
      found.set(subject, { detector: 'trace-not-purchased', institution: s.institution, subject });
    }
  return [...found.values()];
}

/** Codes that were settled more often than they came back; a pack that was split counts once while its parts fit. */
function repeated(events: readonly YunjianEvent[]): Expected[] {
  const packs = new Map(ofKind(events, 'drug').map((d) => [d.item, d.packSize ?? 1]));
  const undone = new Set(ofKind(events, 'reversal').map((r) => r.originalId));
  const returned = new Set(
    ofKind(events, 'trace').flatMap((t) => (t.action === 'sale_return' ? [`${t.settlementId} ${t.code}`] : [])),
  );
  const sold = new Map<string, { packs: number; last: Settlement }>();
  for (const s of ofKind(events, 'settlement').sort((a, b) => a.eventTime - b.eventTime)) {
    if (undone.has(s.settlementId)) continue;
    for (const line of s.cold.get().lines)
      for (const code of line.codes) {
        if (returned.has(`${s.settlementId} ${code}`)) continue;
        const share = line.split ? line.count / 10_000 / (packs.get(line.item) ?? 1) : 1;
        sold.set(code, { packs: (sold.get(code)?.packs ?? 0) + share, last: s });
      }
  }
  return [...sold].flatMap(([subject, { packs: times, last }]) =>
    times > 1.5 ? [{ detector: 'trace-repeated', institution: last.institution, subject }] : [],
  );
}
