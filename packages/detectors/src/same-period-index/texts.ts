// What same-period-index says to people.
import type { DetectorTexts } from '@yunjian/detection';

export const TITLES = {
  month: { zh: '本月支出超同期指标', en: 'Month-to-date spending above the same-period index' },
  quarter: { zh: '本季度支出超同期指标', en: 'Quarter-to-date spending above the same-period index' },
} as const;

export const texts: DetectorTexts = {
  title: { zh: '支出超同期指标', en: 'Spending above the same-period index' },
  explanation: {
    zh: '该机构本月(或本季度)截至当日的医保基金支出,超过为其下达的同期指标,或超过去年同期相同日期的支出(加允许的增长)。冲销已抵减,同一笔结算只计一次;期初不足 10% 的天数不作判断,去年同期尚未开展业务的机构不与去年比较。',
    en: 'The institution’s fund spending this month (or quarter) up to the day exceeds the index set for it, or what it spent on the same days of last year with the growth allowed. Reversals are netted and each settlement counts once; nothing is said in the first tenth of a period, nor against a year before which the institution did not yet exist.',
  },
  measures: [
    { zh: '通报超指标情况,要求说明增长原因', en: 'Notify the institution and have it explain the growth' },
    {
      zh: '约谈机构负责人,重点审核增长较快的病种与项目',
      en: 'Summon its management and review the diagnoses and items that grew fastest',
    },
  ],
  basis: {
    zh: '医保定点机构费用同期指标管理:支出与同期指标之比超过 100% 的列入预警',
    en: 'Same-period index management of designated institutions: a ratio of spending to index above 100 % is a warning',
  },
  runbook: {
    zh: '先核对指标与月度权重是否为最新、去年同期数据是否完整(刚接入的机构可能缺数);再看是否因新增科室、床位、季节性疾病或集中结算造成;有正当理由的留存说明,其余按措施处理。',
    en: 'See first whether index and monthly weights are the latest and last year’s data complete (an institution connected lately may lack some), then whether new wards, beds, a seasonal disease or a batch of bills explain it; keep the explanation on file, else take the measures.',
  },
};
