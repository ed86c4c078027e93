// quarterly-spend: a hospital's fund spending ahead of its quarterly schedule by more than 10 % or 20 %.
import { defineWindowed } from '@yunjian/detection';
import { QuarterlyLogic } from './logic.ts';
import { quarterlyParams } from './params.ts';
import { texts } from './texts.ts';

export const detector = defineWindowed({
  id: 'quarterly-spend',
  lane: 'institution',
  inputs: ['settlement', 'reversal', 'budget', 'justification'],
  params: quarterlyParams,
  level: 3,
  claimsAbsence: false,
  texts,
  create: (host) => new QuarterlyLogic(host),
});
