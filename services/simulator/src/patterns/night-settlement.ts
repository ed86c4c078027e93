// A sale long after closing time; ten minutes after it are nothing.
import { localMidnight, MINUTE_MS } from '../life/time.ts';
import { aboutSettlement, cover, LEAD_MS, sell } from './deeds.ts';
import type { Pattern } from './pattern.ts';

export const nightSettlement: Pattern = afterClosing('night-settlement', 0.3, [20, 60]);
export const lateCustomer: Pattern = afterClosing('innocent: late customer', 0.3, [3, 12]);

function afterClosing(name: string, perHour: number, minutes: readonly [number, number]): Pattern {
  const guilty = name === 'night-settlement';
  return {
    name,
    perHour,
    floor: 0,
    persons: 1,
    plan: (site) => {
      const shops = site.city.institutions.filter(({ kind, closes }) => kind === 'pharmacy' && closes < 1340);
      const person = site.suspect();
      if (shops.length === 0 || person === null) return null;
      const institution = site.random.pick(shops);
      const [counter] = institution.counters;
      const after = institution.closes + site.random.between(...minutes);
      const at = localMidnight(site.day) + Math.floor(after * 60) * 1000;
      if (counter === undefined || !site.take(counter, at - 18 * MINUTE_MS, at + 12 * MINUTE_MS)) return null;
      const serial = site.serial();
      const drug = site.drug((d) => !d.prescription);
      site.plan.addPerson(counter, at);
      return {
        start: at - LEAD_MS,
        end: at + 3 * MINUTE_MS,
        emit: (stage) => {
          cover(stage, counter, at, person, serial);
          const { made, settled } = sell(stage, { institution, counter, at, serial, person, drug });
          if (guilty) stage.truth(aboutSettlement('night-settlement', made, settled), at);
        },
      };
    },
  };
}
