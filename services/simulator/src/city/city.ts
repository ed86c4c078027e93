// The city: institutions with counters and cameras, opening hours and how busy they are. A pure function of seed and options.
import { CATALOGUE, type Drug } from './catalogue.ts';
import { CITY_NAME, DISTRICTS, type District } from './places.ts';
import { concern, mix, Random } from './random.ts';

export type Kind = 'hospital' | 'clinic' | 'pharmacy';

export interface Counter {
  /** dev_no of the settlement terminal. */
  terminal: string;
  /** GB/T 28181 id of the camera over it; null: outside video supervision. */
  camera: string | null;
  /** Number among all counters of the city. */
  index: number;
  institution: Institution;
}

export interface Institution {
  index: number;
  /** `^[HP]\d{11}$` */
  code: string;
  kind: Kind;
  name: string;
  level: string;
  district: District;
  grid: readonly string[];
  lon: number;
  lat: number;
  /** Minutes after local midnight; 0 and 1440: round the clock. */
  opens: number;
  closes: number;
  counters: Counter[];
  /** Visits in an hour of ordinary traffic. */
  hourly: number;
  /** Most visits of a day: so many insured persons belong to it for each of the three days of their turn. */
  capacity: number;
  /** First of its insured persons. */
  personsFrom: number;
  uploadsPurchases: boolean;
}

export interface CityOptions {
  hospitals?: number;
  clinics?: number;
  pharmacies?: number;
  /** Multiplier of the traffic. */
  rate?: number;
  /** Settlements a second in the whole city below which hospitals never let it fall, night included. */
  nightFloor?: number;
}

export interface City {
  seed: number;
  options: Required<CityOptions>;
  institutions: readonly Institution[];
  counters: readonly Counter[];
  drugs: readonly Drug[];
  /** Insured persons: those of the institutions, then inpatients, then those whom injected patterns use. */
  persons: number;
  inpatientsFrom: number;
  suspectsFrom: number;
}

/** A person comes at most every third day. */
export const TURN_DAYS = 3;
/** Inpatient pool: one of so many stays a hospital bills a day, over so many days without a repeat. */
export const STAYS_A_DAY = 16;
const STAY_TURN_DAYS = 40;
/** Persons that the injected patterns of one day may use, and days until they come again. */
export const SUSPECTS_A_DAY = 1600;
export const SUSPECT_TURN_DAYS = 32;
/** The last of a day's suspects are those of what is told of before the window. */
export const HISTORY_SUSPECTS = 60;

const PLACE = concern('place');
const DEFAULTS: Required<CityOptions> = { hospitals: 24, clinics: 36, pharmacies: 507, rate: 1, nightFloor: 0.5 };
const TITLES = ['仁济', '康泰', '同和', '百草', '益民', '宏济', '安康', '惠民', '福寿', '本草', '广济', '德生'];

/** @param options sizes; the default city has 24 hospitals, 36 clinics, 507 pharmacies and about 300,000 insured persons */
export function createCity(seed: number, options: CityOptions = {}): City {
  const all = { ...DEFAULTS, ...options };
  const counters: Counter[] = [];
  const institutions: Institution[] = [];
  let personsFrom = 0;
  const kinds: Kind[] = [
    ...Array<Kind>(all.hospitals).fill('hospital'),
    ...Array<Kind>(all.clinics).fill('clinic'),
    ...Array<Kind>(all.pharmacies).fill('pharmacy'),
  ];
  if (kinds.length > 999)
    throw new RangeError(`expected at most 999 institutions (codes hold three digits), got ${kinds.length}`);
  for (const [index, kind] of kinds.entries()) {
    const institution = place(seed, index, kind, all);
    institution.personsFrom = personsFrom;
    personsFrom += institution.capacity * TURN_DAYS;
    equip(seed, institution, counters);
    institutions.push(institution);
  }
  const suspectsFrom = personsFrom + all.hospitals * STAYS_A_DAY * STAY_TURN_DAYS;
  return {
    seed,
    options: all,
    institutions,
    counters,
    drugs: CATALOGUE,
    inpatientsFrom: personsFrom,
    suspectsFrom,
    persons: suspectsFrom + SUSPECTS_A_DAY * SUSPECT_TURN_DAYS,
  };
}

