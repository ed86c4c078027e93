// Hospitals' quarterly budgets and how their inpatient bills run against them: on schedule, ahead, far ahead, surging, excused.
import { type Quarter, quarterDays, quarterOf } from '@yunjian/contracts';
import type { City, Institution } from './city.ts';
import { STAYS_A_DAY } from './city.ts';
import { concern, mix, Random } from './random.ts';

export type Course = 'steady' | 'ahead' | 'far-ahead' | 'surging' | 'excused';

export interface QuarterPlan {
  quarter: Quarter;
  course: Course;
  /** fen */
  budget: number;
  /** Monthly shares; null: linear. */
  weights: readonly [number, number, number] | null;
  /** Same-period index of the whole quarter, fen; null: none is set. */
  index: number | null;
}

const BUDGET = concern('budget');
const STAY = concern('stay');
const INDEX = concern('index');

/** fen a day that the budget allows on average */
function daily(city: City, { index }: Institution): number {
  return Math.round(new Random(mix(city.seed, BUDGET, index)).between(80_000_000, 300_000_000));
}

export function quarterPlan(city: City, hospital: Institution, quarter: Quarter): QuarterPlan {
  const random = new Random(mix(city.seed, BUDGET, hospital.index, quarter.year, quarter.quarter));
  const { total } = quarterDays(quarter);
  const course = courseOf(hospital.index, random.next());
  const budget = Math.round((daily(city, hospital) * total) / 100_000_000) * 100_000_000;
  return {
    quarter,
    course,
    budget,
    weights: random.chance(0.2) ? [0.3, 0.34, 0.36] : null,
    index: indexOf(city, hospital, quarter, { course, budget }),
  };
}

/** Two in three hospitals have an index. One in four of these spends more than it; others come as near as a twentieth. */
function indexOf(
  city: City,
  hospital: Institution,
  { year, quarter }: Quarter,
  { course, budget }: Pick<QuarterPlan, 'course' | 'budget'>,
): number | null {
  const random = new Random(mix(city.seed, INDEX, hospital.index, year, quarter));
  // The second hospital always spends more than its index.
  const [set, over] = [random.next(), random.next()];
  if (hospital.index !== 1 && set > 0.67) return null;
  const expected = budget * pace(course, 0.5, 0.5);
  const factor = hospital.index === 1 || over < 0.25 ? random.between(0.75, 0.92) : random.between(1.05, 1.4);
  return Math.round((expected * factor) / 1_000_000) * 1_000_000;
}

/** The first hospitals show every course in every quarter; the others take theirs by chance, most of them steady. */
function courseOf(index: number, roll: number): Course {
  if (index === 0) return 'far-ahead';
  if (index === 1) return 'ahead';
  if (index === 2) return 'surging';
  if (index === 3) return 'excused';
  return roll < 0.8 ? 'steady' : roll < 0.88 ? 'ahead' : roll < 0.94 ? 'surging' : 'far-ahead';
}

/** Spend ÷ schedule that a course aims at, at a share of the quarter. */
function pace(course: Course, share: number, roll: number): number {
  switch (course) {
    case 'steady':
      return 0.82 + 0.16 * roll;
    case 'ahead':
      return 1.14 + 0.02 * roll;
    case 'far-ahead':
      return 1.27 + 0.15 * roll;
    case 'surging':
      return 0.85 + share * (0.6 + 0.2 * roll);
    case 'excused':
      return 1.3;
  }
}

export interface Stay {
  n: number;
  /** Discharge and bill, ms. */
  at: number;
  /** Admission, ms. */
  begin: number;
  /** fen */
  fund: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Inpatient bills of a hospital's local day: few and large, so that a quarter is soon told. They make up its planned spending. */
export function staysOf(city: City, hospital: Institution, day: number): Stay[] {
  const midnight = day * DAY_MS - 8 * HOUR_MS;
  const quarter = quarterOf(midnight);
  const plan = quarterPlan(city, hospital, quarter);
  const { first, months, total } = quarterDays(quarter);
  const random = new Random(mix(city.seed, STAY, hospital.index, day));
  const share = (day - first + 0.5) / total;
  const roll = new Random(mix(city.seed, BUDGET, hospital.index, quarter.year, quarter.quarter + 10)).next();
  const planned =
    plan.budget *
    scheduled(day - first, months, total, plan.weights) *
    pace(plan.course, share, roll) *
    random.between(0.97, 1.03);
  const parts = Array.from({ length: STAYS_A_DAY }, () => random.between(0.5, 1.5));
  const whole = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part, n) => {
    const at = midnight + Math.floor(random.between(7.5, 17.5) * 3600) * 1000;
    return {
      n,
      at,
      begin: at - Math.round(random.between(2.1, 9)) * DAY_MS,
      fund: Math.round((planned * part) / whole),
    };
  });
}

/** Share of the budget that the schedule gives to one day. */
function scheduled(
  dayOfQuarter: number,
  months: readonly [number, number, number],
  total: number,
  weights: QuarterPlan['weights'],
): number {
  if (weights === null) return 1 / total;
  const month = dayOfQuarter < months[0] ? 0 : dayOfQuarter < months[0] + months[1] ? 1 : 2;
  return (weights[month] as number) / (months[month] as number);
}
