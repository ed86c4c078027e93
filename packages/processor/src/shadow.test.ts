// Shadow parameters on a partition with its checkpoints: nothing of them is told, they outlive a crash, and end with the rule.
import { ColdPart, digest, encodeLane, FEEDS, type Finding, type LaneRecord } from '@yunjian/contracts';
import { defineWindowed, InstitutionLane, KeyedState, type Outcome, type ShadowReport } from '@yunjian/detection';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type CheckpointLog, LanePartition, MemoryCheckpointLog, restoreCheckpoint } from './index.ts';

const words = { zh: '试', en: 'test' };
const START = Date.UTC(2026, 10, 20);
/** On this amount the shadow throws, whose limit is lower than the real one's. */
const DEFECT = 666;

interface Spent {
  sum: number;
  told: boolean;
  at: number;
  /** Not judged since `at`. */
  due: boolean;
}

/** At the mark behind a settlement it speaks of an institution that has spent more than `limit`. */
const summing = defineWindowed({
  id: 'large-amount',
  lane: 'institution',
  inputs: ['settlement'],
  params: z.object({ limit: z.number().default(500).describe('fen') }),
  level: 3,
  claimsAbsence: false,
  texts: { title: words, explanation: words, measures: [words], basis: words, runbook: words },
  create(host) {
    const spent = host.table<Spent>('spent');
    return {
      on: {
        settlement({ institution, eventTime, total }) {
          const { limit } = host.params(institution);
          if (total === DEFECT && limit < 500) throw new Error('a defect of ours');
          const { sum, told } = spent.get(institution) ?? { sum: 0, told: false };
          spent.set(institution, { sum: sum + total, told, at: eventTime, due: true });
          host.timers.arm(institution, 'settlement', eventTime);
        },
      },
      onTimer(institution) {
        const { sum, told, at } = spent.get(institution) as Spent;
        const above = sum > host.params(institution).limit;
        spent.set(institution, { sum, told: above, at, due: false });
        if (!above && !told) return;
        host[above ? 'raise' : 'withdraw']({
          subject: { kind: 'institution', ref: institution },
          institution,
          anchor: null,
          window: { start: at, end: at },
          eventTime: at,
          amount: sum,
          facts: { sum },
          evidence: [],
          reason: 'counted',
        });
      },
      restore() {
        for (const [institution, { at, due }] of spent.entries())
          if (due) host.timers.arm(institution, 'settlement', at);
      },
    };
  },
});

type Step =
  | { do: 'settle'; institution: string; total: number }
  | { do: 'rules'; rule: object }
  | { do: 'mark' }
  | { do: 'checkpoint' }
  | { do: 'crash' };

const settle = (institution: string, total: number): Step => ({ do: 'settle', institution, total });
const rules = (rule: object): Step => ({ do: 'rules', rule });
const lower = rules({ shadow: { params: { limit: 100 } } });
const [mark, checkpoint, crash]: Step[] = [{ do: 'mark' }, { do: 'checkpoint' }, { do: 'crash' }];

interface World {
  told: Finding[];
  counts: Map<string, number>;
  shadows: ShadowReport[];
  /** Tables that the last checkpoint holds rows of, and the rows of those that are shadows'. */
  tables: Set<string>;
  kept: string[];
}

/** A second passes with every record. */
async function run(steps: readonly (Step | undefined)[]): Promise<World> {
  const log = new MemoryCheckpointLog();
  const told: Finding[] = [];
  const counts = new Map<string, number>();
  const lane: { offset: number; value: Buffer }[] = [];
  let owners = 0;
  const open = async (join: CheckpointLog) => {
    const partition = new LanePartition({
      where: 'test/0',
      owner: `o${owners++}`,
      core: new InstitutionLane({ partition: 0, detectors: [summing] }),
      log: join,
      sink: async (effects) => {
        told.push(...effects.findings);
        for (const [what, count] of effects.counts) counts.set(what, (counts.get(what) ?? 0) + count);
      },
      laneLow: 0,
    });
    await partition.open();
    return partition;
  };
  let partition = await open(log.join());
  for (const step of steps as Step[]) {
    if (step.do === 'checkpoint') await partition.checkpoint();
    else if (step.do === 'crash') {
      partition = await open(log.join());
      await partition.process(lane.slice(partition.next));
    } else {
      const offset = lane.length;
      lane.push({ offset, value: encodeLane(recordOf(step, offset)) });
      await partition.process(lane.slice(offset));
    }
  }
  await partition.close();
  const state = new KeyedState();
  await restoreCheckpoint(log.join(), state, 'test/0');
  const rows = [...state.all()];
  const kept = rows.filter(({ table }) => table.startsWith('shadow')).map((row) => JSON.stringify(row));
  const tables = new Set(rows.map(({ table }) => table));
  return { told, counts, shadows: partition.shadows(), tables, kept: kept.sort() };
}

