// A bulletin's rows as texts by column: the same in the page, the table and the sheet.
import type { BulletinRow } from './figures.ts';
import { COLUMNS, money, percent } from './words.ts';

export function cellsOf(row: BulletinRow): string[] {
  const text: Record<string, string> = {
    tier: row.tier === 0 ? '–' : `${row.tier}%`,
    code: row.code,
    name: row.name,
    budget: money(row.budget),
    spend: money(row.spend),
    scheduled: money(row.scheduled),
    ratio: percent(row.ratioAhead),
    points: percent(row.pointsAhead),
    trend: row.trend.map(({ quarter, ratioAhead }) => `${quarter} ${percent(ratioAhead)}`).join('; '),
    excuse:
      row.excuse === null
        ? ''
        : `${row.excuse.reason} (${row.excuse.approvedBy}${row.excuse.validUntil === null ? '' : `, 至 until ${row.excuse.validUntil}`})`,
    prescribed: row.prescribed === null ? '' : `${row.prescribed.zh} / ${row.prescribed.en}`,
  };
  return COLUMNS.map(({ key }) => text[key] as string);
}
