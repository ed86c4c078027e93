// Simple readings of detectors.md over everything that was sent: each rule by itself, nothing incremental, only what a day can show.
import {
  createPseudonymiser,
  type Institution,
  localDate,
  localDay,
  localMidnight,
  type Presence,
  type Settlement,
  type StaffPresence,
  type YunjianEvent,
} from '@yunjian/contracts';
import { type Expected, firstDocuments, ofKind } from '../oracle/documents.ts';
import { identityOracle } from '../oracle/identity.ts';

const MINUTE_MS = 60_000;
const LIMIT_FEN = { pharmacy: 50_000, clinic: 100_000, hospital: 500_000 } as const;

export const pseudonymiser = createPseudonymiser('simulation');

export function readDay(all: readonly YunjianEvent[]): Expected[] {
  const events = firstDocuments(all);
  const homes = new Map(ofKind(events, 'institution').map((i) => [i.institution, i]));
  const settlements = ofKind(events, 'settlement').filter(({ medicalType }) => medicalType !== '21');
  const reversals = ofKind(events, 'reversal');
  const undone = (s: (typeof settlements)[number]) =>
    reversals.some(
      (r) => r.institution === s.institution && r.originalId === s.settlementId && r.eventTime <= s.eventTime,
    );
  const out: Expected[] = [];
  const about = (detector: string, s: (typeof settlements)[number]) =>
    out.push({ detector, institution: s.institution, subject: s.settlementId });
  const presence = Map.groupBy(ofKind(events, 'presence'), ({ institution }) => institution);
  const staff = Map.groupBy(ofKind(events, 'staffPresence'), ({ institution }) => institution);
  const numbered = new Set(ofKind(all, 'settlement').flatMap((s) => (s.prescription === null ? [] : [s.document])));
  const catalogue = new Map(ofKind(events, 'drug').map((d) => [d.item, d]));
  const prefixes = [...catalogue.values()].flatMap((d) => d.prefixes.map((p) => ({ ...p, item: d.item })));

  for (const s of settlements) {
    const home = homes.get(s.institution) as Institution;
    const lines = s.cold.get().lines;
    if (undone(s)) continue;
    const prescribed = lines.some((l) => l.prescriptionDrug ?? catalogue.get(l.item)?.prescriptionDrug);
    if (prescribed && !numbered.has(s.document)) about('prescription-missing', s);
    if (prescribed && home.category === 'pharmacy' && !pharmacistThere(staff.get(s.institution) ?? [], s))
      about('pharmacist-absent', s);
    const limit = LIMIT_FEN[home.category] * (s.medicalType === '14' ? 3 : 1);
    if (s.fund > limit) about('large-amount', s);
    if (home.category === 'pharmacy' && outside(String(home.cold.get().openHours), s.eventTime))
      about('night-settlement', s);
    if (s.terminal !== null && swipedAtNobody(presence.get(s.institution) ?? [], s)) about('empty-swipe', s);
    if (lines.some(({ item, codes }) => codes.length === 0 && !item.startsWith('T'))) about('trace-missing', s);
    for (const line of lines) {
      const most = s.medicalType === '14' ? 90 : (catalogue.get(line.item)?.maxDays ?? 7);
      if ((line.days ?? 0) > most)
        out.push({ detector: 'excess-supply', institution: s.institution, subject: s.person });
      for (const code of line.codes) {
        const found = prefixes.find((p) => code.startsWith(p.prefix));
        if (found !== undefined && (found.item !== line.item || found.level > 1))
          out.push({ detector: 'trace-product-mismatch', institution: s.institution, subject: code });
      }
    }
  }
  out.push(...mismatches(events), ...clusters(events, presence), ...duplicates(settlements, reversals));
  return out;
}

/** Whether of anybody who signed that day the last signing until then says present (docs/adr/0020). */
function pharmacistThere(signings: readonly StaffPresence[], { eventTime }: Settlement): boolean {
  const today = signings.filter((p) => localDay(p.eventTime) === localDay(eventTime) && p.eventTime <= eventTime);
  const last = new Map(today.sort((a, b) => a.eventTime - b.eventTime).map(({ staff, present }) => [staff, present]));
  return [...last.values()].includes(true);
}

