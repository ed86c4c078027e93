// Facts of an alert as a table; detectors add facts freely, so any shape is shown.
import { age, fullInstant, money } from '../format.ts';
import { inLanguage, type Language, TEXTS } from '../i18n.ts';
import { factLabel, factValue } from '../names.ts';
import type { Bilingual } from '../wire.ts';
import { useAround } from './context.ts';

/** Facts shown elsewhere in the detail. */
const ELSEWHERE = new Set(['measures']);
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const SHARES = /ratio|points|share|similarity/;
const SECONDS = /_seconds$|_s$/;
const MONEY = new Set(['spend', 'scheduled', 'budget', 'fund', 'total', 'amount']);

export function Facts({ facts }: { facts: Record<string, unknown> }) {
  const { language } = useAround();
  const entries = Object.entries(facts).filter(
    ([key, value]) => !ELSEWHERE.has(key) && value !== null && value !== undefined,
  );
  const plain = entries.filter(([, value]) => !isTable(value));
  const tables = entries.filter(([, value]) => isTable(value)) as [string, Record<string, unknown>[]][];
  return (
    <>
      {plain.length > 0 && (
        <dl class="facts">
          {plain.map(([key, value]) => (
            <div key={key}>
              <dt>{factLabel(key, language)}</dt>
              <dd>{shown(key, value, language)}</dd>
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
  const { language } = useAround();
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
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
                <td key={column}>{shown(column, row[column], language)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
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

function shown(key: string, value: unknown, language: Language): string {
  if (value === null || value === undefined) return '—';
  if (typeof value === 'boolean') return language === 'zh' ? (value ? '是' : '否') : value ? 'yes' : 'no';
  if (typeof value === 'number' && SECONDS.test(key)) return age(value * 1000, TEXTS[language]);
  if (typeof value === 'number' && SHARES.test(key)) return `${(value * 100).toFixed(1)}%`;
  if (MONEY.has(key) && Number.isFinite(Number(value))) return money(String(value));
  if (typeof value === 'string') return INSTANT.test(value) ? fullInstant(value) : factValue(value, language);
  if (isBilingual(value)) return inLanguage(value, language);
  if (Array.isArray(value))
    return value.map((item) => shown(key, item, language)).join(language === 'zh' ? '、' : ', ');
  if (isObject(value))
    return Object.entries(value)
      .map(([name, item]) => `${factLabel(name, language)} ${shown(name, item, language)}`)
      .join(' · ');
  return String(value);
}
