// The oracle of the rules about tills: all events known, every settlement looked at once, as detectors.md and docs/adr/0020, 0054 have it.
import {
  type Institution,
  localDate,
  localDay,
  localMidnight,
  type Presence,
  type Reversal,
  type Settlement,
  type StaffPresence,
  type YunjianEvent,
} from '@yunjian/contracts';
import { firstDocuments, ofKind } from './documents.ts';
import type { Standing } from './institution-world.ts';
import { aliveThrough } from './life.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
/** Inpatient, single disease, day ward, delivery (domain.md §1). */
const WARD = new Set(['21', '26', '28', '52']);
const LIMIT_FEN = { pharmacy: 50_000, clinic: 100_000, hospital: 500_000 } as const;

/** Of one institution. */
export function tillOracle(all: readonly YunjianEvent[]): Standing[] {
  const numbered = ofKind(all, 'settlement').filter(({ prescription }) => prescription !== null);
  const till = new Till(firstDocuments(all), new Set(numbered.map(({ document }) => document)));
  return [
    ...till.emptySwipes(),
    ...till.clusters(),
    ...till.withoutPharmacist(),
    ...till.withoutPrescription(),
    ...till.largeAmounts(),
    ...till.nights(),
  ];
}

class Till {
  readonly #settlements: Settlement[];
  readonly #reversals: Reversal[];
  readonly #presence: Presence[];
  readonly #staff: StaffPresence[];
  readonly #registrations: Institution[];
  readonly #signs: Parameters<typeof aliveThrough>[0];
  /** Whether the catalogue calls the drug one on prescription. */
  readonly #catalogue: boolean;

  /** Settlements of which any document brought a prescription number. */
  readonly #numbered: ReadonlySet<string>;

