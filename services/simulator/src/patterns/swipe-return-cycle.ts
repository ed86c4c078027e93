// Settled, reversed, settled again: three times within the hour.
import { localMidnight, MINUTE_MS } from '../life/time.ts';
import { aboutPerson, cover, LEAD_MS, sell } from './deeds.ts';
import type { Pattern } from './pattern.ts';

const CYCLES = 3;

export const swipeReturnCycle: Pattern = {
  name: 'swipe-return-cycle',
  perHour: 0.3,
  floor: 0,
  persons: 1,
  plan: (site) => {
    const first = site.second(0, 5);
    const spot = site.spot(first, { after: 75 * MINUTE_MS });
    const person = site.suspect();
    if (spot === null || person === null) return null;
    const { counter, institution } = spot;
    // All within opening hours: what comes after closing is another pattern's.
    if (first + CYCLES * 20 * MINUTE_MS > localMidnight(site.day) + institution.closes * MINUTE_MS) return null;
    const drug = site.drug((d) => !d.prescription);
    const sales = Array.from({ length: CYCLES + 1 }, (_, i) => ({
      at: first + i * 20 * MINUTE_MS,
      serial: site.serial(),
      drug: stageDrug(i) ?? drug,
    }));
    for (const { at } of sales) site.plan.addPerson(counter, at);
    const last = sales[CYCLES] as (typeof sales)[number];
    return {
      start: first - LEAD_MS,
      end: last.at + 3 * MINUTE_MS,
      emit: (stage) => {
        for (const [i, sale] of sales.entries()) {
          cover(stage, counter, sale.at, person, sale.serial);
          const { settled, made } = sell(stage, { institution, counter, person, ...sale });
          if (i === CYCLES) continue;
          const back = sale.at + 8 * MINUTE_MS;
          stage.reverse(settled, made, back);
          for (const code of settled.lines[0]?.codes ?? [])
            stage.move({
              institution,
              action: 'sale_return',
              drug: sale.drug,
              code,
              at: back,
              setlId: made.id,
              mark: made.id,
            });
        }
        stage.truth(aboutPerson('swipe-return-cycle', person, institution, first, last.at), last.at);
      },
    };

    function stageDrug(i: number) {
      return i % 2 === 0 ? null : site.drug((d) => !d.prescription && d !== drug);
    }
  },
};
