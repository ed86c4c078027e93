// What happens to the town: every fault in turn, over and over until the time is up, victims drawn from a seed.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Member, Service, Town } from './town.ts';

/** Longer than a group's session of 10 s: the coordinator has given its partitions away when it wakes. */
const ZOMBIE_MS = 13_000;
/** Longer also than the lease of 9 s that a broker has from its controller: when it goes on, its coordinators have to be loaded anew. */
const FROZEN_MS = 16_000;
const DRAIN_LIMIT_MS = 10_000;
const READY_MS = 60_000;
const BETWEEN_MS = 2_000;

export interface FaultPlan {
  seed: number;
  /** How long the faults go on; a round that has begun is ended in order. */
  minutes: number;
  brokerAwayMs: number;
  clickhouseAwayMs: number;
}

export interface Happened {
  counts: Map<string, number>;
  /** What a service did that it must not do when it is told to stop. */
  faults: string[];
}

export async function letFaultsHappen(town: Town, plan: FaultPlan, say: (line: string) => void): Promise<Happened> {
  const happened: Happened = { counts: new Map(), faults: [] };
  const random = seeded(plan.seed);
  const one = (members: readonly Member[]) => members[Math.floor(random() * members.length)] as Member;
  const until = performance.now() + plan.minutes * 60_000;
  const note = (what: string, detail: string) => {
    happened.counts.set(what, (happened.counts.get(what) ?? 0) + 1);
    say(`${what}: ${detail}`);
  };

  const kill = async (members: readonly Member[]) => {
    const victim = one(members);
    note('kill -9', victim.name);
    await killed(town, victim);
  };
  const zombie = async (service: Service) => {
    const victim = one(town.of(service));
    note('zombie', `${victim.name} stands still for ${ZOMBIE_MS / 1000} s and wakes`);
    victim.process.signal('SIGSTOP');
    await sleep(ZOMBIE_MS);
    victim.process.signal('SIGCONT');
  };
  const brokerAway = async () => {
    note('broker away', `${plan.brokerAwayMs / 1000} s, after kill -9`);
    await town.broker.kill();
    await sleep(plan.brokerAwayMs);
    await town.broker.start();
  };
  const brokerFrozen = async () => {
    note('broker frozen', `stands still for ${FROZEN_MS / 1000} s and goes on`);
    process.kill(town.broker.pid(), 'SIGSTOP');
    await sleep(FROZEN_MS);
    process.kill(town.broker.pid(), 'SIGCONT');
    for (const { name, process: member } of town.members)
      await member
        .ready(READY_MS)
        .catch((error: Error) =>
          happened.faults.push(`${name} is not back after the broker stood still: ${error.message}`),
        );
  };
  const clickhouseAway = async () => {
    note('ClickHouse away', `${plan.clickhouseAwayMs / 1000} s, after kill -9`);
    await town.clickhouse.kill();
    await sleep(plan.clickhouseAwayMs);
    await town.clickhouse.start();
  };
  const rolling = async () => {
    note('rolling restart', 'every process, one after the other');
    for (const member of town.members) happened.faults.push(...(await restarted(town, member)));
  };

  const round: (() => Promise<void>)[] = [
    () => kill(town.of('detector')),
    () => zombie('detector'),
    () => kill(town.members),
    () => zombie('alerting'),
    clickhouseAway,
    () => kill(town.of('alerting')),
    () => zombie('ingest'),
    brokerAway,
    () => kill(town.members),
    brokerFrozen,
    () => kill(town.of('ingest')),
    rolling,
    () => kill(town.of('wall')),
  ];
  while (performance.now() < until)
    for (const fault of round) {
      if (performance.now() > until && happened.counts.size >= KINDS) break;
      await fault();
      await sleep(BETWEEN_MS);
    }
  return happened;
}

const KINDS = 6;

async function killed(town: Town, member: Member): Promise<void> {
  member.down = true;
  await member.process.kill();
  await town.start(member);
}

/** SIGTERM: readiness fails first, it ends by itself with code 0 within 10 s; the next goes when this one is back. */
async function restarted(town: Town, member: Member): Promise<string[]> {
  const faults: string[] = [];
  // One that was killed a moment ago has nothing to drain yet, and dies of the signal.
  await member.process.ready(READY_MS).catch((error: Error) => faults.push(error.message));
  member.down = true;
  const began = performance.now();
  const code = await member.process.stop();
  const took = performance.now() - began;
  if (code !== 0) faults.push(`${member.name} ended a SIGTERM with code ${code}`);
  if (took > DRAIN_LIMIT_MS) faults.push(`${member.name} took ${(took / 1000).toFixed(1)} s to drain`);
  await town.start(member);
  await member.process
    .ready(READY_MS)
    .catch((error: Error) => faults.push(`${member.name} is not back after a rolling restart: ${error.message}`));
  return faults;
}

function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
