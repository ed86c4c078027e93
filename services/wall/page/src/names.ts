// Short names of detectors and labels of facts, for lists and charts; an alert's own title comes with the alert.
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
  'stock-mismatch': { zh: '进销存不符', en: 'Stock mismatch' },
};

const FACTS: Record<string, Bilingual> = {
  tier: { zh: '档位 (%)', en: 'Tier (%)' },
  times_sold: { zh: '净售出次数', en: 'Net times sold' },
  span_seconds: { zh: '跨度', en: 'Span' },
  institution: { zh: '机构', en: 'Institution' },
  settlement: { zh: '结算单', en: 'Settlement' },
  line: { zh: '明细', en: 'Line' },
  item: { zh: '药品编码', en: 'Item' },
  count: { zh: '数量', en: 'Count' },
  split: { zh: '拆零', en: 'Split pack' },
  channel: { zh: '渠道', en: 'Channel' },
  source: { zh: '来源', en: 'Source' },
  feed: { zh: '数据源', en: 'Feed' },
  spoke_at: { zh: '恢复于', en: 'Spoke again at' },
  gap_seconds: { zh: '中断时长', en: 'Gap' },
  days_elapsed: { zh: '已过天数', en: 'Days elapsed' },
  days_total: { zh: '总天数', en: 'Days in all' },
  spend: { zh: '已支出', en: 'Spent' },
  scheduled: { zh: '序时应支出', en: 'Scheduled' },
  budget: { zh: '季度预算', en: 'Quarter budget' },
  ratio_ahead: { zh: '超序时比例', en: 'Ahead, ratio' },
  points_ahead: { zh: '超序时百分点', en: 'Ahead, points' },
  measure: { zh: '口径', en: 'Measure' },
  as_of: { zh: '截至', en: 'As of' },
  suspicion: { zh: '嫌疑', en: 'Suspicion' },
  institutions: { zh: '涉及机构', en: 'Institutions' },
  sales: { zh: '销售记录', en: 'Sales' },
  sales_not_listed: { zh: '未列出的销售', en: 'Sales not listed' },
  code: { zh: '追溯码', en: 'Trace code' },
  verified_form: { zh: '编码格式已核实', en: 'Verified form' },
  terminal: { zh: '终端', en: 'Terminal' },
  device: { zh: '摄像机', en: 'Camera' },
  cameras: { zh: '摄像机', en: 'Cameras' },
  camera_state: { zh: '摄像机状态', en: 'Camera state' },
  checks_in_window: { zh: '时间窗内核验次数', en: 'Checks in the window' },
  by_agent: { zh: '代取药', en: 'Collected by another' },
  seen: { zh: '见到的核验', en: 'Checks seen' },
  at: { zh: '时间', en: 'Time' },
  result: { zh: '结果', en: 'Result' },
  cause: { zh: '原因', en: 'Cause' },
  from: { zh: '始于', en: 'From' },
  to: { zh: '止于', en: 'To' },
  reversed_by: { zh: '冲正单', en: 'Reversed by' },
  reversed_at: { zh: '冲正时间', en: 'Reversed at' },
  person: { zh: '参保人(假名)', en: 'Person (pseudonym)' },
  fund: { zh: '基金支付', en: 'Fund paid' },
  silent_since: { zh: '中断始于', en: 'Silent since' },
  under: { zh: '归入', en: 'Shown under' },
  similarity: { zh: '相似度', en: 'Similarity' },
  clock: { zh: '时钟', en: 'Clock' },
  fixmedins_code: { zh: '机构', en: 'Institution' },
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
  points: { zh: '百分点', en: 'percentage points' },
};

export function detectorName(id: string, language: Language): string {
  return DETECTORS[id]?.[language] ?? id;
}

export function factLabel(key: string, language: Language): string {
  return FACTS[key]?.[language] ?? key.replaceAll('_', ' ');
}

export function factValue(value: string, language: Language): string {
  return VALUES[value]?.[language] ?? value;
}
