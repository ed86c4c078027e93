// A settlement while the counter's camera is out of order: nobody can tell. Outages that ordinary visitors happen to meet count as well (life/ordinary.ts).
import { MINUTE_MS } from '../life/time.ts';
import { LEAD_MS, sell } from './deeds.ts';
import type { Pattern } from './pattern.ts';

export const verificationUnavailable: Pattern = {
  name: 'verification-unavailable',
  perHour: 2,
  floor: 1,
  persons: 1,
  plan: (site) => {
    const until = site.from + 30 * MINUTE_MS;
    const outage = site.plan.faults.all.find(
      ({ kind, start, end, counter }) =>
        kind !== 'stall' &&
        kind !== 'fast' &&
        start >= site.from &&
        start < until &&
        end - start > 4 * MINUTE_MS &&
        !site.plan.isTaken(counter, start, end),
    );
    const person = site.suspect();
    if (outage === undefined || person === null) return null;
    const { counter, start, end } = outage;
    const at = Math.floor((start + site.random.between(0.3, 0.7) * (end - start)) / 1000) * 1000;
    site.plan.claim(counter, start, end);
    const { institution } = counter;
    site.plan.addPerson(counter, at);
    const serial = site.serial();
    const drug = site.drug((d) => !d.prescription);
    return {
      start: at - LEAD_MS,
      end: at + 3 * MINUTE_MS,
      emit: (stage) => {
        const { made } = sell(stage, { institution, counter, at, serial, person, drug });
        stage.truth(
          {
            detector: 'verification-unavailable',
            kind: 'settlement',
            ref: made.id,
            institution,
            start: at - 10 * MINUTE_MS,
            end: at + 2 * MINUTE_MS,
          },
          at + 2 * MINUTE_MS,
        );
      },
    };
  },
};
