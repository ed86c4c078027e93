// The parameters of quarterly-spend in force, for whoever judges a quarter outside the lane.
import type { RuleChange } from '@yunjian/contracts';
import { createRules, type Described, KeyedState } from '@yunjian/detection';
import { detector } from './index.ts';
import type { QuarterlyParams } from './params.ts';

/**
 * By institution as it is registered; null: it is not.
 * @param rules the last that were laid into the lanes; null: none were
 * @throws Error where they do not fit
 */
export function paramsInForce(rules: RuleChange | null): (institution: Described | null) => QuarterlyParams {
  const book = createRules([detector], new KeyedState().table('rules'));
  if (rules !== null) book.take(rules);
  return (institution) => book.params(detector.id, institution) as QuarterlyParams;
}
