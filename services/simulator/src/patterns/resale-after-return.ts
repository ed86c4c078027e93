// Innocent: a box is brought back, the sale undone, and the box sold to somebody else. Net it was sold once.
import { MINUTE_MS } from '../life/time.ts';
import { cover, LEAD_MS, sell } from './deeds.ts';
import type { Pattern } from './pattern.ts';

export const resaleAfterReturn: Pattern = {
  name: 'innocent: resale after return',
  perHour: 1,
  floor: 0,
  persons: 2,
  plan: (site) => {
    const at = site.second(5, 15);
    const spot = site.spot(at, { after: 45 * MINUTE_MS });
    const persons = site.suspects(2);
    if (spot === null || persons === null) return null;
    const { counter, institution } = spot;
    const back = at + 12 * MINUTE_MS;
    const again = at + 20 * MINUTE_MS;
    const serials = [site.serial(), site.serial()] as const;
    const drug = site.drug((d) => !d.prescription);
    const byReversal = site.random.chance(0.6);
    site.plan.addPerson(counter, at);
    site.plan.addPerson(counter, again);
    return {
      start: at - LEAD_MS,
      end: again + 3 * MINUTE_MS,
      emit: (stage) => {
        const [first, second] = persons as [number, number];
        cover(stage, counter, at, first, serials[0]);
        cover(stage, counter, again, second, serials[1]);
        const { settled, made } = sell(stage, { institution, counter, at, serial: serials[0], person: first, drug });
        const codes = settled.lines[0]?.codes ?? [];
        if (byReversal) stage.reverse(settled, made, back);
        for (const code of codes)
          stage.move({ institution, action: 'sale_return', drug, code, at: back, setlId: made.id, mark: made.id });
        sell(stage, { institution, counter, at: again, serial: serials[1], person: second, drug, codes });
      },
    };
  },
};
