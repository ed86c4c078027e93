// A card that goes on being settled after its owner's death.
import { psnNo } from '../city/persons.ts';
import { CITY_CODE } from '../city/places.ts';
import { DAY_MS, iso } from '../life/time.ts';
import { aboutPerson, oneSale } from './deeds.ts';

export const settledAfterDeath = oneSale('settled-after-death', { perHour: 0.3, floor: 0 }, {}, ({ site, at }) => {
  const died = at - Math.round(site.random.between(3, 20)) * DAY_MS;
  const learnt = at - 5 * 60_000;
  return {
    tell: (stage, made, { person, institution }) => {
      const event = {
        event_id: `dead-${made.id}`,
        event_type: 'person_status',
        event_time: iso(learnt),
        source: 'civil-affairs',
        fixmedins_code: CITY_CODE,
        psn_no: psnNo(person),
        status: 'deceased',
        effective_at: iso(died),
      };
      stage.send('reference', event, learnt);
      stage.truth(aboutPerson('settled-after-death', person, institution, at, at), at);
    },
  };
});
