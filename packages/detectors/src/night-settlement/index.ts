// night-settlement: settled while the institution, by its own registration, is closed.
import { defineWindowed } from '@yunjian/detection';
import { NightLogic } from './logic.ts';
import { nightParams } from './params.ts';

export const detector = defineWindowed({
  id: 'night-settlement',
  lane: 'institution',
  inputs: ['settlement', 'reversal', 'institution'],
  params: nightParams,
  level: 4,
  claimsAbsence: false,
  texts: {
    title: { zh: '非营业时间结算', en: 'Settled outside opening hours' },
    explanation: {
      zh: '药店或诊所在登记的营业时间之外超过 15 分钟仍发生医保结算;未登记营业时间的,指 23:00 至次日 6:00。同一夜第三笔起升级为三级。医院和急诊不计。',
      en: 'A pharmacy or clinic settled more than 15 minutes outside the opening hours it registered; without any, between 23:00 and 06:00. From the third of a night on the level is 3. Hospitals and emergencies do not count.',
    },
    measures: [
      {
        zh: '调阅该时段视频,核对是否有人到店购药',
        en: 'Review the video of that time: was a customer there?',
      },
      {
        zh: '营业时间登记有误的,责令更正;无人到店的,按空刷核查',
        en: 'Where the registered hours are wrong, have them corrected; where nobody came, examine it as an empty swipe',
      },
    ],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第十五条;定点医药机构服务协议(营业时间)',
      en: 'Regulations on the Supervision of Medical Security Funds, art. 15; service agreement with the institution (opening hours)',
    },
    runbook: {
      zh: '先核对登记的营业时间是否仍然有效(节假日、夜间售药窗口),再看收款机时钟是否准确,最后调阅视频。登记更正后,最近 48 小时的预警自动重新判断。同夜多笔时一并查看。',
      en: 'See first whether the registered hours still hold (holidays, a night window), then whether the till’s clock is right, then the video. When the registration is corrected, the last 48 hours are judged again by themselves. Look at all of one night together.',
    },
  },
  create: (host) => new NightLogic(host),
});
