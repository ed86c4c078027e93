// The registry of detectors, written from the folders beside it by `npm run docs`; do not edit.
import { detector as cardCluster } from './card-cluster/index.ts';
import { detector as duplicateCharge } from './duplicate-charge/index.ts';
import { detector as emptySwipe } from './empty-swipe/index.ts';
import { detector as excessSupply } from './excess-supply/index.ts';
import { detector as frequentPurchase } from './frequent-purchase/index.ts';
import { detector as identityCheckMissing } from './identity-check-missing/index.ts';
import { detector as identityMismatch } from './identity-mismatch/index.ts';
import { detector as impossibleTravel } from './impossible-travel/index.ts';
import { detector as largeAmount } from './large-amount/index.ts';
import { detector as nightSettlement } from './night-settlement/index.ts';
import { detector as overlappingStay } from './overlapping-stay/index.ts';
import { detector as pharmacistAbsent } from './pharmacist-absent/index.ts';
import { detector as prescriptionMissing } from './prescription-missing/index.ts';
import { detector as quarterlySpend } from './quarterly-spend/index.ts';
import { detector as readmission } from './readmission/index.ts';
import { detector as samePeriodIndex } from './same-period-index/index.ts';
import { detector as settledAfterDeath } from './settled-after-death/index.ts';
import { detector as sourceSilent } from './source-silent/index.ts';
import { detector as stockMismatch } from './stock-mismatch/index.ts';
import { detector as swipeReturnCycle } from './swipe-return-cycle/index.ts';
import { detector as traceMissing } from './trace-missing/index.ts';
import { detector as traceNotPurchased } from './trace-not-purchased/index.ts';
import { detector as traceProductMismatch } from './trace-product-mismatch/index.ts';
import { detector as traceRepeated } from './trace-repeated/index.ts';
import { detector as verificationUnavailable } from './verification-unavailable/index.ts';
import { detector as visitDuringStay } from './visit-during-stay/index.ts';

export const detectors = [
  cardCluster,
  emptySwipe,
  identityCheckMissing,
  identityMismatch,
  largeAmount,
  nightSettlement,
  pharmacistAbsent,
  prescriptionMissing,
  quarterlySpend,
  samePeriodIndex,
  sourceSilent,
  swipeReturnCycle,
  verificationUnavailable,
] as const;

/** Rules of the ledger. */
export const ledgerRules = [
  duplicateCharge,
  excessSupply,
  frequentPurchase,
  impossibleTravel,
  overlappingStay,
  readmission,
  settledAfterDeath,
  stockMismatch,
  traceMissing,
  traceNotPurchased,
  traceProductMismatch,
  traceRepeated,
  visitDuringStay,
] as const;

/** Whoever tells of a box counts its sales as the rules do. */
export { allSales, isNet, type Sale } from './code-sales.ts';
