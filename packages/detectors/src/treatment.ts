// Kinds of treatment, med_type (domain.md §1): 11 outpatient, 13 emergency, 14 chronic, 21 inpatient, 26 single disease, 28 day ward,
// 41 pharmacy purchase, 51 maternity, 52 delivery.
import type { Settlement } from '@yunjian/contracts';

/** Whoever is treated so lies on a ward. */
export const WARD_TYPES: readonly string[] = ['21', '26', '28', '52'];

/** Outpatient, emergency, chronic and pharmacy: 1x and 41. */
export function isVisit({ medicalType }: Pick<Settlement, 'medicalType'>): boolean {
  return medicalType.startsWith('1') || medicalType.startsWith('4');
}

/** Inpatient, single disease, day ward, delivery: 2x and 52, or whatever else names a day of admission. */
export function isInpatient(settlement: Pick<Settlement, 'medicalType' | 'begin'>): boolean {
  const { medicalType, begin } = settlement;
  return !isVisit(settlement) && (begin !== null || medicalType.startsWith('2') || medicalType === '52');
}
