// Boxes of no known origin that were sold in the three days before the window: their deadlines lie within it, however short it is.
import { type Drug, WITHOUT_PRESCRIPTION } from '../city/catalogue.ts';
import { HISTORY_SUSPECTS, SUSPECT_TURN_DAYS, SUSPECTS_A_DAY } from '../city/city.ts';
import { concern, mix, Random } from '../city/random.ts';
import { boxCode } from './documents.ts';
import type { Stage } from './stage.ts';
import { GRACE_MS, HOUR_MS, localDay, localMidnight, MINUTE_MS } from './time.ts';

const UNBOUGHT = concern('sold before the window');
/** Serials of settlements and of their boxes, beside those of visits, patterns and stays. */
const FIRST_SERIAL = 98_000;
/** Told within minutes of each other: order by e-voucher, about which no camera is asked. */
const CERTIFICATE = '01';

/** @param perHour sales of a box that is never bought. @param arrival when each is told, ms */
export function sellUnbought(stage: Stage, from: number, perHour: number, arrival: () => number): void {
  const { city } = stage;
  const serials = new Map<number, number>();
  for (let hour = Math.ceil((from - GRACE_MS) / HOUR_MS) * HOUR_MS; hour + HOUR_MS <= from; hour += HOUR_MS) {
    const random = new Random(mix(city.seed, UNBOUGHT, hour / HOUR_MS));
    const minute = (hour - localMidnight(localDay(hour))) / MINUTE_MS;
    const open = city.institutions.filter(
      ({ kind, opens, closes }) => kind === 'pharmacy' && opens <= minute && minute + 60 <= closes,
    );
    const times = Array.from({ length: random.poisson(perHour) }, () => hour + random.below(3_600) * 1000);
    for (const at of times.sort((a, b) => a - b)) {
      const day = localDay(at);
      const n = serials.get(day) ?? 0;
      if (open.length === 0 || n >= HISTORY_SUSPECTS) continue;
      serials.set(day, n + 1);
      const institution = random.pick(open);
      const drug: Drug = random.pick(WITHOUT_PRESCRIPTION);
      const code = boxCode(drug, institution, day, FIRST_SERIAL + n, 4);
      const person = city.suspectsFrom + (day % SUSPECT_TURN_DAYS) * SUSPECTS_A_DAY + SUSPECTS_A_DAY - 1 - n;
      // Another box of the drug stands on the shelf: it is the origin that is missing, not the quantity.
      stage.purchase(
        institution,
        { drug },
        stage.boxes({ drug, boxes: 1 }, institution, at, FIRST_SERIAL + n),
        at - HOUR_MS,
        arrival(),
      );
      stage.settle(
        {
          institution,
          counter: null,
          at,
          serial: FIRST_SERIAL + n,
          person,
          certificate: CERTIFICATE,
          medType: '41',
          lines: [{ drug, count: 1, days: 5, codes: [code] }],
        },
        arrival(),
      );
      if (!institution.uploadsPurchases) continue;
      stage.truth(
        { detector: 'trace-not-purchased', kind: 'code', ref: code, institution, start: at, end: at + GRACE_MS },
        at + GRACE_MS,
      );
    }
  }
}
