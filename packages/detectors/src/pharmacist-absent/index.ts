// pharmacist-absent: a prescription drug sold at a pharmacy while no pharmacist was signed in.
import { defineWindowed } from '@yunjian/detection';
import { PharmacistLogic } from './logic.ts';
import { pharmacistParams } from './params.ts';

export const detector = defineWindowed({
  id: 'pharmacist-absent',
  lane: 'institution',
  inputs: ['settlement', 'reversal', 'staffPresence', 'institution', 'drug'],
  params: pharmacistParams,
  level: 3,
  claimsAbsence: true,
  texts: {
    title: { zh: '执业药师不在岗销售处方药', en: 'Prescription drug sold with no pharmacist present' },
    explanation: {
      zh: '药店结算处方药时,当日药师在岗记录显示药师已离岗,或当日尚无药师签到。完全不上报在岗信息的药店每日只列一条提示,不逐笔预警。',
      en: 'When the pharmacy settled a prescription drug, the day’s staff records said that the pharmacist was out, or nobody had signed in yet. A pharmacy that reports no presence at all is listed once a day and not per sale.',
    },
    measures: [
      { zh: '调阅柜台视频与药师签到记录核对', en: 'Compare the counter’s video with the pharmacist’s sign-ins' },
      {
        zh: '约谈药店,责令药师在岗履职;屡次发生的暂停处方药医保结算',
        en: 'Summon the pharmacy and order that a pharmacist be present; if it recurs, suspend the settlement of prescription drugs',
      },
    ],
    basis: {
      zh: '《药品经营和使用质量监督管理办法》:执业药师不在岗时,应当停止销售处方药;《医疗机构医疗保障定点管理/零售药店医疗保障定点管理暂行办法》',
      en: 'Drug distribution rules: with no pharmacist on duty prescription drugs are not sold; rules for designated retail pharmacies',
    },
    runbook: {
      zh: '先看在岗记录是否晚到、药师是否用另一账号签到;再看柜台视频中是否有药师审方。每日列出的未上报药店,先核实签到设备是否接入。',
      en: 'See first whether a sign-in came late or under another code, then whether the video shows a pharmacist checking the prescription. Of a pharmacy listed for the day, find out whether its sign-in device is connected.',
    },
  },
  create: (host) => new PharmacistLogic(host),
});
