// verification-unavailable: no check covers the settlement, and the counter's camera could not have shown one.
import { defineSpoken } from '@yunjian/detection';
import { identityParams } from '../identity-check-missing/params.ts';

export const detector = defineSpoken({
  id: 'verification-unavailable',
  lane: 'institution',
  inputs: [],
  params: identityParams,
  level: 3,
  claimsAbsence: true,
  spokenBy: 'identity-check-missing',
  texts: {
    title: { zh: '身份核验无法证实(摄像机失效)', en: 'Identity check cannot be established (camera not alive)' },
    explanation: {
      zh: '该笔结算没有对应的身份核验,而柜台摄像机在此期间静默、离线、被遮挡或时钟异常,不能据此认定未核验。',
      en: 'No identity check matches the settlement, but the counter camera was silent, offline, blocked or had a wrong clock, so nothing can be concluded from that.',
    },
    measures: [{ zh: '通知机构修复设备,核实停用原因', en: 'Have the device repaired and find out why it was down' }],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第十五条',
      en: 'Regulations on the Supervision of Medical Security Funds, art. 15',
    },
    runbook: {
      zh: '查看设备静默或离线的起止时间;同一设备反复出现的,现场检查。心跳补传后系统会自动重新判定。',
      en: 'Look at when the device fell silent or went offline; inspect on site where it recurs. Heartbeats uploaded later are judged again automatically.',
    },
  },
});
