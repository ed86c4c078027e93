// The patterns that are injected, and the innocent look-alikes. Append only: a pattern's number is part of its persons and serials.
import { cardCluster } from './card-cluster.ts';
import { duplicateCharge } from './duplicate-charge.ts';
import { emptySwipe } from './empty-swipe.ts';
import { excessSupply } from './excess-supply.ts';
import { frequentPurchase, frequentTreatment } from './frequent-purchase.ts';
import { correctedBills, returnedGoods } from './honest-returns.ts';
import { identityCheckMissing } from './identity-check-missing.ts';
import { identityMismatch } from './identity-mismatch.ts';
import { impossibleTravel } from './impossible-travel.ts';
import { chronicAmount, largeAmount } from './large-amount.ts';
import { lateCheck } from './late-check.ts';
import { latePrescription } from './late-prescription.ts';
import { lateCustomer, nightSettlement } from './night-settlement.ts';
import type { Pattern } from './pattern.ts';
import { pharmacistAbsent } from './pharmacist-absent.ts';
import { prescriptionMissing } from './prescription-missing.ts';
import { resaleAfterReturn } from './resale-after-return.ts';
import { correctedDeath, settledAfterDeath } from './settled-after-death.ts';
import { splitPack } from './split-pack.ts';
import {
  billedAfterDeath,
  familyDuringStay,
  overlappingStay,
  plannedSeries,
  readmission,
  transfer,
  visitDuringStay,
} from './stays.ts';
import { stockMismatch } from './stock-mismatch.ts';
import { swipeReturnCycle } from './swipe-return-cycle.ts';
import {
  herbs,
  importedBox,
  renewedPackaging,
  traceMissing,
  traceNotPurchased,
  traceProductMismatch,
} from './trace-codes.ts';
import { traceCounterfeit } from './trace-counterfeit.ts';
import { traceResold } from './trace-resold.ts';
import { traceSubstitution } from './trace-substitution.ts';
import { verificationUnavailable } from './verification-unavailable.ts';

export const PATTERNS: readonly Pattern[] = [
  identityCheckMissing,
  verificationUnavailable,
  traceSubstitution,
  traceCounterfeit,
  identityMismatch,
  emptySwipe,
  cardCluster,
  swipeReturnCycle,
  pharmacistAbsent,
  prescriptionMissing,
  largeAmount,
  chronicAmount,
  nightSettlement,
  lateCustomer,
  impossibleTravel,
  overlappingStay,
  readmission,
  plannedSeries,
  visitDuringStay,
  excessSupply,
  frequentPurchase,
  settledAfterDeath,
  duplicateCharge,
  traceNotPurchased,
  traceProductMismatch,
  traceMissing,
  splitPack,
  resaleAfterReturn,
  lateCheck,
  traceResold,
  stockMismatch,
  latePrescription,
  transfer,
  billedAfterDeath,
  familyDuringStay,
  correctedDeath,
  frequentTreatment,
  herbs,
  renewedPackaging,
  importedBox,
  returnedGoods,
  correctedBills,
];
