// large-amount: one settlement, or one person's day at one institution, above what its kind of institution usually bills.
import { defineWindowed } from '@yunjian/detection';
import { LargeAmountLogic } from './logic.ts';
import { largeAmountParams } from './params.ts';

export const detector = defineWindowed({
  id: 'large-amount',
  lane: 'institution',
  inputs: ['settlement', 'reversal', 'institution'],
  params: largeAmountParams,
  level: 3,
  claimsAbsence: false,
  texts: {
    title: { zh: '大额结算', en: 'Large amount' },
    explanation: {
      zh: '一笔结算,或同一参保人当日在同一机构的多笔结算合计,基金支付超过该类机构的限额(药店 500 元、诊所 1,000 元、医院门诊 5,000 元;门诊慢特病患者可达三倍)。住院不计;结算前或同时已冲正的不计。',
      en: 'One settlement, or all settlements of one person on one day at one institution together, took more fund money than is usual for its kind: ¥500 at a pharmacy, ¥1,000 at a clinic, ¥5,000 for a hospital outpatient, three times as much for registered chronic patients. Inpatients do not count, nor what was already reversed.',
    },
    measures: [
      {
        zh: '调取处方、明细与进销存记录,核对用量与必要性',
        en: 'Ask for prescription, bill lines and stock records, and check quantity and need',
      },
      {
        zh: '未按规定登记大额消费的,约谈定点机构,责令改正',
        en: 'Where large purchases were not registered as required, summon the institution and order correction',
      },
    ],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第十五条、第三十八条;当地大额消费登记规定',
      en: 'Regulations on the Supervision of Medical Security Funds, arts. 15 and 38; local rules on registering large purchases',
    },
    runbook: {
      zh: '先看医疗类别:是否慢特病备案患者而机构漏填类别;再看明细的药品、数量与天数是否合理,有无大额消费登记。事后冲正会写入依据,预警不撤销,请问明冲正原因。限额可按机构类别、等级或地区在规则中调整。',
      en: 'See first the kind of treatment: a registered chronic patient may have been billed as an ordinary one. Then whether drugs, quantities and days make sense and the purchase was registered. A later reversal is in the evidence and does not withdraw the alert: ask why. Limits can be set by kind, level or district.',
    },
  },
  create: (host) => new LargeAmountLogic(host),
});
