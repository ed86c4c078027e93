// A bulletin's rows as texts by column: the same in the page, the table and the sheet.
import { type BulletinRow, spendsWithoutBudget } from './figures.ts';
import { COLUMNS, money, NONE, percent, points } from './words.ts';

export function cellsOf(row: BulletinRow): string[] {
  const text: Record<string, string> = {
    tier: row.tier === 0 ? NONE : `${row.tier}%`,
    code: row.code,
    name: row.name,
    budget: money(row.budget),
    spend: money(row.spend),
    scheduled: money(row.scheduled),
    ratio: spendsWithoutBudget(row) ? '无预算支出 no budget' : percent(row.ratioAhead),
    points: points(row.pointsAhead),
    trend: trendOf(row),
    excuse: excuseOf(row),
    prescribed: row.prescribed === null ? '' : `${row.prescribed.zh} / ${row.prescribed.en}`,
  };
  return COLUMNS.map(({ key }) => text[key] as string);
}

export function trendOf({ trend }: BulletinRow): string {
  return trend.map(({ quarter, ratioAhead }) => `${quarter} ${percent(ratioAhead)}`).join('; ');
}

export function excuseOf({ excuse }: BulletinRow): string {
  if (excuse === null) return '';
  const until = excuse.validUntil === null ? '' : `, 至 until ${excuse.validUntil}`;
  return `${excuse.reason} (${excuse.approvedBy}${until})`;
}
