// Numbers and words of the bulletin, as people read them.
import type { Bilingual } from '@yunjian/contracts';

/** fen as yuan with thousands separators. */
export function money(fen: number): string {
  const [whole = '', cents = ''] = (Math.abs(fen) / 100).toFixed(2).split('.');
  return `${fen < 0 ? '-' : ''}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${cents}`;
}

/** For what there is no figure. */
export const NONE = '–';

/** A fraction as a percentage with its sign. */
export function percent(fraction: number | null): string {
  return fraction === null ? NONE : `${points(fraction)}%`;
}

/** A fraction in percentage points with its sign. */
export function points(fraction: number | null): string {
  return fraction === null ? NONE : `${fraction > 0 ? '+' : ''}${(fraction * 100).toFixed(2)}`;
}

export const COLUMNS: readonly { key: string; title: Bilingual }[] = [
  { key: 'tier', title: { zh: '档位', en: 'Tier' } },
  { key: 'code', title: { zh: '机构编码', en: 'Code' } },
  { key: 'name', title: { zh: '机构名称', en: 'Institution' } },
  { key: 'budget', title: { zh: '季度预算(元)', en: 'Budget (yuan)' } },
  { key: 'spend', title: { zh: '已支出(元)', en: 'Spent (yuan)' } },
  { key: 'scheduled', title: { zh: '序时应支出(元)', en: 'Scheduled (yuan)' } },
  { key: 'ratio', title: { zh: '超序时比例', en: 'Ahead (ratio)' } },
  { key: 'points', title: { zh: '超序时百分点', en: 'Ahead (percentage points)' } },
  { key: 'trend', title: { zh: '前几季度', en: 'Quarters before' } },
  { key: 'excuse', title: { zh: '正当理由', en: 'Justification' } },
  { key: 'prescribed', title: { zh: '规定措施', en: 'Prescribed measures' } },
];
