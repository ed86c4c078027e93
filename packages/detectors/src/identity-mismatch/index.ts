// identity-mismatch: an uncovered settlement at whose terminal somebody else was seen, or this person failed the check.
import { defineSpoken } from '@yunjian/detection';
import { identityParams } from '../identity-check-missing/params.ts';

export const detector = defineSpoken({
  id: 'identity-mismatch',
  lane: 'institution',
  inputs: [],
  params: identityParams,
  level: 1,
  claimsAbsence: true,
  spokenBy: 'identity-check-missing',
  texts: {
    title: { zh: '人证不符', en: 'Person and card do not match' },
    explanation: {
      zh: '该笔结算没有对应的身份核验,而同一终端在此期间核验失败,或核验通过的是另一个没有结算的人。',
      en: 'No identity check covers the settlement, while at its terminal this person failed the check, or somebody else passed it who settled nothing.',
    },
    measures: [
      {
        zh: '暂停该卡联网结算,调查冒名就医购药',
        en: 'Suspend the card’s networked settlement and investigate impersonation',
      },
      { zh: '约谈定点机构', en: 'Summon the institution' },
    ],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第十五条、第三十八条、第四十一条',
      en: 'Regulations on the Supervision of Medical Security Funds, art. 15, 38 and 41',
    },
    runbook: {
      zh: '比对抓拍与参保人照片;排除家属代取;保全视频与核验记录。',
      en: 'Compare the snapshot with the insured person’s photograph; rule out collection by family; preserve video and check records.',
    },
  },
});
