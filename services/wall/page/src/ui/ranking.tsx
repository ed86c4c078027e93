// Today's alerts by rule and by institution, most first; a row chosen filters the list.
import type { Choice } from '../board.ts';
import { count } from '../format.ts';
import { detectorName } from '../names.ts';
import type { Period, Slice } from '../wire.ts';
import { AsOf } from './badge.tsx';
import { useAround, useEmpty } from './context.ts';

const ROWS = { detector: 5, institution: 4 };

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
  const rules = (today?.by_detector ?? []).map((row) => ({
    ...row,
    key: row.detector,
    label: detectorName(row.detector, language),
  }));
  const institutions = (today?.by_institution ?? []).map((row) => ({
    ...row,
    key: row.fixmedins_code,
    label: names[row.fixmedins_code] ?? row.fixmedins_code,
  }));
  return (
    <section class="panel rules" aria-label={texts.byDetector}>
      <h2>
        {texts.byDetector} <AsOf sums />
      </h2>
      <Rows
        known={today !== null}
        rows={rules.slice(0, ROWS.detector)}
        chosen={choice.detector}
        onChoose={(detector) => onChoose({ detector })}
      />
      <h2>{texts.byInstitution}</h2>
      <Rows
        known={today !== null}
        rows={institutions.slice(0, ROWS.institution)}
        chosen={choice.institution}
        onChoose={(institution) => onChoose({ institution })}
      />
    </section>
  );
}

interface RowsProps {
  known: boolean;
  rows: readonly Row[];
  chosen: string | null;
  onChoose: (key: string | null) => void;
}

function Rows({ known, rows, chosen, onChoose }: RowsProps) {
  const { texts } = useAround();
  const empty = useEmpty(texts.noneToday, true);
  const most = Math.max(1, ...rows.map((row) => row.count));
  if (rows.length === 0) return <p class="empty">{known ? empty : texts.loading}</p>;
  return (
    <ul>
      {rows.map((row) => (
        <li key={row.key}>
          <button
            type="button"
            class={chosen === row.key ? 'chosen' : ''}
            aria-pressed={chosen === row.key}
            aria-label={texts.ranked(row.label, row.count, row.open)}
            onClick={() => onChoose(chosen === row.key ? null : row.key)}
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
  );
}
