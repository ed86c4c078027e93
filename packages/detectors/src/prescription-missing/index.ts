// prescription-missing: a prescription drug settled without a prescription number.
import { defineWindowed } from '@yunjian/detection';
import { PrescriptionLogic } from './logic.ts';
import { prescriptionParams } from './params.ts';

export const detector = defineWindowed({
  id: 'prescription-missing',
  lane: 'institution',
  inputs: ['settlement', 'reversal', 'drug'],
  params: prescriptionParams,
  level: 3,
  claimsAbsence: false,
  texts: {
    title: { zh: '处方药无处方结算', en: 'Prescription drug settled without a prescription' },
    explanation: {
      zh: '该笔结算含有只能凭处方销售的药品(结算明细标明,或药品目录标明),但没有处方编号。之后补传带处方编号的同一笔结算,预警自动撤销。',
      en: 'The bill holds a drug that may be sold on prescription only (the bill says so, or else the catalogue), but names no prescription. When the same settlement comes again with one, the alert withdraws by itself.',
    },
    measures: [
      {
        zh: '调取该笔销售的处方或电子处方流转记录',
        en: 'Ask for the prescription or its record in the e-prescription platform',
      },
      {
        zh: '约谈定点机构,责令改正;情节严重的暂停处方药结算',
        en: 'Summon the institution and order correction; in grave cases suspend the settlement of prescription drugs',
      },
    ],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第十五条;《药品经营和使用质量监督管理办法》:处方药凭处方销售',
      en: 'Regulations on the Supervision of Medical Security Funds, art. 15; drug distribution rules: prescription drugs are sold on prescription',
    },
    runbook: {
      zh: '先看明细中的药品是否确为处方药(目录可能刚更正);再查处方流转平台是否有对应处方、是否只是漏传编号。有处方的请机构补传;没有的核对数量与购药人后按规定处理。',
      en: 'See first whether the drugs are on prescription (the catalogue may have just been corrected), then whether the platform holds a prescription and only its number was left out. If so, have the institution send it; if not, compare quantity and buyer and proceed.',
    },
  },
  create: (host) => new PrescriptionLogic(host),
});
