// What the registry tells of the city: institutions with their counters, the drug catalogue, budgets and justifications.
import { type Quarter, quarterDays, yuan } from '@yunjian/contracts';
import { quarterPlan } from '../city/budgets.ts';
import { type City, openHours } from '../city/city.ts';
import { CITY_CODE } from '../city/places.ts';
import type { RawObject } from './noise.ts';
import { iso, localMidnight } from './time.ts';

const SOURCE = 'registry';

/** @param since instant from which the registrations hold, ms */
export function institutionEvents(city: City, since: number): RawObject[] {
  return city.institutions.map((institution) => ({
    event_id: `i-${institution.code}-${since / 1000}`,
    event_type: 'institution',
    event_time: iso(since),
    source: SOURCE,
    fixmedins_code: institution.code,
    name: institution.name,
    kind: institution.kind,
    level: institution.level,
    admdvs: institution.district.code,
    grid: institution.grid,
    lon: institution.lon,
    lat: institution.lat,
    open_hours: openHours(institution),
    counters: institution.counters.flatMap(({ terminal, camera }) =>
      camera === null ? [] : [{ dev_no: terminal, device_id: camera }],
    ),
  }));
}

export function drugEvents(city: City, since: number): RawObject[] {
  return city.drugs.map((drug) => ({
    event_id: `d-${drug.index}-${since / 1000}`,
    event_type: 'drug',
    event_time: iso(since),
    source: SOURCE,
    fixmedins_code: CITY_CODE,
    med_list_codg: drug.code,
    name: drug.name,
    rx_flag: drug.prescription ? 1 : 0,
    pack_size: drug.packSize,
    ...(drug.maxDays === null ? {} : { max_days: drug.maxDays }),
    prefixes: [
      ...drug.prefixes.map((prefix, i) => ({ prefix, level: i + 1 })),
      ...(drug.renewed === null ? [] : [{ prefix: drug.renewed, level: 1 }]),
    ],
  }));
}

/** A quarter's budgets, and the justifications that were accepted for it. */
export function budgetEvents(city: City, { year, quarter }: Quarter): RawObject[] {
  const name = `${year}Q${quarter}`;
  const since = iso(localMidnight(quarterDays({ year, quarter }).first));
  return city.institutions
    .filter(({ kind }) => kind === 'hospital')
    .flatMap((hospital): RawObject[] => {
      const { budget, weights, course, index } = quarterPlan(city, hospital, { year, quarter });
      const head = { event_time: since, source: SOURCE, fixmedins_code: hospital.code, year, quarter };
      const plan: RawObject = {
        event_id: `b-${hospital.code}-${name}`,
        event_type: 'budget',
        ...head,
        amount: yuan(budget),
        ...(weights === null ? {} : { weights: [...weights] }),
        ...(index === null ? {} : { index: yuan(index) }),
      };
      if (course !== 'excused') return [plan];
      const excuse = { reason: '承接区域急救中心任务,费用增长合理', approved_by: '市医疗保障局基金监管处' };
      return [plan, { event_id: `j-${hospital.code}-${name}`, event_type: 'justification', ...head, ...excuse }];
    });
}
