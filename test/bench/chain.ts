// `bench -- chain`: a city's events through every service: how many a second, and how long from an event to the wall.
import { setTimeout as sleep } from 'node:timers/promises';
import { createClickHouse } from '@yunjian/clickhouse';
import type { OutRecord } from '@yunjian/kafka';
import { crossing, EVENTS_PER_VISIT, PROBE_HOSPITALS, referenceEvents, soldTwice, visitEvents } from './city.ts';
import { type Doors, linesOf, openDoors, recordsOf } from './doors.ts';
import { drained } from './drained.ts';
import { quantile, rounded } from './figures.ts';
import type { Bench, Results } from './main.ts';
import { meter } from './meter.ts';
import { raisedFrom } from './raised.ts';
import { type BenchStack, startStack } from './stack.ts';
import { watchWall } from './wall.ts';

const VISITS_PER_REQUEST = 200;
const REQUESTS_AT_A_TIME = 4;
/** Event time over which the flood's visits are spread. */
const FLOOD_SPAN_MS = 240_000;
const SLICE_MS = 50;
const PROBE_EVERY_MS = 100;
/** After the last probe, the time an alert is waited for; what has not come by then counts as missing and fails the run. */
const PATIENCE_MS = 30_000;

export async function benchChain({ directory, say, options }: Bench): Promise<Results> {
  const stack = await startStack(directory, say);
  try {
    const doors = await openDoors(stack);
    await doors.register(referenceEvents(Date.now()));
    await drained(stack, (stage) => say(`  ${stage} has the reference data`));
    const visits = Math.ceil(options.events / EVENTS_PER_VISIT);
    const full = await flood(stack, doors, visits, say);
    const wall = await steady(stack, doors, { from: visits, ...options, say });
    await doors.close();
    return { ...full, ...wall };
  } finally {
    await stack.stop();
  }
}

/** Sends everything as fast as the doors take it: events a second from the first sent to all effects acknowledged. */
async function flood(stack: BenchStack, doors: Doors, visits: number, say: Bench['say']): Promise<Results> {
  const now = Date.now();
  const portions = Array.from({ length: Math.ceil(visits / VISITS_PER_REQUEST) }, (_, portion) => {
    const from = portion * VISITS_PER_REQUEST;
    const ofPortion = Array.from({ length: Math.min(VISITS_PER_REQUEST, visits - from) }, (_, i) =>
      visitEvents(from + i, now - FLOOD_SPAN_MS + Math.floor(((from + i) / visits) * FLOOD_SPAN_MS)),
    );
    return {
      body: linesOf(ofPortion.map(({ settlement }) => settlement)),
      settlements: ofPortion.length,
      seen: recordsOf(ofPortion.flatMap(({ seen }) => seen)) as OutRecord[],
    };
  });
  const cost = meter(stack);
  const begun = performance.now();
  const since = () => `${((performance.now() - begun) / 1000).toFixed(1)} s`;
  say(`\n  ${(visits * EVENTS_PER_VISIT).toLocaleString('en')} events as fast as they are taken`);
  let next = 0;
  const sender = async () => {
    for (let portion = portions[next++]; portion !== undefined; portion = portions[next++])
      await Promise.all([doors.postBody(portion.body, portion.settlements), doors.send(portion.seen)]);
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_A_TIME }, sender));
  say(`    sent                after ${since()}`);
  await drained(stack, (stage) => say(`    ${stage.padEnd(18)}  after ${since()}`));
  const seconds = (performance.now() - begun) / 1000;
  const { cpu, othersCores } = cost();
  const millions = (visits * EVENTS_PER_VISIT) / 1_000_000;
  say(`    CPU seconds a million events: ${each(cpu, (used) => (used / millions).toFixed(1))}`);
  say(`    cores busy with something else: ${othersCores.toFixed(2)}`);
  await archivedAll(stack, visits);
  const all = Object.values(cpu).reduce((sum, used) => sum + used, 0);
  return {
    chain_events_per_second: Math.round((visits * EVENTS_PER_VISIT) / seconds),
    chain_cpu_seconds_per_million: rounded(all / millions),
    chain_others_cores: rounded(othersCores, 2),
  };
}

/** @throws Error when the archive does not hold exactly the settlements that were accepted */
async function archivedAll(stack: BenchStack, settlements: number): Promise<void> {
  const clickhouse = createClickHouse({ url: stack.clickhouse, database: stack.namespace });
  try {
    const [row] = await clickhouse.query<{ n: string }>('SELECT uniqExact(document) AS n FROM settlements');
    if (Number(row?.n) !== settlements)
      throw new Error(`the archive holds ${row?.n} settlements, expected ${settlements}`);
  } finally {
    await clickhouse.close();
  }
}

interface Steady {
  /** First visit not used yet. */
  from: number;
  seconds: number;
  /** Events a second. */
  rate: number;
  say: Bench['say'];
}

