// Why the system took a step, in Chinese: the reasons of its own steps are written in English in the alert log.
import { halfInLanguage, type Language } from './i18n.ts';

const REASONS: Record<string, string> = {
  // what is known now
  'figures moved on': '数据有更新',
  'what is known of it changed': '已知情况有变化',
  'what is known of the day changed': '当日已知情况有变化',
  'what is known of the drugs changed': '药品信息有变化',
  'what is known of the sale changed': '该笔销售的已知情况有变化',
  'more is known of the camera': '摄像机情况有更新',
  'a check was received': '收到一条核验记录',
  'a reversal was received': '收到冲正',
  'a registration was received': '收到机构登记信息',
  'the settlement was reversed in time': '结算已及时冲正',
  'no longer so by what was received since': '按后来收到的数据已不成立',
  'the registration says otherwise': '机构登记信息与此不符',
  // identity and cameras
  'no identity check in the window': '时间窗内没有身份核验',
  'no check and no camera that could tell': '没有核验记录,摄像机也无法证明',
  'somebody else was seen at the counter': '柜台核验到的是他人',
  'the settlement is no longer uncovered': '该结算已有核验对应',
  'the camera was alive after all': '摄像机当时其实正常',
  'the camera was not alive': '摄像机当时不正常',
  'a check covers it': '已有核验对应',
  'nobody was seen at the counter': '柜台前没有人',
  'somebody was seen at the counter': '柜台前有人',
  'others of its ten minutes changed': '同一个十分钟内的其他结算有变化',
  'several cards were settled together': '多张卡集中结算',
  'no more cards than people after all': '卡数并不多于人数',
  // sales
  'settled, returned and settled again': '结算、退费后再次结算',
  'its cycles changed': '循环记录有变化',
  'fewer cycles than it takes': '循环次数不足',
  'a prescription drug without a prescription number': '处方药没有处方编号',
  'a later document brought the prescription': '后到单据补上了处方',
  'the catalogue says that it is no prescription drug': '目录载明不是处方药',
  'a prescription drug, and no pharmacist signed in': '售出处方药时没有药师在岗',
  'a pharmacist was signed in': '当时有药师在岗',
  'a prescription drug was sold, and nobody reports': '售出处方药,且未上报在岗信息',
  'presence is reported, or nothing was sold': '已上报在岗信息,或并未售出',
  'a settlement above the limit': '单笔超过上限',
  'it is within the limit after all': '实际未超过上限',
  'the settlements of the day are together above the limit': '当日合计超过上限',
  'what counts of the day is within the limit': '当日计入部分未超过上限',
  'settled outside opening hours': '在营业时间外结算',
  'its place in the night changed': '当夜次序有变化',
  'by the registration it was within opening hours': '按登记信息属于营业时间内',
  // persons
  'the same item was charged before': '同一项目此前已收费',
  'more than may be handed out': '超出可开数量',
  'too many purchases': '购买或就诊过于频繁',
  'too far for the time between': '时间间隔不足以往返两地',
  'two stays overlap': '两次住院时间重叠',
  'readmitted with the same diagnosis': '同一诊断再次入院',
  'settled after the death': '死亡后仍有结算',
  'settled elsewhere during a stay': '住院期间在别处结算',
  // boxes and stock
  'sells coded boxes and uploads no purchases': '销售带码药品,却从未上传购进',
  'the code belongs to another drug': '追溯码属于另一种药品',
  'the code marks a pack that is not sold by itself': '追溯码所属包装层级不单独销售',
  // budgets
  'spending crossed the tier': '支出越过档位线',
  'the justification lapsed': '正当理由已失效',
  'an accepted justification': '正当理由已获认可',
  'no longer ahead of schedule': '不再超序时进度',
  'spending rose above': '支出超过指标',
  'no longer above': '不再超过指标',
  // sources and the system itself
  'nothing was received': '没有收到数据',
  'no settlement was received for longer than usual': '超过惯常时间没有收到结算',
  'it speaks again': '已恢复',
  'judged anew by a later release': '由新版本重新判断',
  'the first of the day; the others are in the rejected topic with their stacks': '当日首条,其余见拒收记录',
};

/** Reasons with figures in them. */
const WITH_FIGURES: [RegExp, string][] = [
  [/^sold (\S+) times net$/, '净售出 $1 次'],
  [/^(\d+) line\(s\) without a code$/, '$1 条明细缺追溯码'],
  [/^not bought by (\S+) h after the sale$/, '售出 $1 小时后仍无购进记录'],
  [/^settled (\S+), available (\S+)$/, '结算 $1,可供 $2'],
  [/^more than (\d+) rows$/, '记录超过 $1 条'],
];

/** @param transition what an operator wrote stays as it was written */
export function reasonOf(transition: { by: string; reason: string }, language: Language): string {
  const { by, reason } = transition;
  if (by !== 'system') return reason;
  if (language === 'en' || reason.includes(' / ')) return halfInLanguage(reason, language);
  const known = REASONS[reason];
  if (known !== undefined) return known;
  for (const [pattern, text] of WITH_FIGURES) if (pattern.test(reason)) return reason.replace(pattern, text);
  return reason;
}