  constructor(events: readonly YunjianEvent[], numbered: ReadonlySet<string>) {
    this.#numbered = numbered;
    this.#settlements = ofKind(events, 'settlement').sort(
      (a, b) => a.eventTime - b.eventTime || (a.settlementId < b.settlementId ? -1 : 1),
    );
    this.#reversals = ofKind(events, 'reversal');
    this.#presence = ofKind(events, 'presence');
    this.#staff = ofKind(events, 'staffPresence');
    this.#registrations = ofKind(events, 'institution').sort(byTime);
    this.#signs = ofKind(events, 'heartbeat', 'identityCheck', 'presence', 'cameraStatus', 'staffPresence');
    this.#catalogue = ofKind(events, 'drug').sort(byTime).at(-1)?.prescriptionDrug ?? false;
  }

  emptySwipes(): Standing[] {
    const empty = this.#settlements.filter((s) => {
      const [from, to] = [s.eventTime - MINUTE_MS, s.eventTime + MINUTE_MS];
      const readings = this.#readings(s, from, to);
      return (
        !this.#undone(s, to) &&
        !(s.certificate === '01' && s.terminal === null) &&
        this.#alive(s, from, to) &&
        readings.length > 0 &&
        readings.every(({ persons }) => persons === 0)
      );
    });
    return empty.map((s) => {
      const near = empty.filter((o) => o.terminal === s.terminal);
      const grave = near.some(
        ({ eventTime: from }) =>
          within(s, from, from + 10 * MINUTE_MS) &&
          personsOf(near.filter((o) => within(o, from, from + 10 * MINUTE_MS))) >= 3,
      );
      return { detector: 'empty-swipe', subject: s.settlementId, level: grave ? 1 : 2 };
    });
  }

  clusters(): Standing[] {
    const days = new Set<string>();
    for (const s of this.#settlements) {
      const [from, to] = [s.eventTime, s.eventTime + 5 * MINUTE_MS];
      const cards = this.#settlements.filter(
        (o) => o.terminal === s.terminal && within(o, from, to) && !o.byAgent && !this.#undone(o, to),
      );
      const readings = this.#readings(s, from, to);
      if (
        s.terminal !== null &&
        cards.includes(s) &&
        personsOf(cards) >= 3 &&
        readings.length > 0 &&
        readings.every(({ persons }) => persons < personsOf(cards)) &&
        this.#alive(s, from, to)
      )
        days.add(dayOf(s));
    }
    return [...days].map((subject) => ({ detector: 'card-cluster', subject, level: 2 }));
  }

  withoutPharmacist(): Standing[] {
    const sales = this.#settlements.filter(
      (s) =>
        this.#isPrescribed(s) &&
        !this.#undone(s, s.eventTime) &&
        this.#home(s.eventTime)?.category === 'pharmacy' &&
        !this.#hasPharmacist(s),
    );
    const reports = this.#staff.length > 0;
    const subjects = new Set(sales.map((s) => (reports ? s.settlementId : dayOf(s))));
    return [...subjects].map((subject) => ({ detector: 'pharmacist-absent', subject, level: 3 }));
  }

  withoutPrescription(): Standing[] {
    return this.#settlements
      .filter((s) => this.#isPrescribed(s) && !this.#numbered.has(s.document) && !WARD.has(s.medicalType))
      .filter((s) => !this.#undone(s, s.eventTime))
      .map((s) => ({ detector: 'prescription-missing', subject: s.settlementId, level: 3 }));
  }

  largeAmounts(): Standing[] {
    const above = this.#settlements.filter((s) => !this.#undone(s, s.eventTime) && s.fund > this.#limit(s));
    const subjects = above.map(({ settlementId }) => settlementId);
    for (const [person, all] of Map.groupBy(this.#settlements, (s) => s.person)) {
      const counted = all.filter((s) => Number.isFinite(this.#limit(s)) && s.fund <= this.#limit(s));
      const valid = counted.filter((s) => !this.#undone(s, s.eventTime));
      const most = Math.max(0, ...valid.map((s) => this.#limit(s)));
      const sums = counted.map((last, i) =>
        counted
          .slice(0, i + 1)
          .filter((s) => !this.#undone(s, last.eventTime))
          .reduce((sum, s) => sum + s.fund, 0),
      );
      if (Math.max(0, ...sums) > most) subjects.push(person);
    }
    return subjects.map((subject) => ({ detector: 'large-amount', subject, level: 3 }));
  }

  nights(): Standing[] {
    return this.#settlements
      .filter((s) => s.medicalType !== '13' && !this.#undone(s, s.eventTime) && this.#isOutside(s))
      .map((s, i) => ({ detector: 'night-settlement', subject: s.settlementId, level: i < 2 ? 4 : 3 }));
  }

  #undone(s: Settlement, deadline: number): boolean {
    return this.#reversals.some((r) => r.originalId === s.settlementId && r.eventTime <= deadline);
  }

  #home(at: number): Institution | undefined {
    return this.#registrations.findLast(({ eventTime }) => eventTime <= at);
  }

  #cameras({ terminal, eventTime }: Settlement): string[] {
    const counters = this.#home(eventTime)?.counters ?? [];
    return counters.flatMap((c) =>
      c.device !== null && (terminal === null || c.terminal === terminal) ? [c.device] : [],
    );
  }

  #alive(s: Settlement, from: number, to: number): boolean {
    const cameras = this.#cameras(s);
    return cameras.length > 0 && cameras.every((device) => aliveThrough(this.#signs, device, from, to));
  }

  /** What was read at the settlement's terminal: at that which a reading names, else at those that its camera watches. */
  #readings(s: Settlement, from: number, to: number): Presence[] {
    return this.#presence.filter((p) => {
      if (!within(p, from, to)) return false;
      if (p.terminal !== null && s.terminal !== null) return p.terminal === s.terminal;
      return this.#cameras(s).includes(p.device);
    });
  }

  #isPrescribed(s: Settlement): boolean {
    return s.cold.get().lines.some(({ prescriptionDrug }) => prescriptionDrug ?? this.#catalogue);
  }

  #hasPharmacist({ eventTime }: Settlement): boolean {
    const signed = this.#staff
      .filter((p) => p.role === 'pharmacist' && p.eventTime <= eventTime)
      .sort((a, b) => a.eventTime - b.eventTime || Number(a.present) - Number(b.present));
    const there = new Set<string | null>();
    for (const { present, staff } of signed) {
      if (present) there.add(staff);
      else if (staff === null) there.clear();
      else for (const who of [staff, null]) there.delete(who);
    }
    return there.size > 0;
  }

  #limit({ eventTime, medicalType }: Settlement): number {
    const home = this.#home(eventTime);
    if (home === undefined || WARD.has(medicalType)) return Number.POSITIVE_INFINITY;
    return LIMIT_FEN[home.category] * (medicalType === '14' ? 3 : 1);
  }

  #isOutside({ eventTime }: Settlement): boolean {
    const home = this.#home(eventTime);
    if (home === undefined || home.category === 'hospital') return false;
    const hours = home.cold.get().openHours;
    const minute = (eventTime - localMidnight(localDay(eventTime))) / MINUTE_MS;
    if (hours === null) return minute >= 23 * 60 || minute < 6 * 60;
    const [opens = 0, closes = DAY_MINUTES] = String(hours)
      .split('-')
      .map((clock) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3)));
    return minute < opens - 15 || minute > closes + 15;
  }
}

function byTime(a: { eventTime: number; document: string }, b: { eventTime: number; document: string }): number {
  return a.eventTime - b.eventTime || (a.document < b.document ? -1 : 1);
}

function within({ eventTime }: { eventTime: number }, from: number, to: number): boolean {
  return eventTime >= from && eventTime <= to;
}

function personsOf(settlements: readonly Settlement[]): number {
  return new Set(settlements.map(({ person }) => person)).size;
}

function dayOf({ institution, eventTime }: Settlement): string {
  return `${institution}/${localDate(localDay(eventTime))}`;
}