interface Probe {
  detector: 'quarterly-spend' | 'trace-repeated';
  subject: string;
  /** performance.now */
  sentAt: number;
  /** The clock that the broker stamps records with, ms. */
  sentTime: number;
}

/** A steady stream of events, and beside them events that must raise an alert at once: from just before the POST to the frame. */
async function steady(stack: BenchStack, doors: Doors, { from, seconds, rate, say }: Steady): Promise<Results> {
  say(`\n  ${rate} events/s for ${seconds} s`);
  const wall = await watchWall(stack.wall);
  const findings = await raisedFrom(stack);
  const probes: Probe[] = [];
  const cost = meter(stack);
  const begun = performance.now();
  const until = begun + seconds * 1000;
  // Each probe has a hospital of its own.
  const probeEveryMs = Math.max(PROBE_EVERY_MS, (seconds * 1000) / PROBE_HOSPITALS);
  const load = async () => {
    let visit = from;
    const under: Promise<void>[] = [];
    for (let due = begun; due < until; due += SLICE_MS) {
      await sleep(Math.max(0, due - performance.now()));
      const visits = Array.from({ length: Math.round((rate / EVENTS_PER_VISIT) * (SLICE_MS / 1000)) }, () =>
        visitEvents(visit++, Date.now()),
      );
      under.push(doors.post(visits.map(({ settlement }) => settlement)), doors.see(visits.flatMap(({ seen }) => seen)));
    }
    await Promise.all(under);
    return (visit - from) * EVENTS_PER_VISIT;
  };
  const probing = async () => {
    const under: Promise<void>[] = [];
    let n = 0;
    for (let due = begun; due < until; due += probeEveryMs, n++) {
      const at = Date.now();
      const twice = soldTwice(n, at);
      if (n % 2 === 1) under.push(doors.post([twice.first]));
      await sleep(Math.max(0, due - performance.now()));
      const { event, subject } = n % 2 === 0 ? crossing(n, at) : { event: twice.second, subject: twice.subject };
      const detector = n % 2 === 0 ? 'quarterly-spend' : 'trace-repeated';
      probes.push({ detector, subject, sentAt: performance.now(), sentTime: Date.now() });
      under.push(doors.post([event]));
    }
    await Promise.all(under);
  };
  const [sent] = await Promise.all([load(), probing()]);
  const took = (performance.now() - begun) / 1000;
  const { cpu, othersCores, seconds: spent } = cost();
  const patience = performance.now() + PATIENCE_MS;
  const missing = () => probes.filter(({ detector, subject }) => wall.shownAt(detector, subject) === undefined);
  while (missing().length > 0 && performance.now() < patience) await sleep(100);
  if (wall.interrupted() !== null) throw new Error(`the wall's stream was interrupted: ${wall.interrupted()}`);
  wall.close();
  if (missing().length > 0)
    throw new Error(
      `${missing().length} of ${probes.length} alerts did not reach the wall, such as ${JSON.stringify(missing()[0])}`,
    );
  const raisedAt = await findings();
  const waits = probes.map(({ detector, subject, sentTime }) => {
    const raised = raisedAt.get(`${detector}|${subject}`);
    if (raised === undefined) throw new Error(`${detector} of ${subject} is on the wall and not in lane.alert`);
    return raised - sentTime;
  });
  const latencies = (of: Probe['detector'] | null) =>
    probes
      .filter(({ detector }) => of === null || detector === of)
      .map(({ detector, subject, sentAt }) => (wall.shownAt(detector, subject) as number) - sentAt);
  say(`    sent ${Math.round(sent / took)} events/s, ${probes.length} alerts`);
  say(`    cores used: ${each(cpu, (used) => (used / spent).toFixed(2))}`);
  say(`    cores busy with something else: ${othersCores.toFixed(2)}`);
  const at = (of: Probe['detector'] | null, q: number) => rounded(quantile(latencies(of), q));
  return {
    steady_events_per_second: Math.round(sent / took),
    steady_others_cores: rounded(othersCores, 2),
    raised_p50_ms: rounded(quantile(waits, 0.5)),
    raised_p99_ms: rounded(quantile(waits, 0.99)),
    wall_p50_ms: at(null, 0.5),
    wall_p99_ms: at(null, 0.99),
    wall_quarterly_spend_p50_ms: at('quarterly-spend', 0.5),
    wall_quarterly_spend_p99_ms: at('quarterly-spend', 0.99),
    wall_trace_repeated_p50_ms: at('trace-repeated', 0.5),
    wall_trace_repeated_p99_ms: at('trace-repeated', 0.99),
  };
}

function each(cpu: Record<string, number>, show: (used: number) => string): string {
  return Object.entries(cpu)
    .map(([name, used]) => `${name} ${show(used)}`)
    .join(', ');
}