function recordOf(step: Exclude<Step, { do: 'checkpoint' | 'crash' }>, offset: number): LaneRecord {
  const at = START + offset * 1000;
  if (step.do === 'rules')
    return { kind: 'ruleChange', ruleVersion: 'v', rules: { detectors: { 'large-amount': step.rule } } };
  if (step.do === 'mark')
    return {
      kind: 'mark',
      entries: FEEDS.map((feed) => ({ feed, partition: 0, next: 0, arrival: at, lastEvent: at })),
      partitions: { settlement: 1, surveillance: 1, trace: 1, reference: 1 },
    };
  const { institution, total } = step;
  return {
    kind: 'settlement',
    settlementId: `S${offset}`,
    institution,
    arrival: at,
    eventTime: at,
    origin: { feed: 'settlement', partition: 0, offset, index: 0 },
    document: digest(`S${offset}`),
    content: digest(`S${offset}`, 11),
    cold: ColdPart.of({ eventId: `e${offset}`, source: 's', lines: [] }),
    total,
    fund: total,
  } as unknown as LaneRecord;
}

const outcomes = ({ shadows }: World): Record<Outcome, number> | undefined => shadows[0]?.outcomes;
const spoken = ({ told }: World) => told.map(({ alert_id, action, facts }) => ({ alert_id, action, facts }));

