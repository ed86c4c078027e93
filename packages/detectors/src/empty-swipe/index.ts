// empty-swipe: a card settled at a counter where the camera, alive all the while, saw nobody.
import { defineWindowed } from '@yunjian/detection';
import { EmptySwipeLogic } from './logic.ts';
import { emptySwipeParams } from './params.ts';

export const detector = defineWindowed({
  id: 'empty-swipe',
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
  params: emptySwipeParams,
  level: 2,
  claimsAbsence: true,
  texts: {
    title: { zh: '无人空刷', en: 'Card swiped with nobody there' },
    explanation: {
      zh: '结算前后各 60 秒内,柜台摄像机工作正常,其客流读数至少有一条且全部为 0,却发生了医保结算。10 分钟内同一终端有三名参保人的卡如此结算的,为一级。线上订单、送药上门(电子凭证且无终端)不计;没有读数或摄像机异常时不作判断。',
      en: 'From 60 seconds before to 60 seconds after the settlement the counter camera was alive, read the number of customers at least once, and read 0 each time. Cards of three persons within 10 minutes at one terminal make it level 1. Online orders and home delivery (e-voucher without a terminal) do not count; without a reading, or with the camera in trouble, nothing is claimed.',
    },
    measures: [
      { zh: '调阅该时段视频,确认柜台是否有人', en: 'Review the video of the window: was anybody at the counter?' },
      {
        zh: '现场核查是否收集、滞留参保人医保凭证',
        en: 'Inspect on site whether cards of insured persons are collected or held',
      },
      {
        zh: '查实空刷套取基金的,追回并处罚,暂停联网结算',
        en: 'Where money was obtained by empty swipes, recover it, impose a penalty, suspend networked settlement',
      },
    ],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第十五条、第四十条',
      en: 'Regulations on the Supervision of Medical Security Funds, arts. 15 and 40',
    },
    runbook: {
      zh: '先看视频:顾客是否站在画面之外、镜头是否被移动;再看收款机与摄像机时钟是否一致;然后查该终端当日其他结算与持卡人联系方式。晚到的读数或冲正会自动重新判断。确认后保全视频。',
      en: 'Video first: did the customer stand outside the picture, was the camera moved? Then whether till and camera agree on the time; then the terminal’s other settlements of the day and the cardholders. Readings or reversals that come late are judged by themselves. Once confirmed, preserve the video.',
    },
  },
  create: (host) => new EmptySwipeLogic(host),
});
