// source-silent: a registered camera without records, an institution without settlements for longer than is its habit, or a whole feed silent
// while its ticks go on.
import { defineWindowed } from '@yunjian/detection';
import { SourceSilentLogic } from './logic.ts';
import { sourceSilentParams } from './params.ts';

export const detector = defineWindowed({
  id: 'source-silent',
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
  params: sourceSilentParams,
  withoutInstitution: ['feed'],
  level: 3,
  claimsAbsence: true,
  texts: {
    title: { zh: '数据源静默', en: 'Source silent' },
    explanation: {
      zh: '已登记的摄像机或整路数据在规定时间内没有任何记录,或某机构在营业时间内没有结算的时长超过其自身习惯(99.9% 的间隔,至少 2 小时),而系统自身的接入一直在正常推进。静默期间不会据此认定任何违规。',
      en: 'A registered camera, or a whole feed, has sent nothing for the time allowed, or an institution has settled nothing within its opening hours for longer than is its habit (99.9 % of its gaps, at least 2 hours), while our own reading went on. Nothing is concluded from its silence meanwhile.',
    },
    measures: [{ zh: '通知机构或平台运维恢复数据', en: 'Have the institution or the platform restore the feed' }],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第十四条、第十六条',
      en: 'Regulations on the Supervision of Medical Security Funds, art. 14 and 16',
    },
    runbook: {
      zh: '先看同机构其他设备是否也静默(网络),再看平台侧;机构无结算的,先问是否停业、休假或更换系统,必要时更新营业时间。恢复后预警自动撤销并记录静默时长。',
      en: 'See whether other devices of the institution are silent too (network), then the platform; of an institution without settlements ask first whether it is closed, on holiday or changing its system, and update its opening hours. The alert withdraws by itself when the source speaks again, with the length of the gap.',
    },
  },
  create: (host) => new SourceSilentLogic(host),
});
