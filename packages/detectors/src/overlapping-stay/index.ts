// overlapping-stay: one person in two beds.
import { isoShanghai } from '@yunjian/contracts';
import { defineLedgerRule } from '@yunjian/detection';
import { z } from 'zod';
import {
  areOfOneStay,
  daysBetween,
  inOrder,
  personClaim,
  type Stay,
  settledOf,
  stayOutlines,
  staysOf,
} from '../person-history.ts';

export const detector = defineLedgerRule({
  id: 'overlapping-stay',
  lane: 'person',
  inputs: ['settlement', 'reversal'],
  growsWith: ['settlement'],
  params: z.object({
    days: z
      .int()
      .min(0)
      .default(1)
      .describe('Calendar days that two stays may share, days: a transfer shares one. Source: detectors.md, 1 d.'),
  }),
  level: 2,
  claimsAbsence: false,
  texts: {
    title: { zh: '住院时间重叠', en: 'Overlapping stays' },
    explanation: {
      zh: '同一参保人的两次住院,从入院到出院共有的日历天数超过一天(转院当日除外),且均未冲销:一个人不可能同时住在两张病床上。同一机构、同一就诊号(mdtrt_id)的多张结算单是同一次住院。',
      en: 'Two stays of one person share more than one calendar day (a transfer shares the day it happens), and neither was reversed: nobody lies in two beds. Bills of one institution with the same visit number (mdtrt_id) are one stay.',
    },
    measures: [
      { zh: '核查两次住院的病历、护理记录与在床情况', en: 'Check records, nursing notes and presence of both stays' },
      { zh: '虚假住院的追回基金并处罚', en: 'Where a stay is made up, recover what was paid and impose a penalty' },
    ],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第三十八条(挂床住院)、第四十条(虚构医药服务)',
      en: 'Regulations on the Supervision of Medical Security Funds, art. 38 (nominal stays) and 40 (services that were never given)',
    },
    runbook: {
      zh: '核对两次住院的入、出院时间是否录入有误;冲销错误的一笔后预警自动撤销。',
      en: 'See whether a time of admission or discharge was entered wrongly. Once the wrong bill is reversed the alert withdraws by itself.',
    },
  },
  isSilent: (person, _reference, { days }) => {
    const stays = stayOutlines(person);
    return stays.every((stay, i) => stays.slice(0, i).every((other) => shared(other, stay) <= days));
  },
  claims: (documents, _reference, { days }) => {
    const stays = staysOf(settledOf(documents).filter(({ reversal }) => reversal === null));
    return stays.flatMap((stay, i) => {
      const earlier = stays.slice(0, i).filter((other) => shared(other, stay) > days && !areOfOneStay(other, stay));
      if (earlier.length === 0) return [];
      // The bill that came last completes the claim.
      const [last, ...others] = [stay, ...earlier].sort((a, b) => inOrder(b.settlement, a.settlement)) as [
        Stay,
        ...Stay[],
      ];
      return [
        personClaim({
          settled: last,
          anchor: `${stay.settlement.institution}|${stay.settlement.settlementId}`,
          others,
          facts: {
            stays: [...earlier, stay].map(({ settlement, begin, end }) => ({
              settlement: settlement.settlementId,
              institution: settlement.institution,
              admitted_at: isoShanghai(begin),
              discharged_at: isoShanghai(end),
            })),
            shared_days: Math.max(...earlier.map((other) => shared(other, stay))),
          },
          reason: 'two stays overlap',
        }),
      ];
    });
  },
});

/** Calendar days on which both stays are; 0 or less: none. */
function shared(a: Pick<Stay, 'begin' | 'end'>, b: Pick<Stay, 'begin' | 'end'>): number {
  return daysBetween(Math.max(a.begin, b.begin), Math.min(a.end, b.end)) + 1;
}
