// The same item charged twice at the same minute, in two settlements, each with a box of its own.
import { MINUTE_MS } from '../life/time.ts';
import { aboutPerson, cover, LEAD_MS, sell } from './deeds.ts';
import type { Pattern } from './pattern.ts';

export const duplicateCharge: Pattern = {
  name: 'duplicate-charge',
  perHour: 0.4,
  floor: 0,
  persons: 1,
  plan: (site) => {
    const spot = site.spot(site.second());
    const person = site.suspect();
    if (spot === null || person === null) return null;
    const { counter, institution, at } = spot;
    const serials = [site.serial(), site.serial()];
    const drug = site.drug((d) => !d.prescription);
    site.plan.addPerson(counter, at);
    return {
      start: at - LEAD_MS,
      end: at + 3 * MINUTE_MS,
      emit: (stage) => {
        cover(stage, counter, at, person, serials[0] as number);
        for (const serial of serials) sell(stage, { institution, counter, at, serial, person, drug, days: 3 });
        stage.truth(aboutPerson('duplicate-charge', person, institution, at, at), at);
      },
    };
  },
};
