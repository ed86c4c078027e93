// Left column: what waits by level, counts and amounts of the periods, the rate over 24 hours.
import { count, percent, shortMoney } from '../format.ts';
import type { Kpis, Period } from '../wire.ts';
import { AsOf, LevelShape } from './badge.tsx';
import { useAround } from './context.ts';

const LEVELS = [1, 2, 3, 4] as const;

interface LevelsProps {
  /** Unacknowledged alerts by level, first to fourth. */
  open: readonly number[];
  chosen: number | null;
  onChoose: (level: number | null) => void;
}

export function Levels({ open, chosen, onChoose }: LevelsProps) {
  const { texts, known } = useAround();
  return (
    <section class="panel levels" aria-label={texts.unacknowledged}>
      <h2>
        {texts.unacknowledged} <AsOf />
      </h2>
      <div class="tiles">
        {LEVELS.map((level) => (
          <button
            type="button"
            key={level}
            class={`tile level-${level} ${chosen === level ? 'chosen' : ''} ${open[level - 1] ? '' : 'zero'}`}
            aria-pressed={chosen === level}
            onClick={() => onChoose(chosen === level ? null : level)}
          >
            <span class="tile-name">
              <LevelShape level={level} />
              {texts.levels[level - 1]}
              <small>{texts.levelColours[level - 1]}</small>
            </span>
            <span class="tile-count">{known ? count(open[level - 1] ?? 0) : '—'}</span>
          </button>
        ))}
      </div>
    </section>
  );
}

/** Their amount is all that an institution spends in a month or quarter: added to settlements it would drown them, and count itself twice. */
const OF_BUDGETS = new Set(['quarterly-spend', 'same-period-index']);

/** Yuan that alerts other than those about budgets are about. */
export function amountOf(period: Period): string {
  const fen = (yuan: string) => Math.round(Number(yuan) * 100);
  const budgets = period.by_detector.filter(({ detector }) => OF_BUDGETS.has(detector));
  return ((fen(period.amount) - budgets.reduce((sum, { amount }) => sum + fen(amount), 0)) / 100).toFixed(2);
}

export function Periods({ kpis }: { kpis: Kpis | null }) {
  const { texts, language } = useAround();
  const rows: [string, Period | undefined][] = [
    [texts.today, kpis?.today],
    [texts.yesterday, kpis?.yesterday],
    [texts.month, kpis?.month],
  ];
  return (
    <section class="panel periods" aria-label={texts.figures}>
      <h2>
        {texts.figures} <small>{texts.withoutBudgets}</small> <AsOf sums />
      </h2>
      <table>
        <thead>
          <tr>
            <th />
            <th scope="col">{texts.alerts}</th>
            <th scope="col">{texts.amount}</th>
            <th scope="col">{texts.handledRate}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, period], i) => (
            <tr key={name} class={i === 0 ? 'lead' : ''}>
              <th scope="row">{name}</th>
              <td data-figure={i === 0 ? 'today' : undefined}>{period === undefined ? '—' : count(period.count)}</td>
              <td>{period === undefined ? '—' : shortMoney(amountOf(period), language)}</td>
              <td>{period?.handled_rate == null ? '—' : percent(period.handled_rate)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const WIDTH = 480;
const HEIGHT = 124;
const BASE = 104;

export function Rate({ hours }: { hours: Kpis['rate_24h'] }) {
  const { texts } = useAround();
  const most = Math.max(4, ...hours.map((h) => h.count));
  const step = WIDTH / 24;
  const scale = (n: number) => (n / most) * (BASE - 18);
  return (
    <section class="panel rate" aria-label={texts.rate24h}>
      <h2>
        {texts.rate24h} <small>{texts.perHour}</small> <AsOf sums />
      </h2>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${texts.rate24h}: ${hours.map((h) => h.count).join(', ')}`}
      >
        {[0.5, 1].map((share) => (
          <g key={share}>
            <line class="guide" x1={0} x2={WIDTH} y1={BASE - scale(most * share)} y2={BASE - scale(most * share)} />
            <text class="scale" x={0} y={BASE - scale(most * share) - 3}>
              {Math.round(most * share)}
            </text>
          </g>
        ))}
        <line class="axis" x1={0} x2={WIDTH} y1={BASE} y2={BASE} />
        {hours.map((hour, i) => {
          let top = BASE;
          return (
            <g key={hour.hour}>
              <title>{`${hour.hour.slice(11, 16)} ${hour.count}`}</title>
              {[4, 3, 2, 1].map((level) => {
                const height = scale(hour.by_level[level - 1] ?? 0);
                top -= height;
                return height === 0 ? null : (
                  <rect
                    key={level}
                    class={`bar level-${level}`}
                    x={i * step + 3}
                    y={top}
                    width={step - 6}
                    height={height}
                    rx={1.5}
                  />
                );
              })}
              {i % 4 === 3 && (
                <text class="hour" x={i * step + step / 2} y={HEIGHT - 3}>
                  {hour.hour.slice(11, 13)}
                </text>
              )}
            </g>
          );
        })}
      </svg>
    </section>
  );
}
