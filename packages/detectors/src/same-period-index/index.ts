// same-period-index: spending of the month or quarter so far above the institution's index, or above the same days of last year.
import { defineWindowed } from '@yunjian/detection';
import { SamePeriodLogic } from './logic.ts';
import { samePeriodParams } from './params.ts';
import { texts } from './texts.ts';

export const detector = defineWindowed({
  id: 'same-period-index',
  lane: 'institution',
  inputs: ['settlement', 'reversal', 'budget', 'institution'],
  params: samePeriodParams,
  level: 3,
  claimsAbsence: false,
  texts,
  create: (host) => new SamePeriodLogic(host),
});
