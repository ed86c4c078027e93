// What quarterly-spend says to people.

import type { Bilingual } from '@yunjian/contracts';
import type { DetectorTexts } from '@yunjian/detection';

/** Prescribed measures by tier, after the Bengbu rule (domain.md §5). */
export const PRESCRIBED: Record<10 | 20, Bilingual> = {
  10: { zh: '约谈提醒、暂缓支付', en: 'summons with a reminder, deferral of payment' },
  20: {
    zh: '专项检查、暂停拨付、限期整改',
    en: 'special inspection, suspension of payment, rectification within a time limit',
  },
};

export const TITLES: Record<10 | 20, Bilingual> = {
  10: { zh: '季度支出超序时进度 10%', en: 'Quarterly spending more than 10 % ahead of schedule' },
  20: { zh: '季度支出超序时进度 20%', en: 'Quarterly spending more than 20 % ahead of schedule' },
};

export const texts: DetectorTexts = {
  title: { zh: '季度支出超序时进度', en: 'Quarterly spending ahead of schedule' },
  explanation: {
    zh: '该机构本季度医保基金支出超过预算按日历进度应有的支出 10%(或 20%)以上,且没有有效的正当理由。冲销已抵减,同一笔结算只计一次。正当理由到期即重新判断;预警附按近两周日均支出推算的下一档越线日期。',
    en: 'The institution’s fund spending this quarter exceeds what its budget schedules for the days elapsed by more than 10 % (or 20 %), with no valid justification. Reversals are netted and each settlement counts once. When a justification ends it is judged again; the alert forecasts, at the last two weeks’ pace, the day on which the next tier will be crossed.',
  },
  measures: [PRESCRIBED[10], PRESCRIBED[20]],
  basis: {
    zh: '对无正当理由超序时支出进度 10% 的定点医疗机构约谈提醒、暂缓支付;20% 的专项检查、暂停拨付、限期整改',
    en: 'Medical institutions ahead of schedule by 10 % without justification are summoned and payment is deferred; at 20 %, special inspection, suspended payment and rectification',
  },
  runbook: {
    zh: '核对预算与月度权重是否为最新;查看是否有待审批的说明;确认后按档位采取规定措施并出具提醒函或约谈通知。',
    en: 'See whether budget and monthly weights are the latest, and whether a justification awaits approval; then take the measures of the tier and issue the letter.',
  },
};
