// The same drug at three pharmacies of one district within the hour, near enough to walk; and who must, because of a treatment.
import { MINUTE_MS } from '../life/time.ts';
import { aboutPerson, cover, LEAD_MS, sell } from './deeds.ts';
import { kilometres } from './distance.ts';
import type { Act, Pattern } from './pattern.ts';
import type { Site, Spot } from './site.ts';

const STOPS = 3;
const BETWEEN_MS = 14 * MINUTE_MS;
/** Nobody need hurry between two stops, km. */
const NEAR_KM = 20;

export const frequentPurchase: Pattern = {
  name: 'frequent-purchase',
  ...{ perHour: 0.3, floor: 0, persons: 1 },
  plan: (site) => threeStops(site, null),
};

export const frequentTreatment: Pattern = {
  name: 'innocent: frequent treatment',
  ...{ perHour: 0.3, floor: 0, persons: 1 },
  plan: (site) => threeStops(site, 'Z49.100'),
};

/** @param diagnosis of whom it is innocent; null: of nobody */
function threeStops(site: Site, diagnosis: string | null): Act | null {
  const at = site.second(0, 10);
  const person = site.suspect();
  if (person === null) return null;
  const stops: Spot[] = [];
  for (let attempt = 0; attempt < 25 && stops.length < STOPS; attempt++) {
    const spot = site.spot(at + stops.length * BETWEEN_MS, { kinds: ['pharmacy'] });
    if (spot === null) return null;
    const near = stops.every(
      ({ institution }) => institution !== spot.institution && kilometres(institution, spot.institution) < NEAR_KM,
    );
    if (near) stops.push(spot);
  }
  if (stops.length < STOPS) return null;
  const drug = site.drug((d) => !d.prescription);
  const serials = stops.map(() => site.serial());
  for (const stop of stops) site.plan.addPerson(stop.counter, stop.at);
  const last = stops[STOPS - 1] as Spot;
  return {
    start: at - LEAD_MS,
    end: last.at + 3 * MINUTE_MS,
    emit: (stage) => {
      for (const [i, stop] of stops.entries()) {
        const serial = serials[i] as number;
        cover(stage, stop.counter, stop.at, person, serial);
        sell(stage, { ...stop, serial, person, drug, days: 4, ...(diagnosis === null ? {} : { more: { diagnosis } }) });
      }
      if (diagnosis === null)
        stage.truth(aboutPerson('frequent-purchase', person, last.institution, at, last.at), last.at);
    },
  };
}
