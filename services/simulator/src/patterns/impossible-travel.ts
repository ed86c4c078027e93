// One card at two ends of the city within minutes.
import { MINUTE_MS } from '../life/time.ts';
import { aboutPerson, cover, LEAD_MS, sell } from './deeds.ts';
import { kilometres } from './distance.ts';
import type { Pattern } from './pattern.ts';

/** Far enough that nobody makes it in five minutes and the allowance of five, at 120 km/h. */
const FAR_KM = 32;

export const impossibleTravel: Pattern = {
  name: 'impossible-travel',
  perHour: 1,
  floor: 0,
  persons: 1,
  plan: (site) => {
    const at = site.second(5, 20);
    const again = at + 5 * MINUTE_MS;
    const here = site.spot(at);
    const there = here && site.spot(again);
    const person = site.suspect();
    if (here === null || there === null || person === null) return null;
    if (kilometres(here.institution, there.institution) < FAR_KM) return null;
    const serials = [site.serial(), site.serial()] as const;
    const [first, second] = [site.drug((d) => !d.prescription), site.drug((d) => !d.prescription)];
    site.plan.addPerson(here.counter, at);
    site.plan.addPerson(there.counter, again);
    return {
      start: at - LEAD_MS,
      end: again + 3 * MINUTE_MS,
      emit: (stage) => {
        cover(stage, here.counter, at, person, serials[0]);
        cover(stage, there.counter, again, person, serials[1]);
        sell(stage, { ...here, serial: serials[0], person, drug: first });
        sell(stage, { ...there, serial: serials[1], person, drug: second });
        stage.truth(aboutPerson('impossible-travel', person, there.institution, at, again), again);
      },
    };
  },
};
