// One letter per institution ahead of schedule, from a template that the bureau may edit.
import type { BulletinRow, Figures } from './figures.ts';
import { money, percent, points } from './words.ts';

export interface Letter {
  /** File name without its ending. */
  name: string;
  text: string;
}

/** By tier: a reminder (提醒函) at 10 %, a summons (约谈通知) at 20 %. */
export type Templates = Record<10 | 20, string>;

/** What a template may name, as `{{name}}`. */
export const PLACEHOLDERS = [
  'year',
  'quarter',
  'institution',
  'code',
  'asOf',
  'budget',
  'spend',
  'scheduled',
  'ratioAhead',
  'pointsAhead',
  'measuresZh',
  'measuresEn',
  'issuedOn',
] as const;

/** @throws Error naming a placeholder that is not known, and those that are */
export function lettersOf(figures: Figures, templates: Templates, issuedOn: string): Letter[] {
  return figures.rows.flatMap((row) =>
    row.tier === 0
      ? []
      : [{ name: `${row.tier}-${row.code}`, text: filled(templates[row.tier], valuesOf(figures, row, issuedOn)) }],
  );
}

function filled(template: string, values: Record<(typeof PLACEHOLDERS)[number], string>): string {
  return template.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => {
    const value = (values as Record<string, string>)[name];
    if (value === undefined)
      throw new Error(`the template names {{${name}}}, expected one of ${PLACEHOLDERS.join(', ')}`);
    return value;
  });
}

function valuesOf({ year, quarter, asOf }: Figures, row: BulletinRow, issuedOn: string) {
  return {
    year: String(year),
    quarter: String(quarter),
    institution: row.name,
    code: row.code,
    asOf,
    budget: money(row.budget),
    spend: money(row.spend),
    scheduled: money(row.scheduled),
    ratioAhead: unsigned(percent(row.ratioAhead)),
    pointsAhead: unsigned(points(row.pointsAhead)),
    measuresZh: row.prescribed?.zh ?? '',
    measuresEn: row.prescribed?.en ?? '',
    issuedOn,
  };
}

/** A letter says in words that it is ahead. */
function unsigned(text: string): string {
  return text.replace(/^\+/, '');
}
