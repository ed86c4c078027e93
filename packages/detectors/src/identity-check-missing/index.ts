// identity-check-missing: a settlement in person that no identity check covers, at a counter whose camera was alive.
import { defineWindowed } from '@yunjian/detection';
import { IdentityLogic } from './logic.ts';
import { identityParams } from './params.ts';

export const detector = defineWindowed({
  id: 'identity-check-missing',
  lane: 'institution',
  inputs: [
    'settlement',
    'reversal',
    'identityCheck',
    'presence',
    'staffPresence',
    'cameraStatus',
    'heartbeat',
    'institution',
  ],
  params: identityParams,
  level: 2,
  claimsAbsence: true,
  alsoSpeaksFor: ['verification-unavailable', 'identity-mismatch'],
  texts: {
    title: { zh: '结算未核验参保人身份', en: 'Settlement without an identity check' },
    explanation: {
      zh: '该笔结算前 10 分钟至后 2 分钟内,柜台摄像机工作正常,却没有任何通过的身份核验能够对应到这笔结算。',
      en: 'From 10 minutes before to 2 minutes after the settlement the counter camera was alive, yet no passed identity check can be matched to it.',
    },
    measures: [
      { zh: '调阅该时段视频,核对持卡人', en: 'Review the video of the window and compare the cardholder' },
      { zh: '约谈定点机构,责令改正', en: 'Summon the institution and order correction' },
    ],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第十五条:定点医药机构应当核验参保人员医疗保障凭证',
      en: 'Regulations on the Supervision of Medical Security Funds, art. 15: institutions verify the insured person’s credentials',
    },
    runbook: {
      zh: '先看视频片段与核验记录是否晚到;再核对是否代取药(agent_flag)或电子凭证线上订单;确认后保全片段哈希并签署处理意见。',
      en: 'First see whether the clip or a check came late; then whether the drug was collected for somebody else or ordered online; once confirmed, preserve the clip’s hash and sign the decision.',
    },
  },
  create: (host) => new IdentityLogic(host),
});
