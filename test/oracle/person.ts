// What the rules about persons claim of one life, read off every pair of documents and day by day from the words of the rules: slow and plain.
import { type LaneEvent, localDay, type Settlement } from '@yunjian/contracts';

const DAY = 86_400_000;
const HOUR = 3_600_000;

type Bed = Settlement & { begin: number; end: number };

/** Kilometres between institutions, as the life lays them out. */
export type Distance = (a: string, b: string) => number;

/** `detector settlement`, sorted, each once. */
export function readPerson(documents: readonly LaneEvent[], distance: Distance): string[] {
  const reversals = documents.filter((event) => event.kind === 'reversal');
  const undoneAt = (s: Settlement) => reversals.find((r) => r.originalId === s.settlementId)?.eventTime ?? Infinity;
  const all = documents.filter((event) => event.kind === 'settlement');
  const happened = all.filter((s) => undoneAt(s) > s.eventTime).sort((a, b) => (isBefore(a, b) ? -1 : 1));
  const standing = happened.filter((s) => undoneAt(s) === Infinity);
  const beds = (list: readonly Settlement[]) => list.filter((s): s is Bed => s.medicalType === '21');
  const visits = happened.filter((s) => s.medicalType !== '21');
  return [
    ...afterDeath(documents, happened),
    ...duringStay(visits, beds(happened)),
    ...readmitted(beds(happened)),
    ...overlapping(beds(standing)),
    ...twice(standing),
    ...tooFar(happened, distance),
    ...tooMuch(visits, undoneAt),
    ...tooOften(visits, undoneAt),
  ]
    .filter((claim, i, claims) => claims.indexOf(claim) === i)
    .sort();
}

function isBefore(a: Settlement, b: Settlement): boolean {
  if (a.eventTime !== b.eventTime) return a.eventTime < b.eventTime;
  return `${a.institution}|${a.settlementId}` < `${b.institution}|${b.settlementId}`;
}

function afterDeath(documents: readonly LaneEvent[], happened: readonly Settlement[]): string[] {
  const word = documents
    .filter((event) => event.kind === 'personStatus')
    .sort((a, b) => a.eventTime - b.eventTime)
    .at(-1);
  if (word?.status !== 'deceased') return [];
  return happened
    .filter((s) => localDay(s.eventTime) > localDay(word.effectiveAt))
    .map((s) => `settled-after-death ${s.settlementId}`);
}

function duringStay(visits: readonly Settlement[], beds: readonly Bed[]): string[] {
  return visits
    .filter((s) => {
      const day = localDay(s.eventTime);
      return !s.byAgent && beds.some(({ begin, end }) => day > localDay(begin) && day < localDay(end));
    })
    .map((s) => `visit-during-stay ${s.settlementId}`);
}

function readmitted(beds: readonly Bed[]): string[] {
  return beds.flatMap((b) =>
    beds.flatMap((a) => {
      const gap = localDay(b.begin) - localDay(a.end);
      const same = a.institution === b.institution;
      const soon = b.begin >= a.end && (same ? gap <= 15 : gap >= 1 && gap <= 7);
      const unplanned = a.diagnosis === 'K80.200' && b.diagnosis === 'K80.200';
      return a !== b && isAdmittedBefore(a, b) && soon && unplanned ? [`readmission ${b.settlementId}`] : [];
    }),
  );
}

function isAdmittedBefore(a: Bed, b: Bed): boolean {
  return a.begin !== b.begin ? a.begin < b.begin : isBefore(a, b);
}

/** Of each stay that others were under way at, the bill that came last. */
function overlapping(beds: readonly Bed[]): string[] {
  const daysOf = ({ begin, end }: Bed) =>
    Array.from({ length: localDay(end) - localDay(begin) + 1 }, (_, i) => localDay(begin) + i);
  const shared = (a: Bed, b: Bed) => daysOf(a).filter((day) => daysOf(b).includes(day)).length;
  return beds.flatMap((b) => {
    const others = beds.filter((a) => a !== b && isAdmittedBefore(a, b) && shared(a, b) > 1);
    const [last] = [b, ...others].sort((x, y) => (isBefore(x, y) ? 1 : -1)) as [Bed];
    return others.length === 0 ? [] : [`overlapping-stay ${last.settlementId}`];
  });
}

/** Every life has one item and one amount: what remains is institution and instant. */
function twice(standing: readonly Settlement[]): string[] {
  const same = (a: Settlement, b: Settlement) => a.institution === b.institution && a.eventTime === b.eventTime;
  return standing
    .filter((s) => standing.some((o) => same(o, s) && isBefore(o, s)))
    .map((s) => `duplicate-charge ${s.settlementId}`);
}

function tooFar(happened: readonly Settlement[], distance: Distance): string[] {
  return happened.flatMap((b) =>
    happened.flatMap((a) => {
      if (!isBefore(a, b) || a.institution === b.institution || a.byAgent || b.byAgent) return [];
      const hours = (b.eventTime - a.eventTime) / HOUR + 5 / 60;
      const tooFast = (distance(a.institution, b.institution) - 2) / hours > 120;
      return tooFast ? [`impossible-travel ${b.settlementId}`] : [];
    }),
  );
}

/** A day is lived through after the other, and a day of supply used up on each. */
function tooMuch(visits: readonly Settlement[], undoneAt: (s: Settlement) => number): string[] {
  const daysOf = (s: Settlement) => s.cold.get().lines[0]?.days ?? 0;
  return visits
    .filter((s) => {
      if (daysOf(s) === 0) return false;
      const kept = visits.filter((o) => o !== s && isBefore(o, s) && undoneAt(o) > s.eventTime);
      let inHand = 0;
      for (let day = localDay(kept[0]?.eventTime ?? s.eventTime); day <= localDay(s.eventTime); day++) {
        inHand = Math.max(0, inHand - 1);
        for (const o of kept) if (localDay(o.eventTime) === day) inHand += daysOf(o);
      }
      return daysOf(s) > 7 || inHand + daysOf(s) > 7 + 15;
    })
    .map((s) => `excess-supply ${s.settlementId}`);
}

/** The first purchase too many of the month: every life lies within one. */
function tooOften(visits: readonly Settlement[], undoneAt: (s: Settlement) => number): string[] {
  const unlisted = visits.filter(({ diagnosis }) => diagnosis === null);
  const first = unlisted.find((s) => {
    const up = unlisted.filter((o) => (o === s || isBefore(o, s)) && undoneAt(o) > s.eventTime);
    const within = (days: number) => up.filter((o) => s.eventTime - o.eventTime <= days * DAY);
    return within(30).length >= 5 || new Set(within(7).map((o) => o.institution)).size >= 3;
  });
  return first === undefined ? [] : [`frequent-purchase ${first.settlementId}`];
}
