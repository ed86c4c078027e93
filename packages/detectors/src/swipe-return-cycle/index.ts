// swipe-return-cycle: settled, returned and settled again, over and over, by one person at one institution.
import { defineWindowed } from '@yunjian/detection';
import { CycleLogic } from './logic.ts';
import { cycleParams } from './params.ts';

export const detector = defineWindowed({
  id: 'swipe-return-cycle',
  lane: 'institution',
  inputs: ['settlement', 'reversal'],
  params: cycleParams,
  level: 2,
  claimsAbsence: false,
  texts: {
    title: { zh: '反复刷卡退费', en: 'Settled, returned, settled again' },
    explanation: {
      zh: '同一参保人在同一机构 60 天内至少三次"结算后 30 分钟内退费,之后又结算"。常见于套取现金、串换药品或凑足门槛。更正金额(10 分钟内以相同项目重新结算)60 天内可有一次,不计。',
      en: 'Within 60 days one person at one institution at least three times had a settlement reversed within 30 minutes and settled again. It goes with cash obtained for cards, goods billed as drugs, or thresholds reached on purpose. A correction of the amount, the same items settled again within 10 minutes, does not count, once in 60 days.',
    },
    measures: [
      {
        zh: '逐笔核对退费原因与退回药品的追溯码、库存',
        en: 'Check the reason of each return, the codes of what came back, and the stock',
      },
      {
        zh: '约谈定点机构与参保人;查实套取基金的,追回并处罚',
        en: 'Summon the institution and the insured person; where money was obtained, recover it and impose a penalty',
      },
    ],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第四十条、第四十一条',
      en: 'Regulations on the Supervision of Medical Security Funds, arts. 40 and 41',
    },
    runbook: {
      zh: '按依据中的结算与退费逐对查看:间隔、项目、金额、经办人和终端是否相同;退回的药品是否重新入库,追溯码是否又被售出。收费员操作失误多集中于同一经办人、同一天,可据此排除。',
      en: 'Go through the pairs of settlement and reversal in the evidence: interval, items, amounts, operator and terminal. Did what was returned come back into stock, were its codes sold again? A cashier’s mistakes gather with one operator on one day, and can be told by that.',
    },
  },
  create: (host) => new CycleLogic(host),
});
