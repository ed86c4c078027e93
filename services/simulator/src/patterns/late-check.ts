// Innocent: the check was made in time, its record comes half an hour late and takes back what was said meanwhile.
import { checkEvent } from '../life/documents.ts';
import { MINUTE_MS } from '../life/time.ts';
import { LEAD_MS, sell } from './deeds.ts';
import type { Pattern } from './pattern.ts';

export const lateCheck: Pattern = {
  name: 'innocent: late check',
  perHour: 0.5,
  floor: 0,
  persons: 1,
  plan: (site) => {
    const spot = site.spot(site.second(), { after: 60 * MINUTE_MS });
    const person = site.suspect();
    if (spot === null || person === null) return null;
    const { counter, institution, at } = spot;
    const serial = site.serial();
    const drug = site.drug((d) => !d.prescription);
    const late = Math.round(site.random.between(10, 40)) * MINUTE_MS;
    site.plan.addPerson(counter, at);
    return {
      start: at - LEAD_MS,
      end: at + 3 * MINUTE_MS,
      emit: (stage) => {
        const id = `${counter.index}-${serial}-${at / 1000}`;
        const check = checkEvent({ counter, at: at - 40_000, person, result: 'passed', method: 'face', id });
        stage.put('surveillance', check, at + late);
        sell(stage, { institution, counter, at, serial, person, drug });
      },
    };
  },
};
