// Innocent: the prescription's number was left out, and comes with the same bill half an hour later.
import { settlementEvent } from '../life/documents.ts';
import { pharmacistPresent } from '../life/staff.ts';
import { MINUTE_MS } from '../life/time.ts';
import { oneSale } from './deeds.ts';

export const latePrescription = oneSale(
  'innocent: late prescription',
  { perHour: 0.5, floor: 0 },
  { kinds: ['pharmacy'], drug: (d) => d.prescription && !d.chronic },
  ({ site, institution, at }) => {
    if (!pharmacistPresent(institution, at)) return null;
    const late = Math.round(site.random.between(10, 40)) * MINUTE_MS;
    return {
      more: { prescription: false },
      tell: (stage, made, settled) => {
        const { event } = settlementEvent({ ...settled, prescription: true });
        stage.put('settlement', { ...event, event_id: `${made.event.event_id}-rx` }, at + late);
      },
    };
  },
);
