// A card settled in person with nobody checked, at a live camera. Those checked before and after it settled for themselves.
import { CATALOGUE } from '../city/catalogue.ts';
import { MINUTE_MS } from '../life/time.ts';
import { LEAD_MS, sell } from './deeds.ts';
import type { Pattern } from './pattern.ts';

/** Window of the detector, ms. */
const BEFORE_MS = 10 * MINUTE_MS;
const AFTER_MS = 2 * MINUTE_MS;

export const identityCheckMissing: Pattern = {
  name: 'identity-check-missing',
  perHour: 4.5,
  floor: 2,
  persons: 1,
  plan: (site) => {
    const spot = site.spot(site.second());
    const person = site.suspect();
    if (spot === null || person === null) return null;
    const { counter, institution, at } = spot;
    const serial = site.serial();
    const drug = site.random.pick(CATALOGUE.filter((d) => !d.prescription));
    const dear = site.random.chance(0.1);
    const reversedAt = !site.sure && site.random.chance(0.2) ? at + 60_000 : null;
    site.plan.addPerson(counter, at);
    return {
      start: at - LEAD_MS,
      end: at + 7 * MINUTE_MS,
      emit: (stage) => {
        const more = dear && institution.kind === 'hospital' ? { fund: 120_000 } : {};
        const { settled, made } = sell(stage, { institution, counter, at, serial, person, drug, more });
        if (reversedAt !== null) {
          stage.reverse(settled, made, reversedAt);
          for (const line of settled.lines)
            for (const code of line.codes)
              stage.move({
                institution,
                action: 'sale_return',
                drug,
                code,
                at: reversedAt,
                setlId: made.id,
                mark: made.id,
              });
          return;
        }
        const claim = {
          kind: 'settlement',
          ref: made.id,
          institution,
          start: at - BEFORE_MS,
          end: at + AFTER_MS,
        } as const;
        stage.truth({ detector: 'identity-check-missing', ...claim }, at + AFTER_MS);
      },
    };
  },
};
