// Runs one seed from its first event to rest, and says what was found.
import { FEEDS } from '@yunjian/contracts';
import { check } from './check.ts';
import { WORLD_FAULTS, type WorldFault } from './injector.ts';
import { NAMES } from './names.ts';
import { type Options, World } from './world.ts';

export interface Outcome {
  world: World;
  /** What does not hold; empty when all is well. */
  failures: string[];
  /** How often each fault struck, and what else was counted. */
  struck: ReadonlyMap<string, number>;
  /** Faults that struck. */
  faults: number;
  /** Transitions by `detector action`. */
  transitions: ReadonlyMap<string, number>;
  /** What stands at the end, of the families that have an oracle, in order. */
  standing: readonly string[];
}

const SECOND = 1000;
/** Longest wait of a judgement behind what it waits for, with marks and writes on their way, ms. */
const REST_MS = 160 * SECOND;

export async function simulate(seed: number, options: Options = {}): Promise<Outcome> {
  const world = new World(seed, options);
  const failures: string[] = [];
  let transitions: ReadonlyMap<string, number> = new Map();
  let standing: readonly string[] = [];
  try {
    await live(world);
    const found = check(world);
    failures.push(...found.failures);
    standing = found.standing;
    transitions = found.transitions;
  } catch (error) {
    failures.push(`the simulation ended: ${error instanceof Error ? error.stack : String(error)}`);
  }
  failures.unshift(...world.broken);
  const { struck, total } = world.injector;
  return { world, failures, struck, faults: total, transitions, standing };
}

async function live(world: World): Promise<void> {
  const { kernel, city, broker } = world;
  const last = world.sendings.at(-1)?.at ?? city.start;
  const end = Math.max(city.end, last) + 5 * SECOND;
  for (let n = kernel.between(0, 5); n > 0; n--)
    kernel.at(kernel.between(city.start, end), () => strike(world, kernel.pick(WORLD_FAULTS)));
  await kernel.run(end);
  world.heal();
  const behind = Math.max(0, -broker.skew);
  await kernel.run(end + behind + REST_MS);
  world.ticking = false;
  await kernel.run(kernel.now + 20 * SECOND);
  world.marking = false;
  for (let waited = 0; waited < 40; waited++) {
    await kernel.run(kernel.now + 10 * SECOND);
    if (atRest(world)) return;
  }
  world.broke(`not at rest: ${whereItStands(world)}`);
}

function strike(world: World, fault: WorldFault): void {
  const { kernel, broker, injector } = world;
  const service = kernel.pick(['router', 'detector', 'ledger', 'alerting'] as const);
  const process = kernel.pick(world.living(service));
  const seconds = kernel.between(1, 100);
  const feed = kernel.pick(FEEDS);
  if (process === undefined) return;
  const ofProcess =
    fault === 'crash' || fault === 'orderly stop' || fault === 'stopped for a session' || fault === 'rebalance';
  if (!injector.strikes(fault, ofProcess ? service : fault === 'feed held back' ? feed : 'all')) return;
  const acts: Record<WorldFault, () => void> = {
    crash: () => world.crash(process),
    'orderly stop': () => world.end(process),
    'stopped for a session': () => world.stop(process, (11 + seconds / 2) * SECOND),
    rebalance: () => world.rebalance(process),
    'broker away': () => {
      broker.awayUntil = kernel.now + seconds * SECOND;
    },
    'broker clock jumps ahead': () => broker.jump(seconds * SECOND),
    'broker clock jumps back': () => broker.jump((-seconds / 2) * SECOND),
    'router away': () => {
      for (const each of FEEDS) world.hold(each, seconds * 3 * SECOND);
    },
    'feed held back': () => world.hold(feed, seconds * 4 * SECOND),
  };
  acts[fault]();
}

/** Everything that was sent is routed, judged, told, decided and committed. */
function atRest(world: World): boolean {
  return standing(world).every(({ at, end }) => at === end);
}

function whereItStands(world: World): string {
  return standing(world)
    .filter(({ at, end }) => at !== end)
    .map(({ what, at, end }) => `${what} at ${at} of ${end}`)
    .join(', ');
}

function standing(world: World): { what: string; at: number; end: number }[] {
  const { broker, groups, settings } = world;
  const list: { what: string; at: number; end: number }[] = [];
  for (const { feed, partition } of world.raw) {
    const topic = NAMES.raw(feed);
    const at = broker.committed(groups.router.name, topic, partition) ?? 0;
    list.push({ what: `router ${feed}/${partition}`, at, end: broker.bounds(topic, partition).next });
  }
  for (let partition = 0; partition < settings.lanePartitions; partition++) {
    const lane = broker.bounds(NAMES.lane('institution'), partition).next;
    list.push({ what: `detector ${partition}`, at: world.cores.get(partition)?.next ?? 0, end: lane });
    const codes = NAMES.lane('code');
    const told = broker.committed(groups.ledger.name, codes, partition) ?? 0;
    list.push({ what: `ledger ${partition}`, at: told, end: broker.bounds(codes, partition).next });
  }
  list.push({ what: 'alerting', at: world.decided, end: broker.bounds(NAMES.laneAlert, 0).next });
  return list;
}
