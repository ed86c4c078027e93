// Insured persons, derived from their index when asked for: 300,000 of them cost nothing.
import { CHRONIC } from './catalogue.ts';
import type { City } from './city.ts';
import { DISTRICTS } from './places.ts';
import { concern, mix, Random } from './random.ts';

const PERSON = concern('person');
const FAMILY = concern('family');
const FAMILY_SIZE = 3;

export interface Person {
  index: number;
  psnNo: string;
  age: number;
  /** 310 employee, 390 resident. */
  insurance: '310' | '390';
  home: { district: string; lon: number; lat: number };
  /** Codes of drugs taken for good. */
  chronic: string[];
  /** Indexes of those who live together. */
  family: number[];
}

/** psn_no of a person: fictional, one to one with the index. */
export function psnNo(index: number): string {
  return `3211${String(10_000_000_000 + index)}`;
}

/** 32 bits of a person, by which habits are decided. */
export function temper(city: City, index: number): number {
  return mix(city.seed, PERSON, index);
}

/** @throws RangeError when there is no such person */
export function personOf(city: City, index: number): Person {
  if (!(index >= 0 && index < city.persons))
    throw new RangeError(`expected a person's index from 0 to ${city.persons - 1}, got ${index}`);
  const first = index - (index % FAMILY_SIZE);
  const home = new Random(mix(city.seed, FAMILY, first));
  const district = home.pick(DISTRICTS);
  const own = new Random(temper(city, index));
  const age =
    index % FAMILY_SIZE === 0 ? 62 + own.below(30) : index % FAMILY_SIZE === 1 ? 28 + own.below(30) : own.below(28);
  return {
    index,
    psnNo: psnNo(index),
    age,
    insurance: age >= 18 && own.chance(0.55) ? '310' : '390',
    home: {
      district: district.name,
      lon: district.lon + home.between(-0.08, 0.08),
      lat: district.lat + home.between(-0.06, 0.06),
    },
    chronic: age >= 45 ? [chronicDrug(city, index).code] : [],
    family: [first, first + 1, first + 2].filter((i) => i < city.persons),
  };
}

/** The drug that a person takes for good, should there be one. */
export function chronicDrug(city: City, index: number) {
  return CHRONIC[temper(city, index) % CHRONIC.length] as (typeof CHRONIC)[number];
}
