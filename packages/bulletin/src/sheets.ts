// The bulletin as a table for other programs: CSV, and XLSX with numbers as numbers.
import writeXlsxFile from 'write-excel-file/node';
import { cellsOf } from './cells.ts';
import type { BulletinRow, Figures } from './figures.ts';
import { COLUMNS } from './words.ts';

/** With a byte-order mark, without which spreadsheets misread Chinese. */
export function csvOf({ rows }: Figures): string {
  const lines = [COLUMNS.map(({ title }) => `${title.zh} ${title.en}`), ...rows.map(cellsOf)];
  return `\uFEFF${lines.map((line) => line.map(quoted).join(',')).join('\r\n')}\r\n`;
}

/** A text that a spreadsheet would take for a formula is held down by an apostrophe. */
function quoted(text: string): string {
  const harmless = /^[=+\-@\t\r](?![\d.,%]+$)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Null: there is none, and its cell says so. */
const NUMBERS: Record<string, { value: (row: BulletinRow) => number | null; format: string }> = {
  budget: { value: ({ budget }) => budget / 100, format: '#,##0.00' },
  spend: { value: ({ spend }) => spend / 100, format: '#,##0.00' },
  scheduled: { value: ({ scheduled }) => scheduled / 100, format: '#,##0.00' },
  ratio: { value: ({ ratioAhead }) => ratioAhead, format: '0.00%' },
  points: { value: ({ pointsAhead }) => (pointsAhead === null ? null : pointsAhead * 100), format: '0.00' },
};

export async function xlsxOf({ year, quarter, rows }: Figures): Promise<Buffer> {
  const head = COLUMNS.map(({ title }) => ({ value: `${title.zh} ${title.en}`, fontWeight: 'bold' as const }));
  const body = rows.map((row) => {
    const texts = cellsOf(row);
    return COLUMNS.map(({ key }, i) => {
      const number = NUMBERS[key];
      const value = number?.value(row) ?? null;
      return number === undefined || value === null
        ? { type: String, value: texts[i] as string }
        : { type: Number, value, format: number.format };
    });
  });
  return writeXlsxFile([head, ...body], { sheet: `${year}Q${quarter}` }).toBuffer();
}
