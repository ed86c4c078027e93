// Somebody else at the counter: the person's own check fails, or another one passes, and the card is settled all the same.
import { MINUTE_MS } from '../life/time.ts';
import { aboutSettlement, LEAD_MS, sell } from './deeds.ts';
import type { Pattern } from './pattern.ts';

export const identityMismatch: Pattern = {
  name: 'identity-mismatch',
  perHour: 0.6,
  floor: 0,
  persons: 2,
  plan: (site) => {
    const spot = site.spot(site.second());
    const persons = site.suspects(2);
    if (spot === null || persons === null) return null;
    const { counter, institution, at } = spot;
    const serial = site.serial();
    const drug = site.drug((d) => !d.prescription);
    const failed = site.random.chance(0.5);
    site.plan.addPerson(counter, at);
    return {
      start: at - LEAD_MS,
      end: at + 7 * MINUTE_MS,
      emit: (stage) => {
        const [owner, other] = persons as [number, number];
        stage.check({
          counter,
          at: at - 45_000,
          person: failed ? owner : other,
          result: failed ? 'failed' : 'passed',
          method: 'face',
          id: `${counter.index}-${serial}-${at / 1000}`,
        });
        const { made, settled } = sell(stage, { institution, counter, at, serial, person: owner, drug });
        for (const detector of ['identity-check-missing', 'identity-mismatch'])
          stage.truth(aboutSettlement(detector, made, settled, 10 * MINUTE_MS, 2 * MINUTE_MS), at + 2 * MINUTE_MS);
      },
    };
  },
};
