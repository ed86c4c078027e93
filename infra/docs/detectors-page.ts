// The detectors page, from their definitions.
import type { DetectorDefinition } from '@yunjian/detection';
import { detectors, ledgerRules } from '@yunjian/detectors';
import { z } from 'zod';

const COLOURS = { 1: '一级 red', 2: '二级 orange', 3: '三级 yellow', 4: '四级 blue' } as const;

export function detectorsPage(): string {
  const all: DetectorDefinition[] = [...detectors, ...ledgerRules].sort((a, b) => (a.id < b.id ? -1 : 1));
  const index = all.map(
    ({ id, texts, lane, level }) =>
      `| [\`${id}\`](#${id}) | ${texts.title.zh} | ${texts.title.en} | ${lane} | ${COLOURS[level]} |`,
  );
  return [
    '# Detectors',
    '',
    'Generated from the definitions in `packages/detectors`; do not edit.',
    '',
    '| id | 名称 | title | lane | level |',
    '|---|---|---|---|---|',
    ...index,
    '',
    ...all.flatMap(section),
  ].join('\n');
}

function section({ id, texts, params, inputs, claimsAbsence }: DetectorDefinition): string[] {
  const properties = Object.entries(
    (z.toJSONSchema(params, { io: 'input' }).properties ?? {}) as Record<
      string,
      { default?: unknown; description?: string }
    >,
  );
  return [
    `## ${id}`,
    '',
    `**${texts.title.zh}** · ${texts.title.en}`,
    '',
    texts.explanation.zh,
    '',
    texts.explanation.en,
    '',
    ...(inputs.length === 0
      ? []
      : [
          `Reads: ${inputs.map((kind) => `\`${kind}\``).join(', ')}.${claimsAbsence ? ' Claims an absence, so it waits for the clocks of what would have shown it.' : ''}`,
          '',
        ]),
    ...(properties.length === 0
      ? []
      : [
          '| parameter | default | meaning and source |',
          '|---|---|---|',
          ...properties.map(
            ([name, p]) => `| \`${name}\` | \`${JSON.stringify(p.default)}\` | ${p.description ?? ''} |`,
          ),
          '',
        ]),
    `Measures: ${texts.measures.map(({ zh, en }) => `${zh} (${en})`).join('; ')}.`,
    '',
    `Basis: ${texts.basis.zh} (${texts.basis.en}).`,
    '',
    `Runbook: ${texts.runbook.zh}`,
    '',
    texts.runbook.en,
    '',
  ];
}
