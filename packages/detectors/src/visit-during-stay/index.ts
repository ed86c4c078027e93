// visit-during-stay: somebody who lies in a hospital visits a clinic or a pharmacy.
import { isoShanghai } from '@yunjian/contracts';
import { defineLedgerRule } from '@yunjian/detection';
import { z } from 'zod';
import { daysBetween, personClaim, type Stay, settledOf, stayOutlines, staysOf } from '../person-history.ts';
import { isVisit } from '../treatment.ts';

const EMERGENCY = '13';

export const detector = defineLedgerRule({
  id: 'visit-during-stay',
  lane: 'person',
  inputs: ['settlement', 'reversal'],
  growsWith: ['settlement'],
  params: z.object({
    days: z
      .int()
      .min(1)
      .default(1)
      .describe(
        'Local days that a visit lies behind the admission and before the discharge, days. Source: detectors.md, strictly between.',
      ),
  }),
  level: 3,
  claimsAbsence: false,
  texts: {
    title: { zh: '住院期间门诊或购药', en: 'Visit during a stay' },
    explanation: {
      zh: '在住院日与出院日之间(不含当日),同一参保人又有门诊或药店结算:可能是挂床住院,或他人冒用其医保凭证。家属代取和他院急诊除外。',
      en: 'Between the days of admission and discharge, neither included, the same person was settled at a clinic or a pharmacy: the bed may have been empty, or somebody else held the card. What family fetched and emergencies at another hospital do not count.',
    },
    measures: [
      { zh: '核查住院病历、护理记录与在床情况', en: 'Check records, nursing notes and whether the bed was occupied' },
      { zh: '核查门诊、购药时的身份核验与视频', en: 'Check identity and video of the visit' },
      { zh: '挂床住院的追回基金并处罚', en: 'Where the bed was empty, recover what was paid and impose a penalty' },
    ],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第十五条、第三十八条(挂床住院)、第四十一条',
      en: 'Regulations on the Supervision of Medical Security Funds, art. 15, 38 (nominal stays) and 41',
    },
    runbook: {
      zh: '先看住院与门诊分属哪两家机构;同院的,核对是否为院内外送检查;跨院的,核对护理记录。任一结算在其发生前被冲销的,不预警。',
      en: 'See which institutions are involved. Within one hospital ask whether an examination was billed as a visit; otherwise compare with the nursing notes.',
    },
  },
  isSilent: (person, _reference, { days }) =>
    stayOutlines(person).every((stay) =>
      person.settlements.every((each) => !isVisit(each) || each.byAgent || !lies(stay, each.eventTime, days)),
    ),
  claims: (documents, _reference, { days }) => {
    const settled = settledOf(documents);
    const stays = staysOf(settled);
    if (stays.length === 0) return [];
    return settled.flatMap((visit) => {
      const { settlement } = visit;
      if (!isVisit(settlement) || settlement.byAgent) return [];
      const stay = stays.find(
        (each) =>
          lies(each, settlement.eventTime, days) &&
          (settlement.medicalType !== EMERGENCY || settlement.institution === each.settlement.institution),
      );
      if (stay === undefined) return [];
      return [
        personClaim({
          settled: visit,
          others: [stay],
          facts: {
            stay: stay.settlement.settlementId,
            stay_at: stay.settlement.institution,
            admitted_at: isoShanghai(stay.begin),
            discharged_at: isoShanghai(stay.end),
            visited_at: isoShanghai(settlement.eventTime),
          },
          reason: 'settled elsewhere during a stay',
        }),
      ];
    });
  },
});

function lies({ begin, end }: Pick<Stay, 'begin' | 'end'>, at: number, days: number): boolean {
  return daysBetween(begin, at) >= days && daysBetween(at, end) >= days;
}
