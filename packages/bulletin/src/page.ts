// The bulletin as a web page to print.
import { cellsOf } from './cells.ts';
import { type BulletinRow, spendsWithoutBudget } from './figures.ts';
import type { Issue } from './issue.ts';
import { COLUMNS } from './words.ts';

const STYLE = `
body { font: 12pt/1.5 "Songti SC", "Noto Serif CJK SC", SimSun, serif; margin: 2cm; color: #111; }
h1 { font-size: 20pt; margin: 0; } h2 { font-size: 14pt; margin: 1.2em 0 .4em; } p { margin: .3em 0; }
.en { color: #555; font-family: system-ui, sans-serif; font-size: .85em; }
table { border-collapse: collapse; width: 100%; font-size: 9pt; } th, td { border: 1px solid #777; padding: 3px 5px; vertical-align: top; }
th { background: #eee; } td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.revision { border: 1px solid #a00; padding: .5em .8em; margin: 1em 0; }
@media print { body { margin: 0; } tr { break-inside: avoid; } @page { size: A4 landscape; margin: 1.5cm; } }
`;

const NUMBERS = new Set(['budget', 'spend', 'scheduled', 'ratio', 'points']);

export function pageOf({ figures, revision, issuedAt, changes }: Issue): string {
  const { year, quarter, asOf, complete, rows } = figures;
  const ahead = rows.filter(({ tier }) => tier > 0);
  const excused = rows.filter(({ excuse }) => excuse !== null);
  const others = rows.filter((row) => row.tier === 0 && row.excuse === null);
  const unbudgeted = others.filter(spendsWithoutBudget);
  const rest = others.filter((row) => !spendsWithoutBudget(row));
  const byPoints = rows.some(({ measure }) => measure === 'points');
  const title = `${year} 年第 ${quarter} 季度医保基金支出序时进度通报`;
  return [
    '<!doctype html>',
    `<html lang="zh-CN"><head><meta charset="utf-8"><title>${escaped(title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escaped(title)}</h1>`,
    `<p class="en">Fund spending against schedule, quarter ${quarter} of ${year}</p>`,
    `<p>数据截至 ${asOf}${complete ? '(季度已结束)' : '(季度进行中)'};第 ${revision} 版,${escaped(issuedAt)} 出具。<span class="en">As of ${asOf}, ${complete ? 'quarter complete' : 'quarter under way'}; revision ${revision}.</span></p>`,
    ...(changes.length === 0
      ? []
      : [
          `<div class="revision"><strong>本版更正 Changes of this revision</strong><ul>${changes.map((change) => `<li>${escaped(change)}</li>`).join('')}</ul></div>`,
        ]),
    ...(byPoints
      ? [
          '<p>按百分点判断的机构,档位指超出季度预算的百分点。<span class="en">Where percentage points of the budget are the measure, tiers are in points.</span></p>',
        ]
      : []),
    ...(rows.some(({ early }) => early)
      ? [
          '<p>季度已过天数不足,尚不判断档位。<span class="en">Too few days of the quarter have elapsed to assign tiers.</span></p>',
        ]
      : []),
    section(
      '超序时进度 20% 以上',
      'More than 20 % ahead',
      ahead.filter(({ tier }) => tier === 20),
    ),
    section(
      '超序时进度 10% 至 20%',
      'More than 10 %, up to 20 % ahead',
      ahead.filter(({ tier }) => tier === 10),
    ),
    ...(unbudgeted.length === 0 ? [] : [section('无预算支出', 'Spending without a budget', unbudgeted)]),
    section('有正当理由', 'Justified', excused),
    section('其余机构', 'The others', rest),
    '</body></html>',
    '',
  ].join('\n');
}

function section(zh: string, en: string, rows: readonly BulletinRow[]): string {
  const heading = `<h2>${zh} <span class="en">${en}: ${rows.length}</span></h2>`;
  if (rows.length === 0) return `${heading}<p>无 <span class="en">none</span></p>`;
  const head = COLUMNS.map(({ title }) => `<th>${title.zh}<br><span class="en">${title.en}</span></th>`).join('');
  const body = rows.map((row) => `<tr>${cellsOf(row).map(cell).join('')}</tr>`).join('\n');
  return `${heading}<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

function cell(text: string, i: number): string {
  const numeric = NUMBERS.has((COLUMNS[i] as (typeof COLUMNS)[number]).key);
  return `<td${numeric ? ' class="n"' : ''}>${escaped(text)}</td>`;
}

export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] as string);
}
