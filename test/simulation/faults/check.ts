// What must hold at the end of every simulated world, whatever struck it.
import { createAlerting } from '@yunjian/alerting';
import type { AlertRecord, Finding, RejectedRecord } from '@yunjian/contracts';
import type { Expected } from '../../oracle/documents.ts';
import { identityOracle } from '../../oracle/identity.ts';
import { quarterlyOracle } from '../../oracle/quarterly.ts';
import { traceOracle } from '../../oracle/trace.ts';
import { absences, takenBack } from './absence.ts';
import { untrueMarks } from './marks.ts';
import { LANES_READ, NAMES } from './names.ts';
import { rawEvents } from './raw-events.ts';
import { hashOf, replayLane } from './replay.ts';
import type { World } from './world.ts';

export interface Found {
  failures: string[];
  transitions: Map<string, number>;
  standing: string[];
}

/** Families that have an oracle. */
const JUDGED = new Set([
  'identity-check-missing',
  'verification-unavailable',
  'identity-mismatch',
  'quarterly-spend',
  'trace-repeated',
]);

export function check(world: World): Found {
  const failures: string[] = [];
  const aside: string[] = [];
  const events = rawEvents(world, (origin) => aside.push(origin));
  const { log, latest, transitions } = versions(world, failures);
  decisions(world, log, failures);
  for (const lane of LANES_READ) failures.push(...untrueMarks(world, lane));
  const asOf = replays(world, events, aside, failures);
  setAside(world, aside, failures);
  const expected = [...identityOracle(events), ...quarterlyOracle(events, asOf), ...traceOracle(events)];
  const standing = [...latest.values()]
    .filter(({ state }) => state.raised)
    .flatMap(stands)
    .sort();
  compare(expected.map(told), standing, failures);
  return { failures, transitions, standing };
}

/** One record per version, versions without a hole; a repeat only of the same text. */
function versions(world: World, failures: string[]) {
  const log: string[] = [];
  const texts = new Map<string, string>();
  const latest = new Map<string, AlertRecord>();
  const transitions = new Map<string, number>();
  for (const { value, offset } of world.broker.read(NAMES.alertLog, 0, 0, Number.MAX_SAFE_INTEGER)) {
    const text = (value as Buffer).toString('utf8');
    const alert = JSON.parse(text) as AlertRecord;
    const key = `${alert.alert_id}/${alert.version}`;
    const first = texts.get(key);
    if (first !== undefined) {
      if (first !== text) failures.push(`alert log ${offset}: another record of ${key}: ${first} and ${text}`);
      world.injector.note('alert log repeats a version');
      continue;
    }
    texts.set(key, text);
    log.push(text);
    const before = latest.get(alert.alert_id)?.version ?? 0;
    if (alert.version !== before + 1)
      failures.push(`alert log ${offset}: ${alert.alert_id} goes from version ${before} to ${alert.version}`);
    latest.set(alert.alert_id, alert);
    const what = `${alert.detector} ${alert.transition.action}`;
    transitions.set(what, (transitions.get(what) ?? 0) + 1);
  }
  return { log, latest, transitions };
}

/** Whoever reads lane.alert from its beginning decides what the alert log says. */
function decisions(world: World, log: readonly string[], failures: string[]): void {
  const alerting = createAlerting();
  const again: string[] = [];
  for (const { offset, timestamp, value } of world.broker.read(NAMES.laneAlert, 0, 0, Number.MAX_SAFE_INTEGER)) {
    const finding = JSON.parse((value as Buffer).toString('utf8')) as Finding;
    again.push(...alerting.step(finding, { offset, timestamp }).log.map((alert) => JSON.stringify(alert)));
  }
  const at = again.findIndex((text, i) => text !== log[i]);
  if (at >= 0 || again.length !== log.length)
    failures.push(`alert log, record ${at}: it says ${log[at]}, reading lane.alert again says ${again[at]}`);
}

