// Facts of an alert as a table; detectors add facts freely, so any shape is shown.
import { age, fullInstant, money } from '../format.ts';
import { inLanguage, type Language, TEXTS } from '../i18n.ts';
import { detectorName, factLabel, factValue } from '../names.ts';
import type { Bilingual } from '../wire.ts';
import { useAround } from './context.ts';

/** Facts shown elsewhere in the detail. */
const ELSEWHERE = new Set(['measures']);
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const INSTITUTION = /^[HP]\d{11}$/;
const SHARES = /ratio|points|share|similarity|weights/;
const SECONDS = /_seconds$|_s$/;
const MONEY = new Set([
  'spend',
  'scheduled',
  'budget',
  'fund',
  'total',
  'amount',
  'limit',
  'quarter',
  'to_date',
  'pace_per_day',
  'quarter_end_spend',
  'settled_amount',
  'lines_amount',
]);

interface Speech {
  language: Language;
  names: Record<string, string>;
}

export function Facts({ facts }: { facts: Record<string, unknown> }) {
  const { language, names } = useAround();
  const entries = Object.entries(facts).filter(([key, value]) => !ELSEWHERE.has(key) && !isNothing(value));
  const plain = entries.filter(([, value]) => !isTable(value));
  const tables = entries.filter(([, value]) => isTable(value)) as [string, Record<string, unknown>[]][];
  return (
    <>
      {plain.length > 0 && (
        <dl class="facts">
          {plain.map(([key, value]) => (
            <div key={key}>
              <dt>{factLabel(key, language)}</dt>
              <dd>{shown(key, value, { language, names })}</dd>
            </div>
          ))}
        </dl>
      )}
      {tables.map(([key, rows]) => (
        <FactTable key={key} name={key} rows={rows} />
      ))}
    </>
  );
}

function FactTable({ name, rows }: { name: string; rows: Record<string, unknown>[] }) {
  const { language, names } = useAround();
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((column) =>
    rows.some((row) => !isNothing(row[column])),
  );
  return (
    <div class="fact-table">
      <h4>{factLabel(name, language)}</h4>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {factLabel(column, language)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {columns.map((column) => (
                <td key={column} data-label={factLabel(column, language)}>
                  {shown(column, row[column], { language, names })}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}

function isTable(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((row) => isObject(row) && !isBilingual(row));
}

export function isBilingual(value: unknown): value is Bilingual {
  return isObject(value) && typeof value.zh === 'string' && typeof value.en === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(key: string, value: unknown, speech: Speech): string {
  const { language, names } = speech;
  const texts = TEXTS[language];
  if (isNothing(value)) return '—';
  if (typeof value === 'boolean') return value ? texts.yes : texts.no;
  if (typeof value === 'number' && SECONDS.test(key)) return age(value * 1000, texts);
  if (typeof value === 'number' && SHARES.test(key)) return `${(value * 100).toFixed(1)}%`;
  if (MONEY.has(key) && isAmount(value)) return money(String(value));
  if (typeof value === 'string') {
    if (INSTANT.test(value)) return fullInstant(value);
    if (INSTITUTION.test(value)) return names[value] === undefined ? value : `${names[value]} (${value})`;
    if (key === 'med_type') return texts.life.visits[value] ?? value;
    if (key === 'under') return detectorName(value.split(':')[0] as string, language);
    return factValue(value, language);
  }
  if (isBilingual(value)) return inLanguage(value, language);
  if (Array.isArray(value)) return value.map((item) => shown(key, item, speech)).join(texts.life.comma);
  if (isObject(value))
    return Object.entries(value)
      .filter(([, item]) => !isNothing(item))
      .map(([name, item]) => `${factLabel(name, language)} ${shown(name, item, speech)}`)
      .join(' · ');
  return String(value);
}

function isAmount(value: unknown): boolean {
  return (typeof value === 'string' || typeof value === 'number') && value !== '' && Number.isFinite(Number(value));
}