function outside(hours: string, at: number): boolean {
  const [opens = 0, closes = 0] = hours
    .split('-')
    .map((clock) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3)));
  const minute = (at - localMidnight(localDay(at))) / MINUTE_MS;
  return minute < opens - 15 || minute > closes + 15;
}

function swipedAtNobody(readings: readonly Presence[], s: Settlement): boolean {
  const seen = readings.filter((p) => p.terminal === s.terminal && Math.abs(p.eventTime - s.eventTime) <= MINUTE_MS);
  return seen.length > 0 && seen.every(({ persons }) => persons === 0);
}

/** As docs/adr/0005 has it: whoever passed the check for a settlement of their own is no sign of somebody else. */
function mismatches(events: readonly YunjianEvent[]): Expected[] {
  const missing = new Set(
    identityOracle(events).flatMap((e) => (e.detector === 'identity-check-missing' ? [e.subject] : [])),
  );
  const settlements = ofKind(events, 'settlement');
  type Check = ReturnType<typeof ofKind<'identityCheck'>>[number];
  const inWindow = (c: Check, s: (typeof settlements)[number]) =>
    c.institution === s.institution &&
    c.terminal === s.terminal &&
    c.eventTime >= s.eventTime - 10 * MINUTE_MS &&
    c.eventTime <= s.eventTime + 2 * MINUTE_MS;
  const checks = ofKind(events, 'identityCheck').filter(
    (c) => c.result === 'failed' || !settlements.some((s) => s.person === c.person && inWindow(c, s)),
  );
  return settlements
    .filter(({ settlementId }) => missing.has(settlementId))
    .filter((s) =>
      checks.some(
        (c) =>
          inWindow(c, s) &&
          c.person !== null &&
          (c.result === 'failed' ? c.person === s.person : c.person !== s.person),
      ),
    )
    .map((s) => ({ detector: 'identity-mismatch', institution: s.institution, subject: s.settlementId }));
}

function clusters(events: readonly YunjianEvent[], presence: Map<string, Presence[]>): Expected[] {
  const found = new Set<string>();
  const settlements = ofKind(events, 'settlement').filter(({ terminal }) => terminal !== null);
  for (const s of settlements) {
    const within = (e: { institution: string; terminal: string | null; eventTime: number }) =>
      e.institution === s.institution &&
      e.terminal === s.terminal &&
      e.eventTime >= s.eventTime &&
      e.eventTime <= s.eventTime + 5 * MINUTE_MS;
    const people = new Set(settlements.filter((o) => within(o) && !o.byAgent).map(({ person }) => person)).size;
    const readings = (presence.get(s.institution) ?? []).filter(within);
    if (people >= 3 && readings.length > 0 && readings.every(({ persons }) => persons < people))
      found.add(`${s.institution}/${localDate(localDay(s.eventTime))}`);
  }
  return [...found].map((subject) => ({ detector: 'card-cluster', institution: subject.slice(0, 12), subject }));
}

function duplicates(
  settlements: ReturnType<typeof ofKind<'settlement'>>,
  reversals: ReturnType<typeof ofKind<'reversal'>>,
): Expected[] {
  const found = new Map<string, Expected>();
  for (const a of settlements)
    for (const b of settlements) {
      if (a === b || a.person !== b.person || a.institution !== b.institution || a.settlementId >= b.settlementId)
        continue;
      if (reversals.some((r) => r.originalId === a.settlementId || r.originalId === b.settlementId)) continue;
      const same = a.cold
        .get()
        .lines.some((x) =>
          b.cold.get().lines.some((y) => x.item === y.item && x.amount === y.amount && x.occurredAt === y.occurredAt),
        );
      if (same) found.set(a.person, { detector: 'duplicate-charge', institution: a.institution, subject: a.person });
    }
  return [...found.values()];
}