describe('shadow parameters', () => {
  test('tell nothing, and are counted against what is told: gained, lost, both', async () => {
    const story = (rule: Step) => [rule, mark, settle('A', 200), settle('B', 700), settle('C', 50), mark, mark];
    const gained = await run(story(lower));
    expect(outcomes(gained)).toEqual({ both: 1, gained: 1, lost: 0 });
    expect(spoken(gained)).toEqual(spoken(await run(story(rules({})))));
    expect(gained.told.map(({ fixmedins_code }) => fixmedins_code)).toEqual(['B']);
    const lost = await run(story(rules({ shadow: { params: { limit: 1000 } } })));
    expect(outcomes(lost)).toEqual({ both: 0, gained: 0, lost: 1 });
    expect(spoken(lost)).toEqual(spoken(gained));
  });

  test('begin with what the real detector knows, and are compared from there on', async () => {
    const world = await run([settle('A', 90), settle('B', 700), mark, mark, lower, mark, settle('A', 20), mark, mark]);
    expect(outcomes(world)).toEqual({ both: 0, gained: 1, lost: 0 });
  });

  test('what stood before and only one takes back is compared', async () => {
    const back = [settle('A', 700), mark, mark, lower, settle('A', -400), mark, mark];
    expect(outcomes(await run(back))).toEqual({ both: 0, gained: 1, lost: 0 });
    const higher = rules({ shadow: { params: { limit: 1000 } } });
    expect(outcomes(await run([settle('A', 700), mark, mark, higher, settle('A', 1), mark, mark]))).toEqual({
      both: 0,
      gained: 0,
      lost: 1,
    });
  });

  test('a detector that is switched off raises nothing: all is gained', async () => {
    const off = rules({ enabled: false, shadow: {} });
    const world = await run([off, mark, settle('A', 700), mark, mark, settle('A', -700), settle('B', 700), mark, mark]);
    expect(outcomes(world)).toEqual({ both: 0, gained: 1, lost: 0 });
    expect(world.told.filter(({ action }) => action === 'raise')).toEqual([]);
  });

  test('outlive a crash, whatever of them a checkpoint held', async () => {
    const world = await run([settle('A', 60), lower, checkpoint, settle('B', 700), crash, mark, settle('A', 60), mark]);
    const [again] = (await run([settle('A', 60), lower, settle('B', 700), mark, settle('A', 60), mark])).shadows;
    expect(world.shadows).toEqual([again]);
    expect(world.tables).toContain('shadow/large-amount/spent');
  });

  test.each([
    ['taken away', rules({})],
    ['of a detector of whose parameters something else is said', rules({ params: { limit: 400 } })],
  ])('%s leave nothing behind, neither in memory nor in a checkpoint', async (_, then) => {
    const before = [lower, mark, settle('A', 200), mark, mark, checkpoint];
    const world = await run([...before, then, checkpoint, crash, mark, settle('A', 1), mark]);
    expect(world.shadows).toEqual([]);
    expect(world.kept).toEqual([]);
  });

  test('that say something else begin anew', async () => {
    const other = rules({ shadow: { params: { limit: 150 } } });
    const world = await run([lower, mark, settle('A', 200), mark, mark, checkpoint, mark, other, mark, crash]);
    expect(world.shadows).toMatchObject([{ outcomes: { both: 0, gained: 0, lost: 0 }, failed: null }]);
    expect(world.shadows[0]?.began).toBeGreaterThan(START);
  });

  test('the same rules told again change nothing of a comparison', async () => {
    const world = await run([lower, mark, settle('A', 200), mark, mark, lower, mark]);
    expect(outcomes(world)).toEqual({ both: 0, gained: 1, lost: 0 });
  });

  test('in which our own code throws end, are counted, and disturb nobody', async () => {
    const story = (rule: Step) => [
      rule,
      mark,
      settle('A', DEFECT),
      mark,
      mark,
      checkpoint,
      crash,
      settle('B', 700),
      mark,
    ];
    const world = await run(story(lower));
    expect(world.shadows).toMatchObject([{ failed: 'Error: a defect of ours' }]);
    expect(world.counts.get('shadow_failed')).toBe(1);
    expect(world.counts.has('poison')).toBe(false);
    expect(spoken(world)).toEqual(spoken(await run(story(rules({})))));
    expect(world.kept).toHaveLength(1);
  });

  test('without them a lane keeps nothing of a shadow', async () => {
    const world = await run([rules({}), mark, settle('A', 700), mark, mark]);
    expect(world.kept).toEqual([]);
    expect(world.shadows).toEqual([]);
  });

  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(fc.constantFrom('A', 'B', 'C'), fc.constantFrom(60, 300, -300, DEFECT))
        .map((of) => settle(...of)),
    },
    { weight: 5, arbitrary: fc.constant(mark as Step) },
    { weight: 1, arbitrary: fc.constantFrom(lower, rules({}), rules({ enabled: false, shadow: {} })) },
    { weight: 2, arbitrary: fc.constant(checkpoint as Step) },
    { weight: 1, arbitrary: fc.constant(crash as Step) },
  );

  test('however they are switched and wherever checkpoints and crashes come, a partition ends as one that never crashed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        const world = await run(steps);
        const calm = await run(steps.filter((each) => each.do !== 'crash' && each.do !== 'checkpoint'));
        expect(world.shadows).toEqual(calm.shadows);
        expect(world.kept).toEqual(calm.kept);
        const unshadowed = steps.map((each) =>
          each.do === 'rules' ? rules('enabled' in each.rule ? { enabled: false } : {}) : each,
        );
        expect(lastOf(world)).toEqual(lastOf(await run(unshadowed)));
      }),
      { numRuns: 150 },
    );
  });
});

/** What was told of each alert by the highest cause: a run that crashed may still be telling while its heir tells it again. */
function lastOf({ told }: World) {
  const inOrder = told.toSorted((a, b) => a.cause.offset - b.cause.offset || a.cause.index - b.cause.index);
  return Object.fromEntries(inOrder.map(({ alert_id, action, facts }) => [alert_id, { action, facts }]));
}
