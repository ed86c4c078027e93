// Innocent: one box opened and sold to two people, by the tablet, both sales under its code. Within the pack it is one box.
import { MINUTE_MS } from '../life/time.ts';
import { buy, cover, LEAD_MS, settledOf } from './deeds.ts';
import type { Pattern } from './pattern.ts';

export const splitPack: Pattern = {
  name: 'innocent: split pack',
  perHour: 1,
  floor: 0,
  persons: 2,
  plan: (site) => {
    const at = site.second(5, 15);
    const spot = site.spot(at, { after: 30 * MINUTE_MS });
    const persons = site.suspects(2);
    if (spot === null || persons === null) return null;
    const { counter, institution } = spot;
    const times = [at, at + 8 * MINUTE_MS];
    const serials = times.map(() => site.serial());
    const drug = site.drug((d) => !d.prescription && d.packSize >= 10);
    for (const each of times) site.plan.addPerson(counter, each);
    return {
      start: at - LEAD_MS,
      end: at + 12 * MINUTE_MS,
      emit: (stage) => {
        const whole = settledOf(stage, {
          institution,
          counter,
          at,
          serial: serials[0] as number,
          person: persons[0] as number,
          drug,
        });
        buy(stage, whole);
        for (const [i, person] of persons.entries()) {
          const [time, serial] = [times[i] as number, serials[i] as number];
          cover(stage, counter, time, person, serial);
          const count = Math.floor(drug.packSize / 2);
          const lines = whole.lines.map((line) => ({ ...line, count, split: true }));
          stage.settle({ ...whole, at: time, serial, person, lines });
        }
      },
    };
  },
};
