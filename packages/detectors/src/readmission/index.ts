// readmission: back in hospital with the same diagnosis soon after the discharge.
import { isoShanghai } from '@yunjian/contracts';
import { defineLedgerRule } from '@yunjian/detection';
import { z } from 'zod';
import {
  areOfOneStay,
  daysBetween,
  personClaim,
  type Stay,
  settledOf,
  startsWithAny,
  stayOutlines,
  staysOf,
} from '../person-history.ts';

const params = z.object({
  sameDays: z
    .int()
    .min(0)
    .default(15)
    .describe(
      'Local days between discharge and readmission at the same institution, both included, days. Source: domain.md §4, 15 d.',
    ),
  otherDays: z.int().min(0).default(7).describe('The same at another institution, days. Source: domain.md §4, 7 d.'),
  planned: z
    .array(z.string().min(1))
    .default(['Z51', 'Z49', 'Z50', 'O80', 'O81', 'O82', 'O83', 'O84'])
    .describe(
      'Diagnoses (ICD-10 prefixes) of planned series and childbirth: chemotherapy and radiotherapy Z51, dialysis Z49, rehabilitation Z50, delivery O80–O84. Source: detectors.md; the list is ours, a setting.',
    ),
});

/** Maternity: med_type 51 and 52 (domain.md §1). */
const isMaternity = (medicalType: string) => medicalType.startsWith('5');

export const detector = defineLedgerRule({
  id: 'readmission',
  lane: 'person',
  inputs: ['settlement', 'reversal'],
  growsWith: ['settlement'],
  params,
  level: 3,
  claimsAbsence: false,
  texts: {
    title: { zh: '短期再入院(疑似分解住院)', en: 'Readmitted soon (split stay suspected)' },
    explanation: {
      zh: '同一参保人以相同主要诊断,出院后 15 天内再次入住同一机构,或 7 天内入住另一机构:可能把一次住院分解为两次结算。放化疗、透析等计划性住院、分娩和当日转院除外;同一机构、同一就诊号(mdtrt_id)分次结算的是同一次住院。',
      en: 'With the same main diagnosis a person was admitted again within 15 days to the same institution or within 7 to another: one stay may have been split into two bills. Planned series such as chemotherapy and dialysis, childbirth and transfers on the day do not count, and bills of one institution with the same visit number (mdtrt_id) are one stay.',
    },
    measures: [
      { zh: '核查两次住院的病历与出院指征', en: 'Check records and the reasons for the discharge' },
      { zh: '分解住院的按一次住院重新结算并追回差额', en: 'Settle a split stay as one and recover the difference' },
    ],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第十五条、第三十八条(分解住院)',
      en: 'Regulations on the Supervision of Medical Security Funds, art. 15 and 38 (split stays)',
    },
    runbook: {
      zh: '对照两次住院的出院小结与入院记录;病情确需再入院的,留存病历后处置为“不属实”。',
      en: 'Compare the discharge summary with the next admission. Where the patient had to come back, keep the records and dispose of the alert as unfounded.',
    },
  },
  isSilent: (person, _reference, { sameDays, otherDays }) => {
    const stays = stayOutlines(person);
    const isSoon = (end: number, begin: number) =>
      begin >= end && daysBetween(end, begin) <= Math.max(sameDays, otherDays);
    return stays.every(({ begin }) => stays.every(({ end }) => !isSoon(end, begin)));
  },
  claims: (documents, _reference, settings) => {
    const stays = staysOf(settledOf(documents));
    return stays.flatMap((stay, i) => {
      if (!isJudged(stay, settings.planned)) return [];
      const before = stays
        .slice(0, i)
        .filter((other) => isJudged(other, settings.planned) && isSoonAfter(other, stay, settings))
        .filter((other) => !areOfOneStay(other, stay))
        .sort((a, b) => b.end - a.end)[0];
      if (before === undefined) return [];
      return [
        personClaim({
          settled: stay,
          others: [before],
          facts: {
            diagnosis: stay.settlement.diagnosis,
            before: before.settlement.settlementId,
            before_at: before.settlement.institution,
            discharged_at: isoShanghai(before.end),
            readmitted_at: isoShanghai(stay.begin),
            days_between: daysBetween(before.end, stay.begin),
          },
          reason: 'readmitted with the same diagnosis',
        }),
      ];
    });
  },
});

function isJudged({ settlement }: Stay, planned: readonly string[]): boolean {
  const { diagnosis, medicalType } = settlement;
  return diagnosis !== null && !isMaternity(medicalType) && !startsWithAny(diagnosis, planned);
}

/** To another institution on the day of the discharge is a transfer. */
function isSoonAfter(before: Stay, stay: Stay, { sameDays, otherDays }: z.output<typeof params>): boolean {
  if (before.settlement.diagnosis !== stay.settlement.diagnosis || stay.begin < before.end) return false;
  const days = daysBetween(before.end, stay.begin);
  return before.settlement.institution === stay.settlement.institution
    ? days <= sameDays
    : days >= 1 && days <= otherDays;
}
