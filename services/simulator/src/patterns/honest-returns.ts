// Innocent: several bills taken back within minutes and not settled again, or settled again with the quantity put right.
import { localMidnight, MINUTE_MS } from '../life/time.ts';
import { buy, cover, type Deed, LEAD_MS, sell, settledOf } from './deeds.ts';
import type { Pattern } from './pattern.ts';

const BILLS = 3;

/** The doctor changes the therapy: what was just bought on three bills comes back, and nothing is bought instead. */
export const returnedGoods: Pattern = returns('innocent: returned goods', 0.4, false);

/** The till charged two boxes in place of one, three bills long: each is taken back and settled again with one. */
export const correctedBills: Pattern = returns('innocent: corrected bills', 0.4, true);

function returns(name: string, perHour: number, corrected: boolean): Pattern {
  return {
    name,
    perHour,
    floor: 0,
    persons: 1,
    plan: (site) => {
      const first = site.second(0, 5);
      const spot = site.spot(first, { after: 75 * MINUTE_MS });
      const person = site.suspect();
      if (spot === null || person === null) return null;
      const { counter, institution } = spot;
      const bills = Array.from({ length: BILLS }, (_, i) => {
        const at = first + i * (corrected ? 15 : 3) * MINUTE_MS;
        const back = corrected ? at + 4 * MINUTE_MS : first + (12 + i) * MINUTE_MS;
        return { at, back, again: back + 2 * MINUTE_MS, serials: [site.serial(), site.serial()] as const };
      });
      const end = (bills.at(-1) as (typeof bills)[number]).again + 3 * MINUTE_MS;
      if (end > localMidnight(site.day) + institution.closes * MINUTE_MS) return null;
      const start = site.drug((d) => !d.prescription);
      const choice = site.city.drugs.filter((d) => !d.prescription);
      const drugs = bills.map((_, i) => choice[(choice.indexOf(start) + i) % choice.length] as typeof start);
      for (const { at, again } of bills) {
        site.plan.addPerson(counter, at);
        if (corrected) site.plan.addPerson(counter, again);
      }
      return {
        start: first - LEAD_MS,
        end,
        emit: (stage) => {
          for (const [i, { at, back, again, serials }] of bills.entries()) {
            const drug = drugs[i] as typeof start;
            const deed: Deed = { institution, counter, at, serial: serials[0], person, drug };
            if (corrected) deed.boxes = 2;
            const whole = settledOf(stage, deed);
            const codes = whole.lines.flatMap((line) => line.codes);
            cover(stage, counter, at, person, serials[0]);
            buy(stage, whole);
            const made = stage.settle(whole);
            stage.reverse(whole, made, back);
            for (const code of codes)
              stage.move({ institution, action: 'sale_return', drug, code, at: back, setlId: made.id, mark: made.id });
            if (!corrected) continue;
            cover(stage, counter, again, person, serials[1]);
            sell(stage, {
              institution,
              counter,
              at: again,
              serial: serials[1],
              person,
              drug,
              codes: codes.slice(0, 1),
            });
          }
        },
      };
    },
  };
}
