// Short names of detectors, and of facts and their values, for lists and charts; an alert's own title comes with the alert.
import { FACTS } from './fact-names.ts';
import type { Language } from './i18n.ts';
import type { Bilingual } from './wire.ts';

const DETECTORS: Record<string, Bilingual> = {
  'identity-check-missing': { zh: '未核验身份', en: 'Identity not checked' },
  'identity-mismatch': { zh: '人证不符', en: 'Identity mismatch' },
  'verification-unavailable': { zh: '无法核验', en: 'Verification unavailable' },
  'empty-swipe': { zh: '收卡空刷', en: 'Empty swipe' },
  'card-cluster': { zh: '短时多卡', en: 'Card cluster' },
  'swipe-return-cycle': { zh: '刷退循环', en: 'Swipe-return cycle' },
  'pharmacist-absent': { zh: '药师不在岗', en: 'Pharmacist absent' },
  'prescription-missing': { zh: '无处方售药', en: 'Prescription missing' },
  'large-amount': { zh: '大额消费', en: 'Large amount' },
  'night-settlement': { zh: '夜间结算', en: 'Night settlement' },
  'source-silent': { zh: '数据中断', en: 'Source silent' },
  'quarterly-spend': { zh: '超序时进度', en: 'Ahead of schedule' },
  'same-period-index': { zh: '超同期指标', en: 'Above same period' },
  'impossible-travel': { zh: '异地异常', en: 'Impossible travel' },
  'overlapping-stay': { zh: '重叠住院', en: 'Overlapping stay' },
  readmission: { zh: '分解住院', en: 'Readmission' },
  'visit-during-stay': { zh: '住院期间就诊', en: 'Visit during stay' },
  'excess-supply': { zh: '超量开药', en: 'Excess supply' },
  'frequent-purchase': { zh: '频繁购药', en: 'Frequent purchase' },
  'settled-after-death': { zh: '死亡后结算', en: 'Settled after death' },
  'duplicate-charge': { zh: '重复收费', en: 'Duplicate charge' },
  'trace-repeated': { zh: '追溯码重复', en: 'Trace code repeated' },
  'trace-not-purchased': { zh: '无购进记录', en: 'Never purchased' },
  'trace-product-mismatch': { zh: '药码不符', en: 'Product mismatch' },
  'trace-missing': { zh: '缺追溯码', en: 'Trace code missing' },
  'record-poisoned': { zh: '程序出错', en: 'Fault of our own' },
  'ledger-overflow': { zh: '记录过多', en: 'Too many rows' },
  'stock-mismatch': { zh: '进销存不符', en: 'Stock mismatch' },
};

const VALUES: Record<string, Bilingual> = {
  substitution: { zh: '串换', en: 'substitution' },
  resold: { zh: '回流药', en: 'resold' },
  counterfeit: { zh: '假药', en: 'counterfeit' },
  settlement: { zh: '结算', en: 'settlement' },
  surveillance: { zh: '视频核验', en: 'video checks' },
  trace: { zh: '追溯码', en: 'trace codes' },
  reference: { zh: '基础资料', en: 'reference' },
  device: { zh: '设备', en: 'device' },
  feed: { zh: '数据源', en: 'feed' },
  passed: { zh: '通过', en: 'passed' },
  failed: { zh: '未通过', en: 'failed' },
  silent: { zh: '无数据', en: 'silent' },
  offline: { zh: '离线', en: 'offline' },
  blocked: { zh: '被遮挡', en: 'blocked' },
  tampered: { zh: '被篡改', en: 'tampered' },
  ratio: { zh: '比例', en: 'ratio' },
  bill: { zh: '结算明细', en: 'the bill' },
  catalogue: { zh: '药品目录', en: 'the catalogue' },
  index: { zh: '同期指标', en: 'the index' },
  last_year: { zh: '去年同期', en: 'last year' },
  month: { zh: '本月', en: 'month' },
  quarter: { zh: '本季度', en: 'quarter' },
  institution: { zh: '机构', en: 'institution' },
  points: { zh: '百分点', en: 'percentage points' },
  hospital: { zh: '医院', en: 'hospital' },
  clinic: { zh: '诊所', en: 'clinic' },
  pharmacy: { zh: '药店', en: 'pharmacy' },
  upload: { zh: '上传', en: 'upload' },
  drug: { zh: '药品', en: 'the drug' },
  level: { zh: '包装层级', en: 'the level of packing' },
  gap: { zh: '数据间断', en: 'a gap in its records' },
  'never-seen': { zh: '从未有数据', en: 'never seen' },
  'starts-later': { zh: '之后才有数据', en: 'its records start later' },
  'ends-earlier': { zh: '此前已无数据', en: 'its records end earlier' },
  clock: { zh: '时钟不准', en: 'its clock is wrong' },
  'a record lay more than 60 s ahead of its arrival': {
    zh: '有记录的时间超前到达时间 60 秒以上',
    en: 'a record lay more than 60 s ahead of its arrival',
  },
};

export function detectorName(id: string, language: Language): string {
  return DETECTORS[id]?.[language] ?? id;
}

export function factLabel(key: string, language: Language): string {
  return FACTS[key]?.[language] ?? key.replaceAll('_', ' ');
}

/** A reference as people say it: an institution's name with what follows its code, a feed's name; else as it is. */
export function refName(ref: string, names: Record<string, string>, sources: Record<string, string>): string {
  const [head = '', ...rest] = ref.split('/');
  if (head === 'feed') return sources[rest.join('/')] ?? ref;
  const name = names[head];
  return name === undefined ? ref : [name, ...rest].join(' · ');
}

export function factValue(value: string, language: Language): string {
  return VALUES[value]?.[language] ?? value;
}
