// The evaluation as a picture: precision and recall of each detector beside those of the naive rule.
import type { Evaluation, Share } from './tally.ts';

const [LEFT, TOP, ROW, BAR, WIDTH] = [230, 64, 34, 11, 300] as const;
const GAP = 40;
const RIGHT = 20;
const COLOURS = { ours: '#1f6feb', naive: '#c9a227' };

/** An SVG document. @param of which lives, for the caption */
export function evaluationChart({ detectors, naive }: Evaluation, of: string): string {
  const rows = Object.entries(detectors);
  const height = TOP + rows.length * ROW + 16;
  const width = LEFT + 2 * WIDTH + GAP + RIGHT;
  const columns = [
    { title: 'precision', x: LEFT, value: (share: Share | undefined) => share?.precision ?? null },
    { title: 'recall', x: LEFT + WIDTH + GAP, value: (share: Share | undefined) => share?.recall ?? null },
  ];
  const drawn = rows.flatMap(([id, score], i) => {
    const y = TOP + i * ROW;
    return [
      text(LEFT - 12, y + BAR + 4, id, 'end', 13),
      ...columns.flatMap(({ x, value }) => [
        ...bar(x, y, value(score), COLOURS.ours),
        ...bar(x, y + BAR + 2, value(naive[id]), COLOURS.naive),
      ]),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>Precision and recall of each detector beside those of the naive rule: ${of}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(LEFT - 12, 22, of, 'end', 12),
    legend(LEFT, 12, COLOURS.ours, 'Yunjian'),
    legend(LEFT + 100, 12, COLOURS.naive, 'naive rule'),
    ...columns.map(({ title, x }) => text(x, TOP - 14, title, 'start', 13)),
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

/** Nothing to claim, or nothing claimed, has no bar but a dash. */
function bar(x: number, y: number, share: number | null, colour: string): string[] {
  if (share === null) return [text(x, y + BAR - 1, '–', 'start', 11)];
  const width = Math.round(share * (WIDTH - 50));
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${BAR}" fill="${colour}"/>`,
    text(x + width + 5, y + BAR - 1, share.toFixed(3), 'start', 11),
  ];
}

function legend(x: number, y: number, colour: string, label: string): string {
  return `<rect x="${x}" y="${y}" width="12" height="12" fill="${colour}"/>${text(x + 17, y + 10, label, 'start', 12)}`;
}

function text(x: number, y: number, content: string, anchor: 'start' | 'end', size: number): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}" fill="#24292f">${content}</text>`;
}
