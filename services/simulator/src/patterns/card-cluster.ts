// Several people's cards settled at one terminal within minutes, while one person stands there.
import { localDate, MINUTE_MS } from '../life/time.ts';
import { cover, LEAD_MS, sell } from './deeds.ts';
import type { Pattern } from './pattern.ts';

export const cardCluster: Pattern = {
  name: 'card-cluster',
  perHour: 0.4,
  floor: 0,
  persons: 3,
  plan: (site) => {
    const at = site.second(5, 25);
    const spot = site.spot(at, { alone: { before: 12 * MINUTE_MS, after: 12 * MINUTE_MS }, after: 14 * MINUTE_MS });
    const persons = site.suspects(3);
    if (spot === null || persons === null) return null;
    const { counter, institution } = spot;
    if (!site.plan.once(`card-cluster ${institution.code}`)) return null;
    const sales = persons.map((person, i) => ({
      person,
      at: at + i * 70_000,
      serial: site.serial(),
      drug: site.drug((d) => !d.prescription),
    }));
    const end = at + 140_000;
    site.plan.addPerson(counter, at + 70_000);
    return {
      start: at - LEAD_MS,
      end: end + 10 * MINUTE_MS,
      emit: (stage) => {
        for (const sale of sales) {
          cover(stage, counter, sale.at, sale.person, sale.serial, 'id_card');
          sell(stage, { institution, counter, ...sale });
        }
        const ref = `${institution.code}/${localDate(site.day)}`;
        stage.truth(
          { detector: 'card-cluster', kind: 'institution', ref, institution, start: at, end },
          end + 5 * MINUTE_MS,
        );
      },
    };
  },
};
