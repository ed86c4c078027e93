// A prescription drug sold without a prescription number, the pharmacist being there.
import { pharmacistPresent } from '../life/staff.ts';
import { aboutSettlement, oneSale } from './deeds.ts';

export const prescriptionMissing = oneSale(
  'prescription-missing',
  { perHour: 0.8, floor: 0 },
  { kinds: ['pharmacy'], drug: (d) => d.prescription && !d.chronic },
  ({ institution, at }) =>
    pharmacistPresent(institution, at)
      ? {
          more: { prescription: false },
          tell: (stage, made, settled) =>
            stage.truth(aboutSettlement('prescription-missing', made, settled), settled.at),
        }
      : null,
);