/** Every lane read again from its beginning says what was said, and holds what the raw topics hold. @returns the settlement clock */
function replays(world: World, events: ReturnType<typeof rawEvents>, aside: string[], failures: string[]): number {
  const said = new Map<number, Finding[]>();
  for (const { value } of world.broker.read(NAMES.laneAlert, 0, 0, Number.MAX_SAFE_INTEGER)) {
    const finding = JSON.parse((value as Buffer).toString('utf8')) as Finding;
    if (finding.cause.processor !== 'detector') continue;
    const list = said.get(finding.cause.partition) ?? [];
    list.push(finding);
    said.set(finding.cause.partition, list);
  }
  let asOf = Number.POSITIVE_INFINITY;
  const merged = new Set<string>();
  for (let partition = 0; partition < world.settings.lanePartitions; partition++) {
    const records = world.broker.read(NAMES.lane('institution'), partition, 0, Number.MAX_SAFE_INTEGER);
    const again = replayLane(world, partition, records);
    for (const origin of again.read) merged.add(origin);
    asOf = Math.min(asOf, again.settlementClock);
    aside.push(...again.conflicts);
    sameFindings(partition, firstOfEachCause(said.get(partition) ?? [], failures), again.findings, failures);
    const standing = world.cores.get(partition);
    if (standing !== undefined && standing.next === records.length && hashOf(standing.core.state) !== again.hash)
      failures.push(`lane ${partition}: the state of its owner is not that of a replay`);
    failures.push(...absences(events, again.raises, partition, world.broker.jumped));
    if (world.city.prompt && !world.broker.jumped) failures.push(...takenBack(events, again.raises, partition));
  }
  for (const { origin, kind } of events)
    if (kind !== 'drug' && !merged.has(`${origin.feed}/${origin.partition}/${origin.offset}`))
      failures.push(`${kind} at ${origin.feed}/${origin.partition}/${origin.offset} never reached lane.institution`);
  return asOf;
}

/** What was refused, and what contradicts an earlier document, lies in `rejected`. */
function setAside(world: World, aside: readonly string[], failures: string[]): void {
  const rejected = new Set<string>();
  for (const { value } of world.broker.read(NAMES.rejected, 0, 0, Number.MAX_SAFE_INTEGER)) {
    const { origin } = JSON.parse((value as Buffer).toString('utf8')) as RejectedRecord;
    if (origin !== null) rejected.add(`${origin.topic}/${origin.partition}/${origin.offset}`);
  }
  for (const origin of aside) if (!rejected.has(origin)) failures.push(`${origin} is not among the rejected`);
}

/** As a reader takes them: what is not above the last taken is dropped, and must be a repeat. */
function firstOfEachCause(findings: readonly Finding[], failures: string[]): Finding[] {
  const taken: Finding[] = [];
  const texts = new Set<string>();
  for (const finding of findings) {
    const text = JSON.stringify(finding);
    if (texts.has(text)) continue;
    const last = taken.at(-1)?.cause;
    const { offset, index } = finding.cause;
    if (last !== undefined && (offset < last.offset || (offset === last.offset && index <= last.index)))
      failures.push(`lane.alert: a reader drops ${text}, which it has never read, behind ${JSON.stringify(last)}`);
    else taken.push(finding);
    texts.add(text);
  }
  return taken;
}

function sameFindings(
  partition: number,
  said: readonly Finding[],
  again: readonly Finding[],
  failures: string[],
): void {
  for (let i = 0; i < Math.max(said.length, again.length); i++) {
    const [was, is] = [JSON.stringify(said[i]), JSON.stringify(again[i])];
    if (was !== is) return void failures.push(`lane ${partition}, finding ${i}: told ${was}, a replay says ${is}`);
  }
}

function told({ detector, institution, subject, tier, level, facts }: Expected): string {
  return line(detector, institution, subject, tier, level, facts?.suspicion);
}

function stands({ detector, fixmedins_code, subject, level, facts }: AlertRecord): string[] {
  return JUDGED.has(detector) ? [line(detector, fixmedins_code, subject.ref, facts.tier, level, facts.suspicion)] : [];
}

function line(...parts: unknown[]): string {
  return parts.map((part) => part ?? '-').join(' ');
}

function compare(expected: readonly string[], standing: readonly string[], failures: string[]): void {
  for (const each of expected) if (!standing.includes(each)) failures.push(`should stand: ${each}`);
  for (const each of standing) if (!expected.includes(each)) failures.push(`should not stand: ${each}`);
}
