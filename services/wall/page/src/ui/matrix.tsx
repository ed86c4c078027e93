// District × grid: one row a district, one cell a grid, with what is open there and how grave it is.
import { useMemo } from 'preact/hooks';
import { type Choice, districtOf, stateOf } from '../board.ts';
import { count } from '../format.ts';
import type { Alert, Kpis } from '../wire.ts';
import { AsOf, LevelShape } from './badge.tsx';
import { useAround } from './context.ts';

interface Cell {
  path: string;
  name: string;
  open: number;
  worst: number | null;
}

interface Row {
  district: string;
  open: number;
  cells: Cell[];
}

interface Props {
  alerts: ReadonlyMap<string, Alert>;
  version: number;
  known: Kpis['grids'];
  choice: Choice;
  onChoose: (place: { district: string | null; grid: string | null }) => void;
}

export function Matrix({ alerts, version, known, choice, onChoose }: Props) {
  const { texts } = useAround();
  const rows = useMemo(() => rowsOf(alerts, known), [alerts, version, known]);
  return (
    <section class="panel matrix">
      <h2>
        {texts.matrix} <AsOf />
      </h2>
      <div class="rows">
        {rows.map((row) => (
          <div class="row" key={row.district}>
            <button
              type="button"
              class={`district ${choice.district === row.district && choice.grid === null ? 'chosen' : ''}`}
              aria-pressed={choice.district === row.district && choice.grid === null}
              onClick={() => onChoose({ district: choice.district === row.district ? null : row.district, grid: null })}
            >
              <span>{row.district}</span>
              <b>{count(row.open)}</b>
            </button>
            <div class="cells">
              {row.cells.map((cell) => (
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
            </div>
          </div>
        ))}
      </div>
    </section>
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
  for (const cell of [...cells.values()].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const row = rows.get(cell.district) ?? { district: cell.district, open: 0, cells: [] };
    row.open += cell.open;
    row.cells.push(cell);
    rows.set(cell.district, row);
  }
  return [...rows.values()];
}