/** Index of the person of stay `n` of a hospital's day; the same person again only after 40 days. */
export function inpatient(city: City, hospital: number, day: number, n: number): number {
  return city.inpatientsFrom + ((day % STAY_TURN_DAYS) * city.options.hospitals + hospital) * STAYS_A_DAY + n;
}

export function isRoundTheClock({ opens, closes }: Pick<Institution, 'opens' | 'closes'>): boolean {
  return closes - opens >= 1440;
}

/** `HH:MM-HH:MM`, as the registry has it. */
export function openHours({ opens, closes }: Pick<Institution, 'opens' | 'closes'>): string {
  const clock = (minutes: number) =>
    `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  return `${clock(opens)}-${clock(closes)}`;
}

function place(seed: number, index: number, kind: Kind, options: Required<CityOptions>): Institution {
  const random = new Random(mix(seed, PLACE, index));
  const district = weighted(random);
  const township = random.pick(district.townships);
  const title = random.pick(TITLES);
  const base = {
    index,
    kind,
    district,
    code: `${kind === 'pharmacy' ? 'P' : 'H'}${district.code}${String(index + 1).padStart(5, '0')}`,
    grid: [CITY_NAME, district.name, township, `网格${String(1 + random.below(6)).padStart(2, '0')}`],
    lon: round(district.lon + random.between(-0.06, 0.06)),
    lat: round(district.lat + random.between(-0.05, 0.05)),
    counters: [],
    personsFrom: 0,
    uploadsPurchases: kind !== 'pharmacy' || !random.chance(0.03),
  };
  if (kind === 'hospital') {
    const floor = (options.nightFloor * 3600) / options.hospitals;
    const hourly = Math.max(95 * options.rate, floor * 1.2);
    return {
      ...base,
      name: `${district.name}${title}医院`,
      level: index % 5 === 0 ? '3' : index % 5 < 3 ? '2' : '1',
      opens: 0,
      closes: 1440,
      hourly,
      capacity: Math.ceil((hourly * 14 + Math.max(hourly * 0.1, floor) * 10) * 1.1 + 40),
    };
  }
  if (kind === 'clinic') {
    const hourly = 4.5 * options.rate;
    return {
      ...base,
      name: `${township}${title}社区卫生服务站`,
      level: '0',
      opens: 480,
      closes: 1050,
      hourly,
      capacity: Math.ceil(hourly * 9.5 * 1.35 + 10),
    };
  }
  const night = index % 40 === 0;
  const opens = night ? 0 : 450 + 15 * random.below(5);
  const closes = night ? 1440 : 1230 + 15 * random.below(7);
  const hourly = random.between(2.6, 4.6) * options.rate;
  return {
    ...base,
    name: `${title}大药房${township}${1 + (index % 9)}店`,
    level: '0',
    opens,
    closes,
    hourly,
    capacity: Math.ceil((((night ? 1000 : closes - opens) * hourly) / 60) * 1.25 + 12),
  };
}

function equip(seed: number, institution: Institution, counters: Counter[]): void {
  const random = new Random(mix(seed, PLACE, institution.index, 1));
  const { kind, code, district, index } = institution;
  const supervised = kind === 'hospital' || !random.chance(0.02);
  const count = kind === 'hospital' ? 3 + random.below(3) : kind === 'pharmacy' && random.chance(0.08) ? 2 : 1;
  for (let n = 1; n <= count; n++) {
    const counter: Counter = {
      terminal: `${code.slice(-5)}-T${n}`,
      camera: supervised ? `${district.code}0005132${String(index * 10 + n).padStart(7, '0')}` : null,
      index: counters.length,
      institution,
    };
    counters.push(counter);
    institution.counters.push(counter);
  }
}

function weighted(random: Random): District {
  let left = random.next() * DISTRICTS.reduce((sum, { weight }) => sum + weight, 0);
  for (const district of DISTRICTS) {
    left -= district.weight;
    if (left < 0) return district;
  }
  return DISTRICTS[0] as District;
}

function round(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
