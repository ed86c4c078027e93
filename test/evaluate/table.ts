// The evaluation as a table for a terminal.
import type { Evaluation } from './tally.ts';

const HEAD = [
  'detector',
  'truth',
  'alerts',
  'precision',
  'recall',
  'delay p50',
  'delay p99',
  'per hour',
  'naive alerts',
  'precision',
  'recall',
];

export function evaluationTable({ detectors, naive, mistakes }: Evaluation): string {
  const share = (value: number | null) => (value === null ? '–' : value.toFixed(4));
  const seconds = (value: number | null) => (value === null ? '–' : `${Math.round(value)} s`);
  const rows = Object.entries(detectors).map(([id, s]) => [
    id,
    String(s.truth),
    String(s.alerts),
    share(s.precision),
    share(s.recall),
    seconds(s.delay_p50_s),
    seconds(s.delay_p99_s),
    s.alerts_per_operator_hour.toFixed(1),
    String(naive[id]?.alerts ?? '–'),
    share(naive[id]?.precision ?? null),
    share(naive[id]?.recall ?? null),
  ]);
  const widths = HEAD.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] as string).length)));
  const line = (cells: string[]) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number)))
      .join('  ');
  const shown = mistakes.slice(0, 20).map(({ detector, subject, kind }) => `  ${kind}: ${detector} ${subject}`);
  const more = mistakes.length > shown.length ? [`  … ${mistakes.length - shown.length} more`] : [];
  return [line(HEAD), ...rows.map(line), ...(mistakes.length === 0 ? [] : ['', 'Mistakes:', ...shown, ...more])].join(
    '\n',
  );
}
