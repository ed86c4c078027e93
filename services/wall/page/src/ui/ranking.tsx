// Today's alerts by rule or by institution, most first; a row chosen filters the list.
import { useState } from 'preact/hooks';
import type { Choice } from '../board.ts';
import { count } from '../format.ts';
import { detectorName } from '../names.ts';
import type { Period, Slice } from '../wire.ts';
import { AsOf } from './badge.tsx';
import { useAround } from './context.ts';

const ROWS = 8;
const BY = ['detector', 'institution'] as const;

interface Props {
  today: Period | null;
  choice: Choice;
  onChoose: (change: Partial<Choice>) => void;
}

interface Row extends Slice {
  key: string;
  label: string;
}

export function Ranking({ today, choice, onChoose }: Props) {
  const { texts, language, names } = useAround();
  const [by, setBy] = useState<(typeof BY)[number]>('detector');
  const rows: Row[] = (
    by === 'detector'
      ? (today?.by_detector ?? []).map((row) => ({
          ...row,
          key: row.detector,
          label: detectorName(row.detector, language),
        }))
      : (today?.by_institution ?? []).map((row) => ({
          ...row,
          key: row.fixmedins_code,
          label: names[row.fixmedins_code] ?? row.fixmedins_code,
        }))
  ).slice(0, ROWS);
  const most = Math.max(1, ...rows.map((row) => row.count));
  const chosen = choice[by];
  return (
    <section class="panel rules">
      <h2>
        {BY.map((each) => (
          <button type="button" key={each} aria-pressed={by === each} onClick={() => setBy(each)}>
            {each === 'detector' ? texts.byDetector : texts.byInstitution}
          </button>
        ))}
        <AsOf sums />
      </h2>
      <ul>
        {rows.map((row) => (
          <li key={row.key}>
            <button
              type="button"
              class={chosen === row.key ? 'chosen' : ''}
              aria-pressed={chosen === row.key}
              onClick={() => onChoose({ [by]: chosen === row.key ? null : row.key })}
            >
              <span class="rule-name" title={row.label}>
                {row.label}
              </span>
              <svg class="meter" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                <rect class="all" width={(row.count / most) * 100} height="8" />
                <rect class="open" width={(row.open / most) * 100} height="8" />
              </svg>
              <span class="rule-count">{count(row.count)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
