// One code settled at two institutions within the hour: two boxes carry it, so one is a fake (假药). The second never bought it.
import { GRACE_MS, MINUTE_MS } from '../life/time.ts';
import { cover, LEAD_MS, sell } from './deeds.ts';
import type { Pattern } from './pattern.ts';

export const traceCounterfeit: Pattern = {
  name: 'trace-repeated:counterfeit',
  perHour: 0.8,
  floor: 0,
  persons: 2,
  plan: (site) => {
    const at = site.second(10, 20);
    const again = at + Math.round(site.random.between(3, 9)) * MINUTE_MS;
    const here = site.spot(at);
    const there = here && site.spot(again);
    const persons = site.suspects(2);
    if (here === null || there === null || persons === null || here.institution === there.institution) return null;
    const serials = [site.serial(), site.serial()] as const;
    const drug = site.drug((d) => !d.prescription);
    site.plan.addPerson(here.counter, at);
    site.plan.addPerson(there.counter, again);
    return {
      start: at - LEAD_MS,
      end: again + MINUTE_MS,
      emit: (stage) => {
        const [first, second] = persons as [number, number];
        cover(stage, here.counter, at, first, serials[0]);
        cover(stage, there.counter, again, second, serials[1]);
        const { settled } = sell(stage, { ...here, serial: serials[0], person: first, drug });
        const codes = settled.lines[0]?.codes ?? [];
        sell(stage, { ...there, serial: serials[1], person: second, drug, codes });
        const [code] = codes as [string];
        const claim = { kind: 'code', ref: code, institution: there.institution, start: at, end: again } as const;
        stage.truth({ detector: 'trace-repeated', ...claim }, again);
        if (there.institution.uploadsPurchases)
          stage.truth(
            { detector: 'trace-not-purchased', ...claim, start: again, end: again + GRACE_MS },
            again + GRACE_MS,
          );
      },
    };
  },
};
