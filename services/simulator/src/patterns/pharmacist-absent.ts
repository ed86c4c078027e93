// A prescription drug sold over lunch, while the pharmacist is signed out. There is a prescription.
import { pharmacistPresent } from '../life/staff.ts';
import { aboutSettlement, oneSale } from './deeds.ts';

export const pharmacistAbsent = oneSale(
  'pharmacist-absent',
  { perHour: 1, floor: 0 },
  { kinds: ['pharmacy'], drug: (d) => d.prescription && !d.chronic, at: lunch },
  ({ institution, at }) =>
    pharmacistPresent(institution, at)
      ? null
      : {
          tell: (stage, made, settled) => stage.truth(aboutSettlement('pharmacist-absent', made, settled), settled.at),
        },
);

/** Whatever the half hour, lunch is when it can happen. */
function lunch(site: { from: number; day: number; random: { between(a: number, b: number): number } }): number {
  const noon = site.day * 86_400_000 + 4 * 3_600_000;
  return noon + Math.floor(site.random.between(3, 36) * 60) * 1000;
}
