// source-silent: a registered camera without records, or a whole feed silent while its ticks go on.
import { defineWindowed } from '@yunjian/detection';
import { SourceSilentLogic } from './logic.ts';
import { sourceSilentParams } from './params.ts';

export const detector = defineWindowed({
  id: 'source-silent',
  lane: 'institution',
  inputs: ['identityCheck', 'presence', 'staffPresence', 'cameraStatus', 'heartbeat', 'institution'],
  params: sourceSilentParams,
  level: 3,
  claimsAbsence: true,
  texts: {
    title: { zh: '数据源静默', en: 'Source silent' },
    explanation: {
      zh: '已登记的摄像机或整路数据在规定时间内没有任何记录,而系统自身的接入一直在正常推进。静默期间不会据此认定任何违规。',
      en: 'A registered camera, or a whole feed, has sent nothing for the time allowed while our own reading went on. Nothing is concluded from its silence meanwhile.',
    },
    measures: [{ zh: '通知机构或平台运维恢复数据', en: 'Have the institution or the platform restore the feed' }],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第十四条、第十六条',
      en: 'Regulations on the Supervision of Medical Security Funds, art. 14 and 16',
    },
    runbook: {
      zh: '先看同机构其他设备是否也静默(网络),再看平台侧;恢复后预警自动撤销并记录静默时长。',
      en: 'See whether other devices of the institution are silent too (network), then the platform; the alert withdraws by itself when the source speaks again, with the length of the gap.',
    },
  },
  create: (host) => new SourceSilentLogic(host),
});
