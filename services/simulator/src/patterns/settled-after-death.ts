// A card that goes on being settled after its owner's death; and a death that turns out to be somebody else's.
import { DAY_MS, MINUTE_MS } from '../life/time.ts';
import { aboutPerson, oneSale, tellStatus } from './deeds.ts';

export const settledAfterDeath = oneSale('settled-after-death', { perHour: 0.3, floor: 0 }, {}, ({ site, at }) => {
  const died = at - Math.round(site.random.between(3, 20)) * DAY_MS;
  return {
    tell: (stage, made, { person, institution }) => {
      tellStatus(stage, person, 'deceased', died, at - 5 * MINUTE_MS, made.id);
      stage.truth(aboutPerson('settled-after-death', person, institution, at, at), at);
    },
  };
});

export const correctedDeath = oneSale('innocent: corrected death', { perHour: 0.3, floor: 0 }, {}, ({ site, at }) => {
  const died = at - Math.round(site.random.between(3, 20)) * DAY_MS;
  return {
    tell: (stage, made, { person }) => {
      tellStatus(stage, person, 'deceased', died, at - 5 * MINUTE_MS, made.id);
      tellStatus(stage, person, 'active', died, at + 2 * MINUTE_MS, made.id);
    },
  };
});
