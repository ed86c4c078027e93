// A partition's checkpoint: where its pointer stands, the commits behind it, what the state holds, and how far the lane has gone on.
import { FEEDS } from '@yunjian/contracts';
import { FeedClocks, KeyedState } from '@yunjian/detection';
import { groupOffsets, readRange } from '@yunjian/kafka';
import { type CheckpointLog, type Commit, readHeader, restoreCheckpoint } from '@yunjian/processor';
import { type Ground, partitionOf, partitionsOf } from './ground.ts';
import type { CheckpointOf, InspectQuestion } from './options.ts';
import { ago, bytes, clock, count, table } from './table.ts';

/** Commits of the chain that are listed. */
const COMMITS_SHOWN = 10;

export interface Place {
  topic: string;
  lane: string;
  group: string;
}

interface Written {
  commit: Commit;
  at: number;
  offset: number;
}

export async function describeCheckpoint(
  ground: Ground,
  { of, partition }: Extract<InspectQuestion, { what: 'checkpoint' }>,
): Promise<string> {
  const place = checkpointPlace(ground, of);
  const [lanes, logs] = await Promise.all([partitionsOf(ground, place.lane), partitionsOf(ground, place.topic)]);
  const pointers = await groupOffsets(ground.settings, place.group, place.topic);
  if (partition !== undefined) {
    const bounds = partitionOf(logs, partition, place.topic);
    return describeOne(ground, place, partition, bounds, pointers[partition] ?? null, lanes[partition]?.next ?? 0);
  }
  const now = Date.now();
  const rows = await Promise.all(
    logs.map(async ({ low, next }, p) => {
      const pointer = pointers[p] ?? null;
      const last = pointer === null ? null : await commitAt(ground, place.topic, p, pointer);
      const laneNext = lanes[p]?.next ?? 0;
      return [
        String(p),
        pointer === null ? '–' : count(pointer),
        last === null ? '–' : count(last.commit.n),
        ago(last?.at, now),
        last === null ? '–' : count(last.commit.input),
        count(laneNext),
        last === null ? count(laneNext) : count(laneNext - last.commit.input),
        `${count(low)}–${count(next)}`,
      ];
    }),
  );
  const head = ['partition', 'pointer', 'number', 'committed', 'lane offset', 'lane next', 'behind', 'log offsets'];
  return `${place.topic}, pointers of group ${place.group}\n\n${table(head, rows)}`;
}

async function describeOne(
  ground: Ground,
  place: Place,
  partition: number,
  bounds: { low: number; next: number },
  pointer: number | null,
  laneNext: number,
): Promise<string> {
  const { topic, lane, group } = place;
  const where = `${topic}/${partition}`;
  const log = `log           offsets ${count(bounds.low)} to ${count(bounds.next)} (next)`;
  if (pointer === null)
    return [
      `${where}\n`,
      `pointer       none: group ${group} has never committed one here, or it is lost (docs/operations.md, "A lost pointer")`,
      log,
      `last COMMIT   ${await newestCommit(ground, topic, partition, bounds)}`,
      `lane          ${lane}/${partition}, next ${count(laneNext)}`,
    ].join('\n');
  const last = await commitAt(ground, topic, partition, pointer);
  if (last === null)
    return `${where}\n\npointer       ${count(pointer)}, which holds no COMMIT: docs/operations.md, "A lost pointer"\n${log}`;
  const now = Date.now();
  const chain = await chainOf(ground, topic, partition, last, bounds.low);
  const state = new KeyedState();
  const broken = await restoreCheckpoint(readOnly(ground, place, partition, pointer, bounds), state, where).then(
    () => null,
    (error: Error) => error.message,
  );
  const { commit } = last;
  return [
    where,
    '',
    `pointer       ${count(pointer)} of group ${group}: checkpoint ${count(commit.n)}, ${ago(last.at, now)}`,
    `base          ${commit.base === null ? 'none: the state was empty' : count(commit.base)}`,
    log,
    `lane          ${lane}/${partition}: the state stands at ${count(commit.input)}, the lane at ${count(laneNext)}, ${count(laneNext - commit.input)} behind`,
    `owner         ${commit.owner}`,
    ...(broken === null ? ['whole         every hash and number of the chain holds'] : [`BROKEN        ${broken}`]),
    '',
    'Commits, the newest first',
    table(
      ['number', 'offset', 'committed', 'lane offset', 'records', 'chunks', 'owner'],
      chain.map(({ commit: each, at, offset }, i) => [
        count(each.n),
        count(offset),
        clock(at),
        count(each.input),
        i + 1 < chain.length ? count(each.input - (chain[i + 1] as Written).commit.input) : '–',
        String(each.chunks),
        shortOwner(each.owner),
      ]),
    ),
    ...(broken === null ? ['', ...stateText(state, now)] : []),
  ].join('\n');
}

