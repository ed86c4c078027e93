// A backtest's result for people: a table of today against proposed, and some of the alerts that make the difference.
import type { Compared, Sample } from './outcome.ts';

const COLUMNS = ['detector', 'today', 'proposed', 'gained', 'lost', 'same', 'other level'] as const;

export function backtestTable(detectors: Record<string, Compared>): string {
  const rows = Object.entries(detectors).map(([id, { today, proposed, gained, lost, same, relevelled }]) =>
    [id, side(today), side(proposed), gained, lost, same, relevelled].map(String),
  );
  const widths = COLUMNS.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number)))
      .join('  ');
  const shown = Object.entries(detectors).flatMap(([id, { gained, lost, examples }]) => [
    ...examplesOf(`${id}: gained`, gained, examples.gained),
    ...examplesOf(`${id}: lost`, lost, examples.lost),
  ]);
  return [line(COLUMNS), ...rows.map(line), ...shown, ''].join('\n');
}

function side({ stands, withdrawn }: Compared['today']): string {
  return withdrawn === 0 ? String(stands) : `${stands} (+${withdrawn} withdrawn)`;
}

function examplesOf(head: string, all: number, examples: readonly Sample[]): string[] {
  if (examples.length === 0) return [];
  return [
    '',
    all > examples.length ? `${head} ${all}, the first ${examples.length}` : `${head} ${all}`,
    ...examples.map(
      ({ alert_id, event_time, institution, subject, level, title }) =>
        `  ${alert_id}  ${event_time}  ${institution ?? '-'}  level ${level}  ${subject}  ${title}`,
    ),
  ];
}
