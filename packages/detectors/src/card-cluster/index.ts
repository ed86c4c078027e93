// card-cluster: cards of several persons settled together while the camera saw fewer people than cards, or by the same persons day after day.
import { defineWindowed } from '@yunjian/detection';
import { ClusterLogic } from './logic.ts';
import { clusterParams } from './params.ts';

export const detector = defineWindowed({
  id: 'card-cluster',
  lane: 'institution',
  inputs: [
    'settlement',
    'reversal',
    'presence',
    'identityCheck',
    'staffPresence',
    'cameraStatus',
    'heartbeat',
    'institution',
  ],
  params: clusterParams,
  level: 2,
  claimsAbsence: true,
  texts: {
    title: { zh: '短时多卡集中结算', en: 'Several cards settled together' },
    explanation: {
      zh: '同一终端 5 分钟内结算了至少三名参保人的卡,而工作正常的摄像机看到的人数始终少于卡数;或同样三名及以上参保人 30 天内有三天在 5 分钟内先后结算。每机构每天一条。家属代取不计,一人多笔只算一人。',
      en: 'Within 5 minutes cards of at least three persons were settled at one terminal, while a camera that was alive never saw as many people as cards; or the same three or more persons settled within 5 minutes of each other on three days of 30. One alert per institution and day. What family collects does not count, and several settlements of one person count once.',
    },
    measures: [
      { zh: '调阅该时段视频,核对人数与持卡人', en: 'Review the video: how many people, and whose cards' },
      {
        zh: '联系相关参保人,核实是否本人购药、卡是否交由他人保管',
        en: 'Ask the insured persons whether they came themselves, and who holds their cards',
      },
      {
        zh: '查实收卡套刷的,追回基金并处罚',
        en: 'Where cards were collected and swiped, recover the money and impose a penalty',
      },
    ],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第十五条、第十七条、第四十条',
      en: 'Regulations on the Supervision of Medical Security Funds, arts. 15, 17 and 40',
    },
    runbook: {
      zh: '按依据逐组查看:视频中有几人、是否同一人连续刷卡;购药品种是否相同、数量是否凑整;参保人是否同住一户而未标代取药。透析等固定班次的病人会同时结算,可据诊断排除。晚到的读数或冲正会自动重新判断。',
      en: 'Go through each group in the evidence: how many people are in the video, did one of them swipe all the cards; the same goods, round amounts; one household whose collecting was not marked. Patients of one dialysis shift settle together: the diagnosis tells. Readings or reversals that come late are judged by themselves.',
    },
  },
  create: (host) => new ClusterLogic(host),
});
