// One alert's life: its transitions, the lane record that caused each finding, and where its evidence lies.
import { createClickHouse } from '@yunjian/clickhouse';
import type { AlertRecord, EvidenceRef, LaneAlertRecord } from '@yunjian/contracts';
import { readRange } from '@yunjian/kafka';
import { Refusal } from '../local/refusal.ts';
import { type Ground, partitionsOf } from './ground.ts';
import { clock, count, table } from './table.ts';

/** Names, on a record of the alert log, the offset of lane.alert that led to it. */
const LANE_HEADER = 'yj-lane';

interface Told {
  record: AlertRecord;
  /** Offset in the alert log. */
  position: number;
}

export async function describeAlert(ground: Ground, id: string): Promise<string> {
  const told = await toldOf(ground, id);
  const newest = told.at(-1)?.record;
  if (newest === undefined)
    throw new Refusal(`${ground.names.alertLog} holds no alert ${id}: is the id whole, and the namespace right?`);
  const causes = await causesOf(ground, told);
  const { state, subject, window } = newest;
  return [
    `${newest.detector} L${newest.level}  ${newest.title.zh} / ${newest.title.en}`,
    '',
    `alert         ${id}`,
    `subject       ${subject.kind} ${subject.ref}, institution ${newest.fixmedins_code ?? '–'}`,
    `stands        ${
      Object.entries(state)
        .flatMap(([name, on]) => (on ? [name] : []))
        .join(', ') || 'withdrawn'
    }`,
    ...decided(newest),
    `window        ${window.start} to ${window.end}`,
    `rule version  ${newest.rule_version}`,
    '',
    'Transitions',
    table(
      ['version', 'written', 'action', 'names', 'by', 'level', 'log', 'caused by', 'reason'],
      told.map(({ record, position }, i) => [
        String(record.version),
        record.updated_at,
        record.transition.action,
        namedIn(record),
        record.transition.by,
        String(record.level),
        count(position),
        causes[i] as string,
        record.transition.reason,
      ]),
    ),
    '',
    'Facts',
    ...Object.entries(newest.facts).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
    '',
    'Evidence',
    ...(await evidenceText(ground, newest)),
  ].join('\n');
}

/** Who has it, until when it rests, and what was found, where that is so. */
function decided({ assignee, shelved_until, disposal }: AlertRecord): string[] {
  const lines: [string, string | null | undefined][] = [
    ['assignee', assignee],
    ['shelved until', shelved_until],
    ['disposal', disposal],
  ];
  return lines.flatMap(([name, value]) => (value == null ? [] : [`${name.padEnd(14)}${value}`]));
}

/** What an order names: to whom, until when, what was found. */
function namedIn({ transition, assignee, shelved_until, disposal }: AlertRecord): string {
  if (transition.action === 'assign') return assignee ?? '';
  if (transition.action === 'shelve') return shelved_until ?? '';
  return transition.action === 'dispose' ? (disposal ?? '') : '';
}

/** Every version once, the oldest first: from ClickHouse as far as it is archived, then from the log. */
async function toldOf(ground: Ground, id: string): Promise<Told[]> {
  const { names, settings } = ground;
  const [log] = await partitionsOf(ground, names.alertLog);
  const versions = new Map<number, Told>();
  let from = log?.low ?? 0;
  if (ground.clickhouse !== null) {
    const archived = await archivedOf(ground.clickhouse, ground, id);
    for (const each of archived.told) versions.set(each.record.version, each);
    from = Math.max(from, archived.next);
  }
  const to = log?.next ?? 0;
  if (from < to)
    await readRange(settings, names.alertLog, 0, from, to, ({ key, value, offset }) => {
      if (value === null || key?.toString() !== id) return;
      const record = JSON.parse(value.toString('utf8')) as AlertRecord;
      if (!versions.has(record.version)) versions.set(record.version, { record, position: offset });
    });
  return [...versions.values()].sort((a, b) => a.record.version - b.record.version);
}

