// `bench -- latency`: how long from an event to its finding and to the wall, for a detector that need not wait; only the services in between.
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '@yunjian/infra/local/until.ts';
import { crossing, EVENTS_PER_VISIT, PROBE_HOSPITALS, referenceEvents, visitEvents } from './city.ts';
import { type Doors, openDoors } from './doors.ts';
import { detectorDrained } from './drained.ts';
import { quantile, rounded } from './figures.ts';
import type { Bench, Results } from './main.ts';
import { meter } from './meter.ts';
import { raisedFrom } from './raised.ts';
import { type BenchStack, startStack } from './stack.ts';
import { type WallClient, watchWall } from './wall.ts';

/** What lies between an event and the wall; each has a core of its own in a city, here they share what there is. */
const SERVICES = ['ingest', 'detector', 'alerting', 'wall'];
const SLICE_MS = 10;
/** Of the same load, not measured: a fresh broker and fresh processes spend most of a minute on compiling themselves. */
const WARM_UP_SECONDS = 60;
const PATIENCE_MS = 30_000;

interface Probe {
  subject: string;
  /** performance.now, just before the event was sent. */
  sentAt: number;
  /** The clock that the broker stamps records with, ms. */
  sentTime: number;
}

export async function benchLatency({ directory, say, options }: Bench): Promise<Results> {
  const stack = await startStack(directory, say, SERVICES);
  try {
    const doors = await openDoors(stack);
    await doors.register(referenceEvents(Date.now()));
    await detectorDrained(stack);
    const results = await steady(stack, doors, options.rate, options.seconds, say);
    await doors.close();
    return results;
  } finally {
    await stack.stop();
  }
}

async function steady(
  stack: BenchStack,
  doors: Doors,
  rate: number,
  seconds: number,
  say: Bench['say'],
): Promise<Results> {
  say(`\n  ${rate} events/s for ${seconds} s, after ${WARM_UP_SECONDS} s of the same`);
  const wall = await watchWall(stack.wall);
  const raised = await raisedFrom(stack);
  const begun = performance.now();
  const measuredFrom = begun + WARM_UP_SECONDS * 1000;
  const end = measuredFrom + seconds * 1000;
  const metering = async () => {
    await sleep(WARM_UP_SECONDS * 1000);
    return meter(stack);
  };
  let sent = 0;
  const load = async (): Promise<void> => {
    let visit = 0;
    let owed = 0;
    const under: Promise<void>[] = [];
    for (let due = begun; due < end; due += SLICE_MS) {
      await sleep(Math.max(0, due - performance.now()));
      owed += (rate / EVENTS_PER_VISIT) * (SLICE_MS / 1000);
      const visits = Array.from({ length: Math.floor(owed) }, () => visitEvents(visit++, Date.now()));
      owed -= visits.length;
      if (due >= measuredFrom) sent += visits.length * EVENTS_PER_VISIT;
      under.push(doors.settle(visits.map(({ settlement }) => settlement)), doors.see(visits.flatMap((v) => v.seen)));
    }
    await Promise.all(under);
  };
  const probes: Probe[] = [];
  const probing = async (): Promise<void> => {
    const under: Promise<void>[] = [];
    const every = (seconds * 1000) / PROBE_HOSPITALS;
    for (let n = 0; n < PROBE_HOSPITALS; n++) {
      await sleep(Math.max(0, measuredFrom + (n + Math.random()) * every - performance.now()));
      const { event, subject } = crossing(n, Date.now());
      probes.push({ subject, sentAt: performance.now(), sentTime: Date.now() });
      under.push(doors.settle([event]));
    }
    await Promise.all(under);
  };
  const [cost] = await Promise.all([metering(), load(), probing()]);
  const used = cost();
  await shown(wall, probes);
  const raisedAt = await raised();
  const toFinding = probes.map(
    ({ subject, sentTime }) => (raisedAt.get(`quarterly-spend|${subject}`) as number) - sentTime,
  );
  const toWall = probes.map(({ subject, sentAt }) => (wall.shownAt('quarterly-spend', subject) as number) - sentAt);
  wall.close();
  say(`    sent ${Math.round(sent / used.seconds)} events/s, ${probes.length} alerts`);
  const cores = Object.entries(used.cpu).map(([name, cpu]) => `${name} ${(cpu / used.seconds).toFixed(2)}`);
  say(`    cores used: ${cores.join(', ')}; by something else ${used.othersCores.toFixed(2)}`);
  const at = (waits: readonly number[], q: number) => rounded(quantile(waits, q));
  return {
    latency_events_per_second: Math.round(sent / used.seconds),
    raised_p50_ms: at(toFinding, 0.5),
    raised_p99_ms: at(toFinding, 0.99),
    wall_p50_ms: at(toWall, 0.5),
    wall_p99_ms: at(toWall, 0.99),
  };
}

/** @throws Error when an alert does not come, or the wall's stream broke */
async function shown(wall: WallClient, probes: readonly Probe[]): Promise<void> {
  const missing = () => probes.filter(({ subject }) => wall.shownAt('quarterly-spend', subject) === undefined);
  await until(
    () => missing().length === 0 || wall.interrupted() !== null,
    PATIENCE_MS,
    () => `${missing().length} of ${probes.length} alerts did not reach the wall, such as ${missing()[0]?.subject}`,
  );
  if (wall.interrupted() !== null) throw new Error(`the wall's stream was interrupted: ${wall.interrupted()}`);
}
