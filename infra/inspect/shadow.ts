// Shadow parameters as the checkpoints hold them: what each detector is tried with, and where it would say something else than it does.
import { yuan } from '@yunjian/contracts';
import {
  type Compared,
  comparisonTable,
  KeyedState,
  OUTCOMES,
  outcomeOf,
  SHADOW_TABLE,
  type ShadowBeginning,
} from '@yunjian/detection';
import { groupOffsets } from '@yunjian/kafka';
import { restoreCheckpoint } from '@yunjian/processor';
import { checkpointPlace, readOnly } from './checkpoint.ts';
import { type Ground, partitionsOf } from './ground.ts';
import type { InspectQuestion } from './options.ts';
import { clock, count, table } from './table.ts';

interface Found {
  /** By partition that compares. */
  begun: (ShadowBeginning & { partition: number })[];
  rows: (Compared & { id: string })[];
}

export async function describeShadows(
  ground: Ground,
  { detector, last }: Extract<InspectQuestion, { what: 'shadow' }>,
): Promise<string> {
  const found = await findShadows(ground);
  const wanted = [...found].filter(([id]) => detector === undefined || id === detector);
  if (wanted.length === 0)
    return `No ${detector ?? 'detector'} has shadow parameters in the last checkpoints: docs/operations.md, "Trying parameters live".`;
  return wanted.map(([id, of]) => describe(id, of, last)).join('\n\n');
}

/** One partition after the other: the state of a city's is large. */
async function findShadows(ground: Ground): Promise<Map<string, Found>> {
  const place = checkpointPlace(ground, 'institution');
  const found = new Map<string, Found>();
  const pointers = await groupOffsets(ground.settings, place.group, place.topic);
  for (const [partition, bounds] of (await partitionsOf(ground, place.topic)).entries()) {
    const state = new KeyedState();
    const log = readOnly(ground, place, partition, pointers[partition] ?? null, bounds);
    await restoreCheckpoint(log, state, `${place.topic}/${partition}`);
    for (const [id, begun] of state.table<ShadowBeginning>(SHADOW_TABLE).entries()) {
      const of = found.get(id) ?? { begun: [], rows: [] };
      found.set(id, of);
      of.begun.push({ ...begun, partition });
      for (const [alert, row] of state.table<Compared>(comparisonTable(id)).entries())
        of.rows.push({ ...row, id: alert });
    }
  }
  return found;
}

function describe(id: string, { begun, rows }: Found, last: number): string {
  const tally = { ...OUTCOMES };
  for (const row of rows) tally[outcomeOf(row)]++;
  const since = Math.min(...begun.map(({ began }) => began));
  const rules = [...new Set(begun.map(({ rule }) => rule))];
  const failed = begun.filter(({ failed: why }) => why !== null);
  const differing = rows
    .filter((row) => outcomeOf(row) !== 'both')
    .sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1))
    .slice(0, last);
  return [
    id,
    `rules         ${rules.join(' and, in other partitions yet, ')}`,
    `compared      since ${clock(since)} in ${count(begun.length - failed.length)} partitions`,
    ...failed.map(({ partition, failed: why }) => `ended         in partition ${partition}, where it threw: ${why}`),
    `alerts        ${count(tally.both)} by both, ${count(tally.gained)} gained, ${count(tally.lost)} lost`,
    ...(differing.length === 0
      ? []
      : [
          '',
          `Gained and lost, the newest ${count(differing.length)}`,
          table(
            ['outcome', 'last said', 'event time', 'institution', 'subject', 'amount', 'alert'],
            differing.map((row) => [
              outcomeOf(row),
              clock(row.at),
              clock(row.eventTime),
              row.institution ?? '',
              row.subject,
              row.amount === null ? '' : String(yuan(row.amount)),
              row.id,
            ]),
          ),
        ]),
  ].join('\n');
}
