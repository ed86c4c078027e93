// settled-after-death: the fund paid for somebody on a day after the death.
import { isoShanghai } from '@yunjian/contracts';
import { defineLedgerRule } from '@yunjian/detection';
import { z } from 'zod';
import { daysBetween, deathOf, personClaim, type Settled, settledOf } from '../person-history.ts';
import { isInpatient } from '../treatment.ts';

const params = z.object({
  days: z
    .int()
    .min(1)
    .default(1)
    .describe('Local days after the death from which a settlement counts, days. Source: detectors.md, 1 d.'),
});

export const detector = defineLedgerRule({
  id: 'settled-after-death',
  lane: 'person',
  inputs: ['settlement', 'reversal', 'personStatus'],
  growsWith: ['settlement'],
  params,
  level: 1,
  claimsAbsence: false,
  texts: {
    title: { zh: '死亡后结算', en: 'Settled after death' },
    explanation: {
      zh: '参保人死亡的次日及以后,仍以其名义发生医保结算;住院按费用明细的发生时间判断,因为住院费用往往在死亡后才结算。',
      en: 'The fund paid in a person’s name on a day after that person’s death. Of a stay the time of each fee line decides, since stays are billed after a death.',
    },
    measures: [
      { zh: '暂停该参保人的医保待遇', en: 'Suspend the person’s entitlement' },
      { zh: '核查持卡人身份并追回基金', en: 'Find out who held the card and recover what was paid' },
      { zh: '涉嫌骗保的移送公安机关', en: 'Refer suspected fraud to the police' },
    ],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第十七条、第四十一条(冒用他人医保凭证)',
      en: 'Regulations on the Supervision of Medical Security Funds, art. 17 and 41 (use of another person’s credentials)',
    },
    runbook: {
      zh: '先核对死亡登记的来源与日期;登记更正后预警自动撤销。属实的,调取结算时的身份核验记录与视频。',
      en: 'First check source and date of the record of death: once it is corrected the alert withdraws by itself. If it holds, fetch the identity checks and the video of the settlement.',
    },
  },
  isSilent: ({ deceased }) => !deceased,
  claims: (documents, _reference, { days }) => {
    const death = deathOf(documents);
    if (death === null) return [];
    return settledOf(documents).flatMap((settled) => {
      const after = instantsOf(settled).filter((at) => daysBetween(death.at, at) >= days);
      if (after.length === 0) return [];
      return [
        personClaim({
          settled,
          others: [],
          facts: {
            died_at: isoShanghai(death.at),
            reported_by: death.status.cold.get().source,
            occurred_at: after.slice(0, 20).map(isoShanghai),
          },
          reason: 'settled after the death',
        }),
      ];
    });
  },
});

/** When what was billed took place: a visit at its settlement, a stay line by line. */
function instantsOf({ settlement }: Settled): number[] {
  if (!isInpatient(settlement)) return [settlement.eventTime];
  return settlement.cold.get().lines.flatMap(({ occurredAt }) => (occurredAt === null ? [] : [occurredAt]));
}