async function archivedOf(url: string, ground: Ground, id: string): Promise<{ told: Told[]; next: number }> {
  const clickhouse = createClickHouse({ url, database: ground.namespace });
  try {
    const [offset] = await clickhouse.query<{ next: number }>(
      'SELECT max(next) AS next FROM archived_offsets WHERE topic = {topic: String}',
      { topic: ground.names.alertLog },
    );
    const rows = await clickhouse.query<{ position: number; record: string }>(
      'SELECT position, record FROM alert_transitions WHERE alert_id = {id: String} ORDER BY version, position LIMIT 1 BY version',
      { id },
    );
    return {
      next: offset?.next ?? 0,
      told: rows.map(({ position, record }) => ({ position, record: JSON.parse(record) as AlertRecord })),
    };
  } finally {
    await clickhouse.close();
  }
}

/** processor:lane/partition@offset of each transition's finding; of a command, its place in lane.alert. */
async function causesOf(ground: Ground, told: readonly Told[]): Promise<string[]> {
  const { names, settings } = ground;
  const [lane] = await partitionsOf(ground, names.laneAlert);
  const causes: string[] = [];
  for (const { position } of told) {
    let at: number | null = null;
    await readRange(settings, names.alertLog, 0, position, position + 1, ({ headers }) => {
      const header = headers[LANE_HEADER];
      at = header === undefined ? null : Number(header);
    });
    if (at === null) causes.push('–');
    else if (at < (lane?.low ?? 0)) causes.push(`lane.alert@${at}, no longer kept`);
    else causes.push(await causeAt(ground, at));
  }
  return causes;
}

async function causeAt({ settings, names }: Ground, at: number): Promise<string> {
  let cause = `lane.alert@${at}`;
  await readRange(settings, names.laneAlert, 0, at, at + 1, ({ value }) => {
    const record = JSON.parse(String(value)) as LaneAlertRecord;
    if (record.type !== 'finding') return;
    const { processor, lane, partition, offset } = record.cause;
    cause = `${processor}: ${lane}/${partition}@${offset}`;
  });
  return cause;
}

async function evidenceText(ground: Ground, alert: AlertRecord): Promise<string[]> {
  if (alert.evidence.length === 0) return ['  none'];
  const places = await settlementPlaces(ground, alert);
  return alert.evidence.map((each) => `  ${placeText(each, places.get(each.ref))}`);
}

function placeText({ kind, of, ref, uri, sha256 }: EvidenceRef, place: string | undefined): string {
  const parts = [`${of ?? kind} ${ref}`];
  if (uri !== undefined) parts.push(`at ${uri}`);
  if (sha256 !== undefined) parts.push(`sha256 ${sha256}`);
  if (place !== undefined) parts.push(place);
  return parts.join(', ');
}

/** Where settlements lie, by their id: the raw record (kept 72 h) and the archive. */
async function settlementPlaces(ground: Ground, { evidence, ...alert }: AlertRecord): Promise<Map<string, string>> {
  const refs = evidence.flatMap(({ kind, ref }) => (kind === 'settlement' ? [ref] : []));
  if (refs.length === 0) return new Map();
  if (ground.clickhouse === null)
    return new Map(refs.map((ref) => [ref, 'where is not known while ClickHouse is away']));
  const clickhouse = createClickHouse({ url: ground.clickhouse, database: ground.namespace });
  try {
    const rows = await clickhouse.query<{ id: string; shop: string; partition: number; offset: number; at: number }>(
      `SELECT settlement_id AS id, institution AS shop, origin_partition AS partition, origin_offset AS offset,
        toUnixTimestamp64Milli(arrival) AS at
      FROM settlements_current WHERE settlement_id IN {refs: Array(String)}`,
      { refs },
    );
    // Codes and persons go from one institution to another: ids of their settlements may be any institution's.
    const anywhere = alert.subject.kind === 'code' || alert.subject.kind === 'person';
    const places = rows
      .filter(({ shop }) => anywhere || shop === alert.fixmedins_code)
      .map(({ id, shop, partition, offset, at }) => ({
        id,
        text: `${shop}: ${ground.names.raw('settlement')}/${partition}@${offset}, arrived ${clock(at)}, archived in ${ground.namespace}.settlements`,
      }));
    return new Map(
      refs.map((ref) => {
        const found = places.filter(({ id }) => id === ref).map(({ text }) => text);
        return [ref, found.join('; ') || 'not archived yet'];
      }),
    );
  } finally {
    await clickhouse.close();
  }
}
