// District × level and grid: one row a district, with how many wait there at each level, and one cell a grid with how grave it is there.
import { useMemo } from 'preact/hooks';
import { type Choice, districtOf, stateOf } from '../board.ts';
import { count } from '../format.ts';
import type { Alert, Kpis } from '../wire.ts';
import { AsOf, LevelShape } from './badge.tsx';
import { useAround, useEmpty } from './context.ts';

/** Two lines of cells a district: every district is in view, however many grids it has. */
const CELLS = 16;

interface Cell {
  path: string;
  name: string;
  open: number;
  worst: number | null;
}

interface Row {
  district: string;
  open: number;
  /** Unacknowledged alerts by level, first to fourth. */
  levels: [number, number, number, number];
  /** The gravest first, then those with most. */
  cells: Cell[];
}

interface Props {
  alerts: ReadonlyMap<string, Alert>;
  version: number;
  known: Kpis['grids'];
  choice: Choice;
  onChoose: (part: Partial<Pick<Choice, 'district' | 'grid' | 'level'>>) => void;
}

export function Matrix({ alerts, version, known, choice, onChoose }: Props) {
  const { texts } = useAround();
  const empty = useEmpty(texts.nothingYet);
  const rows = useMemo(() => rowsOf(alerts, known), [alerts, version, known]);
  return (
    <section class="panel matrix" aria-label={texts.matrix}>
      <h2>
        {texts.matrix} <AsOf />
      </h2>
      <div class="rows">
        {rows.length === 0 && <p class="empty">{empty}</p>}
        {rows.map((row) => (
          <div class="row" key={row.district}>
            <District row={row} choice={choice} onChoose={onChoose} />
            <div class="cells">
              {row.cells.slice(0, shownOf(row)).map((cell) => (
                <button
                  type="button"
                  key={cell.path}
                  class={`cell ${cell.worst === null ? 'quiet' : `level-${cell.worst}`} ${choice.grid === cell.path ? 'chosen' : ''}`}
                  aria-pressed={choice.grid === cell.path}
                  aria-label={`${cell.name}: ${cell.open}${cell.worst === null ? '' : `, ${texts.levels[cell.worst - 1]}`}`}
                  title={`${cell.name} · ${cell.open}${cell.worst === null ? '' : ` · ${texts.levels[cell.worst - 1]}`}`}
                  onClick={() =>
                    onChoose(
                      choice.grid === cell.path
                        ? { district: null, grid: null }
                        : { district: row.district, grid: cell.path },
                    )
                  }
                >
                  <span class="cell-count">{cell.open === 0 ? '·' : cell.open}</span>
                  {cell.worst !== null && <LevelShape level={cell.worst} />}
                </button>
              ))}
              {row.cells.length > shownOf(row) && (
                <button
                  type="button"
                  class="cell quiet"
                  title={texts.moreGrids(row.cells.length - shownOf(row))}
                  aria-label={texts.moreGrids(row.cells.length - shownOf(row))}
                  onClick={() => onChoose({ district: row.district, grid: null })}
                >
                  +{row.cells.length - shownOf(row)}
                </button>
              )}
            </div>
          </div>
        ))}
      </div>
    </section>
  );
}

interface DistrictProps extends Pick<Props, 'choice' | 'onChoose'> {
  row: Row;
}

function District({ row: { district, open, levels }, choice, onChoose }: DistrictProps) {
  const { texts } = useAround();
  const whole = choice.district === district && choice.grid === null;
  return (
    <div class={`district ${whole ? 'chosen' : ''}`}>
      <button
        type="button"
        class="district-name"
        aria-pressed={whole}
        aria-label={`${district}: ${open}`}
        onClick={() => onChoose({ district: choice.district === district ? null : district, grid: null })}
      >
        <span>{district}</span>
        <b>{count(open)}</b>
      </button>
      <div class="district-levels">
        {levels.map((waiting, i) => {
          const chosen = whole && choice.level === i + 1;
          return (
            <button
              type="button"
              key={i}
              class={`level-${i + 1} ${waiting === 0 ? 'zero' : ''} ${chosen ? 'chosen' : ''}`}
              aria-pressed={chosen}
              aria-label={`${district}, ${texts.levels[i]}: ${waiting}`}
              onClick={() =>
                onChoose(chosen ? { district: null, level: null } : { district, grid: null, level: i + 1 })
              }
            >
              <LevelShape level={i + 1} />
              {count(waiting)}
            </button>
          );
        })}
      </div>
    </div>
  );
}

export function rowsOf(alerts: ReadonlyMap<string, Alert>, known: Kpis['grids']): Row[] {
  const cells = new Map<string, Cell & { district: string }>();
  const cellOf = (grid: readonly string[]) => {
    const path = grid.join('/');
    let cell = cells.get(path);
    if (cell === undefined) {
      cell = { path, district: districtOf(grid) ?? '', name: grid.slice(2).join(' ') || path, open: 0, worst: null };
      cells.set(path, cell);
    }
    return cell;
  };
  for (const { grid } of known) if (grid.length > 0) cellOf(grid);
  for (const alert of alerts.values()) {
    if (alert.grid.length === 0 || stateOf(alert) !== 'open') continue;
    const cell = cellOf(alert.grid);
    cell.open++;
    cell.worst = Math.min(cell.worst ?? alert.level, alert.level);
  }
  const rows = new Map<string, Row>();
  const rowOf = (district: string) => {
    const row: Row = rows.get(district) ?? { district, open: 0, levels: [0, 0, 0, 0], cells: [] };
    rows.set(district, row);
    return row;
  };
  for (const cell of [...cells.values()].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const row = rowOf(cell.district);
    row.open += cell.open;
    row.cells.push(cell);
  }
  for (const alert of alerts.values()) {
    if (alert.grid.length === 0 || stateOf(alert) !== 'open') continue;
    const { levels } = rowOf(districtOf(alert.grid) ?? '');
    levels[alert.level - 1] = (levels[alert.level - 1] ?? 0) + 1;
  }
  for (const { cells: of } of rows.values()) of.sort(byGravity);
  return [...rows.values()];
}

function byGravity(a: Cell, b: Cell): number {
  return (a.worst ?? 5) - (b.worst ?? 5) || b.open - a.open;
}

function shownOf({ cells }: Row): number {
  return cells.length > CELLS ? CELLS - 1 : CELLS;
}
