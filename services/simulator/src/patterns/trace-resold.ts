// A box sold, bought back by a dealer and sold again elsewhere more than a week later (回流药). The first sale is uploaded late.
import { DAY_MS, GRACE_MS, HOUR_MS, MINUTE_MS } from '../life/time.ts';
import { cover, LEAD_MS, sell, settledOf } from './deeds.ts';
import type { Pattern } from './pattern.ts';

export const traceResold: Pattern = {
  name: 'trace-repeated:resold',
  perHour: 0.5,
  floor: 0,
  persons: 2,
  plan: (site) => {
    const at = site.second(10, 25);
    const there = site.spot(at);
    const here = site.openInstitution(at, ['pharmacy'], (shop) => shop.uploadsPurchases);
    const persons = site.suspects(2);
    if (there === null || here === null || persons === null || here === there.institution) return null;
    const serials = [site.serial(), site.serial()] as const;
    const drug = site.drug((d) => !d.prescription);
    const first = at - (8 + site.random.below(20)) * DAY_MS;
    site.plan.addPerson(there.counter, at);
    return {
      start: at - LEAD_MS,
      end: at + 3 * MINUTE_MS,
      emit: (stage) => {
        const [one, other] = persons as [number, number];
        const order = { institution: here, counter: null, at: first, serial: serials[0], person: one, drug };
        const sold = settledOf(stage, order);
        const codes = sold.lines[0]?.codes ?? [];
        stage.purchase(here, { drug }, codes, first - 5 * HOUR_MS, at - 9 * MINUTE_MS);
        stage.settle(sold, at - 8 * MINUTE_MS);
        cover(stage, there.counter, at, other, serials[1]);
        sell(stage, { ...there, serial: serials[1], person: other, drug, codes });
        const claim = { kind: 'code', ref: codes[0] as string, institution: there.institution, start: first } as const;
        stage.truth({ detector: 'trace-repeated', ...claim, end: at }, at);
        if (there.institution.uploadsPurchases)
          stage.truth({ detector: 'trace-not-purchased', ...claim, start: at, end: at + GRACE_MS }, at + GRACE_MS);
      },
    };
  },
};
