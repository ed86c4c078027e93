// Which rules answer a review, and how grave each is there.
import type { ReviewJudged } from '@yunjian/contracts';
import type { LedgerRule } from '@yunjian/detection';
import { ledgerRules } from '@yunjian/detectors';

type Grade = ReviewJudged['findings'][number]['sev_deg'];

/**
 * A breach contradicts what is known whatever the reason given; a warning may have one that nobody has entered yet. Rules that wait
 * cannot be judged before the sale, and those that weigh conduct over weeks are no till's business.
 */
const GRADES: Readonly<Record<string, Grade>> = {
  'trace-repeated': '违规',
  'trace-product-mismatch': '违规',
  'settled-after-death': '违规',
  'overlapping-stay': '违规',
  'duplicate-charge': '违规',
  'visit-during-stay': '警告',
  'excess-supply': '警告',
};

export interface ReviewedRule {
  rule: LedgerRule;
  grade: Grade;
}

export const REVIEWED: readonly ReviewedRule[] = (ledgerRules as readonly LedgerRule[]).flatMap((rule) => {
  const grade = GRADES[rule.id];
  return grade === undefined ? [] : [{ rule, grade }];
});