/** Clocks as marks have shown them, then every table with its keys and its size in the log. */
function stateText(state: KeyedState, now: number): string[] {
  const sizes = new Map<string, { keys: number; bytes: number }>();
  for (const { table: name, key, value } of state.all()) {
    const size = sizes.get(name) ?? { keys: 0, bytes: 0 };
    const written = Buffer.byteLength(JSON.stringify([key, value]));
    sizes.set(name, { keys: size.keys + 1, bytes: size.bytes + written });
  }
  const tables = [...sizes].sort(([, a], [, b]) => b.bytes - a.bytes);
  const total = tables.reduce((sum, [, size]) => ({ keys: sum.keys + size.keys, bytes: sum.bytes + size.bytes }), {
    keys: 0,
    bytes: 0,
  });
  return [
    ...clockText(state, now),
    'Tables, the largest first',
    table(
      ['table', 'keys', 'size'],
      [...tables, ['all', total] as const].map(([name, size]) => [name, count(size.keys), bytes(size.bytes)]),
    ),
  ];
}

function clockText(state: KeyedState, now: number): string[] {
  const progress = state.table<{ clock?: number }>('progress').get('lane');
  if (progress?.clock !== undefined)
    return [`Clock         ${clock(progress.clock)}, ${ago(progress.clock, now)} (newest record of the lane)`, ''];
  const clocks = new FeedClocks((name) => state.table(name));
  clocks.restore();
  const marks = state.table<{ arrival: number; lastEvent: number | null }>('clock');
  const rows = [...marks.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  const feeds = FEEDS.map((feed) => [feed, clock(clocks.at(feed)), ago(clocks.at(feed), now)]);
  return [
    'Clocks: everything that arrived until then has been merged',
    table(
      ['feed', 'clock', ''],
      [...feeds, ['observed (F)', clock(clocks.at('observed')), ago(clocks.at('observed'), now)]],
    ),
    '',
    'Marks, by raw partition',
    table(
      ['raw partition', 'merged until', '', 'last event', ''],
      rows.map(([key, { arrival, lastEvent }]) => [
        key,
        clock(arrival),
        ago(arrival, now),
        clock(lastEvent),
        ago(lastEvent, now),
      ]),
    ),
    '',
  ];
}

export function checkpointPlace({ names }: Ground, of: CheckpointOf): Place {
  return of === 'alert'
    ? { topic: names.checkpoint('alert'), lane: names.laneAlert, group: names.group('alerting') }
    : { topic: names.checkpoint('institution'), lane: names.lane('institution'), group: names.group('detector') };
}

/** null: there is no COMMIT at that offset. */
async function commitAt(ground: Ground, topic: string, partition: number, offset: number): Promise<Written | null> {
  let found: Written | null = null;
  await readRange(ground.settings, topic, partition, offset, offset + 1, (record) => {
    const header = record.value === null ? null : readHeader(record.value);
    if (header?.t === 'commit') found = { commit: header, at: record.timestamp, offset };
  }).catch((error: Error) => {
    if (error.name !== 'RecordsMissing') throw error;
  });
  return found;
}

/** The last COMMIT of the log whether or not a pointer names it: where a lost pointer is set to. */
async function newestCommit(
  ground: Ground,
  topic: string,
  partition: number,
  { low, next }: { low: number; next: number },
): Promise<string> {
  let newest = 'none';
  if (next > low)
    await readRange(ground.settings, topic, partition, low, next, ({ offset, value, timestamp }) => {
      const header = value === null ? null : readHeader(value);
      if (header?.t === 'commit')
        newest = `at ${offset}, checkpoint ${header.n} of ${clock(timestamp)}, lane offset ${header.input}`;
    });
  return newest;
}

async function chainOf(ground: Ground, topic: string, partition: number, last: Written, low: number) {
  const chain = [last];
  for (let prev = last.commit.prev; prev !== null && prev >= low && chain.length < COMMITS_SHOWN; ) {
    const before = await commitAt(ground, topic, partition, prev);
    if (before === null) break;
    chain.push(before);
    prev = before.commit.prev;
  }
  return chain;
}

/** host/pid of host/pid/run. */
function shortOwner(owner: string): string {
  return owner.split('/').slice(0, 2).join('/');
}

/** The checkpoint log as it stands; what would change it is not there. */
export function readOnly(
  ground: Ground,
  { topic }: Place,
  partition: number,
  pointer: number | null,
  bounds: { low: number; next: number },
): CheckpointLog {
  const never = async (): Promise<never> => {
    throw new Error('an inspection writes nothing');
  };
  return {
    bounds: async () => bounds,
    pointer: async () => pointer,
    read: async (from, to) => {
      const records: { offset: number; value: Buffer }[] = [];
      await readRange(ground.settings, topic, partition, from, to, ({ offset, value }) => {
        if (value !== null) records.push({ offset, value: Buffer.from(value) });
      });
      return records;
    },
    append: never,
    commitPointer: never,
    trim: never,
  };
}
