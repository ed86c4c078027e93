// One box's code settled twice at one institution: what was handed over was something else (串换).
import { MINUTE_MS } from '../life/time.ts';
import { cover, LEAD_MS, sell } from './deeds.ts';
import type { Pattern } from './pattern.ts';

export const traceSubstitution: Pattern = {
  name: 'trace-repeated:substitution',
  perHour: 1.5,
  floor: 1,
  persons: 2,
  plan: (site) => {
    const at = site.second(10, 20);
    const spot = site.spot(at, { after: 20 * MINUTE_MS });
    const persons = site.suspects(2);
    if (spot === null || persons === null) return null;
    const { counter, institution } = spot;
    const again = at + Math.round(site.random.between(3, 9)) * MINUTE_MS;
    const serials = [site.serial(), site.serial()] as const;
    const drug = site.drug((d) => !d.prescription);
    site.plan.addPerson(counter, at);
    site.plan.addPerson(counter, again);
    return {
      start: at - LEAD_MS,
      end: again + MINUTE_MS,
      emit: (stage) => {
        const [first, second] = persons as [number, number];
        cover(stage, counter, at, first, serials[0]);
        cover(stage, counter, again, second, serials[1]);
        const { settled } = sell(stage, { institution, counter, at, serial: serials[0], person: first, drug });
        const codes = settled.lines[0]?.codes ?? [];
        sell(stage, { institution, counter, at: again, serial: serials[1], person: second, drug, codes });
        stage.truth(
          { detector: 'trace-repeated', kind: 'code', ref: codes[0] as string, institution, start: at, end: again },
          again,
        );
      },
    };
  },
};
